-- A commit says which revision of its conversation it makes; one that was overtaken is refused.
ALTER TABLE conversations ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
-- Words that make a step fail stay in their own draft now, under its key.
DROP TABLE set_aside;
