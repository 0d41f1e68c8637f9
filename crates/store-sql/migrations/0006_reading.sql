-- How the last scheduled reading of each terminal ended: when it was asked, when it last answered, how many readings in a
-- row it has left without an answer, and whether the last one was denied.
CREATE TABLE reading (
    terminal BLOB NOT NULL PRIMARY KEY,
    asked_at INTEGER NOT NULL,
    answered_at INTEGER,
    failures INTEGER NOT NULL,
    denied INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
