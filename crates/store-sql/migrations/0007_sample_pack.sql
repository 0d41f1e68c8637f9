-- Measured values of days that are over, one row for a day of a series instead of one for each value: a row costs 99 bytes
-- on PostgreSQL, of which the value is four. Packed holds seconds and raw values, each as the difference to the one before.
-- Loose_second is not younger than the oldest value that still lies in a row of its own; 0 says that nobody has looked yet.

CREATE TABLE sample_pack (
    slot INTEGER NOT NULL,
    day INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (slot, day)
) WITHOUT ROWID, STRICT;

ALTER TABLE sample_series ADD COLUMN loose_second INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sample_series_loose ON sample_series (loose_second, slot);
