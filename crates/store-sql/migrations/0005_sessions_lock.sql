-- A session can be locked without ending, and says where it was opened.
ALTER TABLE session ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN origin TEXT NOT NULL DEFAULT '';
