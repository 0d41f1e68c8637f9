-- First light: the sequence, the journal, entries with index and search, and what stands beside them.
-- Portable types only: INTEGER (64 bits), TEXT (compared by code point), BLOB, REAL. Instants are
-- microseconds since 1970 in UTC, region codes are numbers, ids are 16 bytes.

CREATE TABLE change (
    seq INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    chain BLOB NOT NULL,
    lines INTEGER NOT NULL
) STRICT;

-- Text is NULL once the line was erased; subject and region stay, so that the erasure shows where the line was.
CREATE TABLE journal (
    seq INTEGER NOT NULL,
    line INTEGER NOT NULL,
    digest BLOB NOT NULL,
    subject BLOB NOT NULL,
    region INTEGER NOT NULL,
    text TEXT,
    erased_by INTEGER,
    erased_reason TEXT,
    PRIMARY KEY (seq, line)
) WITHOUT ROWID, STRICT;
CREATE INDEX journal_subject ON journal (subject, seq, line);
CREATE INDEX journal_region ON journal (region, seq, line);

-- Slot is a small number for the entry inside this database, so that index and search rows stay short.
-- Grams holds the entry's search grams, so that a change writes only the difference. Title_order is the
-- beginning of the title, which keeps the index rows small.
CREATE TABLE entry (
    slot INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    region INTEGER NOT NULL,
    state TEXT NOT NULL,
    number TEXT,
    title TEXT NOT NULL,
    title_order TEXT NOT NULL,
    owner BLOB,
    opened_at INTEGER NOT NULL,
    due_at INTEGER,
    closed_at INTEGER,
    version INTEGER NOT NULL,
    lng REAL,
    lat REAL,
    source_system TEXT,
    source_number TEXT,
    revision INTEGER NOT NULL,
    fields TEXT NOT NULL,
    grams BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_id ON entry (id);
-- Region stands behind the order, so that a walk in order passes over other regions within the index.
CREATE INDEX entry_opened ON entry (kind, opened_at, id, region);
CREATE INDEX entry_state ON entry (kind, state, opened_at, id, region);
CREATE INDEX entry_region ON entry (kind, region, opened_at, id);
CREATE INDEX entry_title ON entry (kind, title_order, id);
CREATE INDEX entry_owner ON entry (owner, opened_at) WHERE owner IS NOT NULL;

-- Path is kind and field; value starts with its type: i, r or t; a long text stands there by its digest.
CREATE TABLE entry_index (
    slot INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (slot, ordinal)
) WITHOUT ROWID, STRICT;
CREATE INDEX entry_index_value ON entry_index (path, value, slot);

CREATE TABLE entry_gram (
    gram INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    PRIMARY KEY (gram, slot)
) WITHOUT ROWID, STRICT;

CREATE TABLE held_key (
    key TEXT NOT NULL PRIMARY KEY,
    entry BLOB NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE series (
    name TEXT NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE receipt (
    digest BLOB NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    answer TEXT NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX receipt_until ON receipt (until_at);

CREATE TABLE point_state (
    terminal BLOB NOT NULL,
    part INTEGER NOT NULL,
    system_type INTEGER NOT NULL,
    system_address INTEGER NOT NULL,
    component_address INTEGER NOT NULL,
    analog_type INTEGER NOT NULL,
    component_type INTEGER NOT NULL,
    bits INTEGER NOT NULL,
    event_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (terminal, part, system_type, system_address, component_address, analog_type)
) WITHOUT ROWID, STRICT;

CREATE TABLE frame (
    seq INTEGER NOT NULL,
    line INTEGER NOT NULL,
    terminal BLOB,
    region INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    channel TEXT NOT NULL,
    command INTEGER NOT NULL,
    unit_type INTEGER,
    verdict TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (seq, line)
) WITHOUT ROWID, STRICT;
CREATE INDEX frame_terminal ON frame (terminal, seq, line) WHERE terminal IS NOT NULL;
CREATE INDEX frame_received ON frame (received_at);

CREATE TABLE outbox (
    seq INTEGER NOT NULL,
    line INTEGER NOT NULL,
    topic TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (seq, line)
) WITHOUT ROWID, STRICT;

CREATE TABLE credential (
    account BLOB NOT NULL PRIMARY KEY,
    phc TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE session (
    token_digest BLOB NOT NULL PRIMARY KEY,
    account BLOB NOT NULL,
    opened_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE catalog_revision (
    revision INTEGER NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- One row: the active node. It is there from the start, so that two nodes that claim at once meet on it.
CREATE TABLE lease (
    id INTEGER NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    until_at INTEGER NOT NULL
) STRICT;
INSERT INTO lease (id, holder, epoch, until_at) VALUES (1, '', 0, 0);
