-- Plans and what was done by them outlive the runs that they come from.

CREATE TABLE plan (
    id uuid PRIMARY KEY,
    run_id uuid NOT NULL,
    bucket text NOT NULL,
    prefix text NOT NULL,
    quarantine text NOT NULL,
    records_query text NOT NULL,
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    expires_at timestamptz NOT NULL,
    files bigint NOT NULL,
    bytes bigint NOT NULL,
    hash text NOT NULL UNIQUE
);

COMMENT ON TABLE plan IS 'what somebody may confirm to clean up; never changed';
COMMENT ON COLUMN plan.quarantine IS 'bucket and beginning of the keys to which files are moved';
COMMENT ON COLUMN plan.records_query IS 'SHA-256 of the records query of the run';
COMMENT ON COLUMN plan.hash IS 'SHA-256 of the plan and its items; whoever confirms the plan gives it';

CREATE TABLE plan_item (
    plan_id uuid NOT NULL,
    number bigint NOT NULL,
    storage_key text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    etag text,
    last_modified timestamptz NOT NULL,
    first_found_at timestamptz NOT NULL,
    PRIMARY KEY (plan_id, number)
);

COMMENT ON TABLE plan_item IS 'the files of a plan as they were when the run listed them; never changed';

CREATE TABLE action (
    number bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    made_by text NOT NULL,
    plan_id uuid NOT NULL,
    plan_hash text NOT NULL,
    what text NOT NULL CHECK (what IN ('plan', 'confirm', 'quarantine', 'end', 'restore', 'purge')),
    item bigint,
    storage_key text COLLATE "C",
    seen json,
    outcome text NOT NULL CHECK (outcome IN ('done', 'skipped', 'failed')),
    reason text,
    millis bigint NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL
);

CREATE UNIQUE INDEX action_item ON action (plan_id, what, item) WHERE what = 'quarantine';

COMMENT ON TABLE action IS 'what was done, when, by whom and why, each row chained to the one before; only ever added to';
COMMENT ON COLUMN action.item IS 'of the plan; NULL for what concerns all of it';
COMMENT ON COLUMN action.seen IS 'what was checked and found right before';
COMMENT ON COLUMN action.hash IS 'SHA-256 of previous_hash and every other column of the row';

CREATE FUNCTION action_hash(stocktake.action) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(json_build_array(
        $1.previous_hash, $1.number, extract(epoch FROM $1.at)::text, $1.made_by, $1.plan_id, $1.plan_hash, $1.what,
        $1.item, $1.storage_key, $1.seen::text, $1.outcome, $1.reason, $1.millis)::text, 'UTF8')), 'hex')
$$;

COMMENT ON FUNCTION action_hash IS 'what the column hash must be';

CREATE FUNCTION chain_action() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last stocktake.action;
BEGIN
    -- one after another: each needs the hash of the one before
    PERFORM pg_advisory_xact_lock(hashtextextended('stocktake.action', 0));
    SELECT * INTO last FROM stocktake.action ORDER BY number DESC LIMIT 1;
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.previous_hash := coalesce(last.hash, '');
    NEW.hash := stocktake.action_hash(NEW);
    RETURN NEW;
END
$$;

CREATE TRIGGER chain_action BEFORE INSERT ON action FOR EACH ROW EXECUTE FUNCTION chain_action();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stocktake.% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON action
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON plan
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_item
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

REVOKE UPDATE, DELETE, TRUNCATE ON action, plan, plan_item FROM CURRENT_USER;

ALTER TABLE run ADD COLUMN records_query text;
COMMENT ON COLUMN run.records_query IS 'SHA-256 of the records query';

ALTER TABLE lease ADD COLUMN plan_id uuid;
ALTER TABLE lease ADD COLUMN holder uuid;
COMMENT ON COLUMN lease.plan_id IS 'of the cleanup that holds it, not a run; run_id is then that of the plan''s run';
COMMENT ON COLUMN lease.holder IS 'the one execution of that plan';
