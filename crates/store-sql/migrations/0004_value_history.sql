-- The history of measured values, and when each terminal was last heard.
-- A series is a short number for one value of one terminal, so that a sample is three small numbers.
-- First_second is the oldest sample of the series: deleting starts there and needs no index by time.

CREATE TABLE sample_series (
    slot INTEGER NOT NULL PRIMARY KEY,
    terminal BLOB NOT NULL,
    system_type INTEGER NOT NULL,
    system_address INTEGER NOT NULL,
    component_address INTEGER NOT NULL,
    analog_type INTEGER NOT NULL,
    first_second INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sample_series_key ON sample_series (terminal, system_type, system_address, component_address, analog_type);
CREATE INDEX sample_series_first ON sample_series (first_second, slot);

-- Second is seconds since 1970, value is raw as sent.
CREATE TABLE sample (
    slot INTEGER NOT NULL,
    second INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (slot, second)
) WITHOUT ROWID, STRICT;

CREATE TABLE heard (
    terminal BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
