-- Lists in the order of what must be done first: the open ones of a kind, each page along this index.
CREATE INDEX entry_due ON entry (kind, state, due_at, id, region) WHERE due_at IS NOT NULL;
