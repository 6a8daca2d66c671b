-- Plans of records, and of files that are deleted without quarantine.

ALTER TABLE plan RENAME COLUMN files TO items;
ALTER TABLE plan ADD COLUMN action text NOT NULL DEFAULT 'quarantine'
    CHECK (action IN ('quarantine', 'delete', 'delete_record', 'mark_record'));
ALTER TABLE plan ALTER COLUMN action DROP DEFAULT;
ALTER TABLE plan ALTER COLUMN quarantine DROP NOT NULL;
ALTER TABLE plan ADD CHECK ((action = 'quarantine') = (quarantine IS NOT NULL));
COMMENT ON COLUMN plan.action IS 'what is done about each item';
COMMENT ON COLUMN plan.quarantine IS 'bucket and beginning of the keys to which files are moved; NULL where none is';

ALTER TABLE plan_item ADD COLUMN record_id text;
ALTER TABLE plan_item ALTER COLUMN size DROP NOT NULL;
ALTER TABLE plan_item ALTER COLUMN last_modified DROP NOT NULL;
COMMENT ON TABLE plan_item IS 'the findings of a plan as they were when the run found them; never changed';
COMMENT ON COLUMN plan_item.record_id IS 'NULL for a file';
COMMENT ON COLUMN plan_item.last_modified IS 'of the object, or when the record was made or last changed; NULL where unknown';

ALTER TABLE action DROP CONSTRAINT action_what_check;
ALTER TABLE action ADD CONSTRAINT action_what_check CHECK (what IN (
    'plan', 'confirm', 'quarantine', 'delete', 'save', 'delete_record', 'mark_record', 'end', 'restore', 'purge'));
COMMENT ON COLUMN action.what IS 'save is the row of a record, whole, before it is deleted or marked';

DROP INDEX action_item;
CREATE UNIQUE INDEX action_item ON action (plan_id, item)
WHERE what IN ('quarantine', 'delete', 'delete_record', 'mark_record');
CREATE INDEX action_saved ON action (plan_id, item) WHERE what = 'save';
