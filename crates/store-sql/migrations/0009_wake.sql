-- When the clock of an entry has something to say next, a reminder or an escalation: what is due to speak stands first.
ALTER TABLE entry ADD COLUMN wake_at INTEGER;
CREATE INDEX entry_wake ON entry (kind, wake_at, id) WHERE wake_at IS NOT NULL;
