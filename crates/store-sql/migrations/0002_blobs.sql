-- Plan pictures and photographs, by the SHA-256 of their bytes in hexadecimal digits, in parts of 64 KiB: a
-- backup and a standby carry them a bounded piece at a time. Who shows one holds the key blob/<name>/<entry>.

CREATE TABLE blob (
    name TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    stored_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX blob_stored ON blob (stored_at, name);

CREATE TABLE blob_part (
    name TEXT NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (name, part)
) STRICT;
