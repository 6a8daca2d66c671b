-- A lease also keeps others off while files are brought back or purged, and off every prefix that overlaps.
ALTER TABLE lease ADD COLUMN work text NOT NULL DEFAULT 'run' CHECK (work IN ('run', 'cleanup', 'restore', 'purge'));
UPDATE lease SET work = 'cleanup' WHERE plan_id IS NOT NULL;
ALTER TABLE lease DROP CONSTRAINT lease_run_id_fkey;
ALTER TABLE lease ALTER COLUMN run_id DROP NOT NULL;
COMMENT ON TABLE lease IS 'who may compare a bucket and prefix now, or move files there; it ends by itself unless it is renewed';
COMMENT ON COLUMN lease.work IS 'runs exclude each other at the same prefix, whatever moves files excludes all at overlapping ones';
COMMENT ON COLUMN lease.plan_id IS 'of the cleanup or the undoing that holds it; run_id is then that of the plan''s run';
COMMENT ON COLUMN lease.holder IS 'whoever took it, and no other';

ALTER TABLE plan ADD COLUMN store text;
ALTER TABLE plan ADD COLUMN unconditional boolean NOT NULL DEFAULT false;
ALTER TABLE plan ADD COLUMN beyond_limits boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN plan.store IS 'at which its files are; NULL for plans of versions that did not keep it';
COMMENT ON COLUMN plan.unconditional IS 'whether somebody accepted that the store ignores conditions';
COMMENT ON COLUMN plan.beyond_limits IS 'whether somebody expected exactly so many, whatever the limits';

-- what is there is no object of the bucket, whoever put it there and whatever the settings say now
CREATE TABLE quarantine (
    bucket text NOT NULL,
    prefix text COLLATE "C" NOT NULL,
    known_since timestamptz NOT NULL DEFAULT now(),
    known_by text NOT NULL CHECK (known_by IN ('plan', 'marker')),
    PRIMARY KEY (bucket, prefix)
);

COMMENT ON TABLE quarantine IS 'every quarantine that a plan ever named, or that its marker told of; never compared, never planned';

INSERT INTO quarantine (bucket, prefix, known_by)
SELECT DISTINCT split_part(quarantine, '/', 1),
    left(substr(quarantine, strpos(quarantine, '/') + 1), -(length(plan.id::text) + 1)), 'plan'
FROM plan WHERE quarantine IS NOT NULL;

CREATE INDEX plan_item_storage_key ON plan_item (plan_id, storage_key);
