-- Secrets that the program needs in the clear: keys and passwords of gateways, of the owner's entry, by name. They
-- lie beside the entries, so that nothing that reads an entry can carry one out. A null value is one taken away.

CREATE TABLE secret (
    owner BLOB NOT NULL,
    name TEXT NOT NULL,
    value TEXT,
    PRIMARY KEY (owner, name)
) WITHOUT ROWID, STRICT;
