-- Lists in the order of a field: place is where the value stands in it, id breaks ties and stands here so that a page is a
-- walk along this index. Only the row of an entry that is sorted by its field has both.
ALTER TABLE entry_index ADD COLUMN place INTEGER;
ALTER TABLE entry_index ADD COLUMN id BLOB;
CREATE INDEX entry_index_place ON entry_index (path, place, id, slot) WHERE place IS NOT NULL;
