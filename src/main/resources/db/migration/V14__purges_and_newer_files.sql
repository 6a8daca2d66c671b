-- A purge says which plans' files it is about before it deletes any, so that one that was interrupted is known.

ALTER TABLE action DROP CONSTRAINT action_what_check;
ALTER TABLE action ADD CONSTRAINT action_what_check CHECK (what IN (
    'plan', 'confirm', 'quarantine', 'delete', 'save', 'delete_record', 'mark_record', 'end', 'restore',
    'confirm_purge', 'purge', 'end_purge'));

CREATE INDEX action_open_purge ON action (plan_id, number) WHERE what IN ('confirm_purge', 'end_purge');

-- What became of one file is asked file by file, and what other plans did about its key.

DROP INDEX action_saved;
CREATE INDEX action_of_item ON action (plan_id, item);

DROP INDEX plan_item_storage_key;
CREATE INDEX plan_item_storage_key ON plan_item (storage_key, plan_id);
