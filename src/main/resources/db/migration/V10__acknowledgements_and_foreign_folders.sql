ALTER TABLE run ADD COLUMN acknowledged_at timestamptz;
ALTER TABLE run ADD COLUMN acknowledged_by text;
ALTER TABLE run ADD COLUMN acknowledged_reason text;
ALTER TABLE run ADD CHECK (num_nonnulls(acknowledged_at, acknowledged_by, acknowledged_reason) IN (0, 3));
ALTER TABLE run ADD CHECK (acknowledged_at IS NULL OR (status = 'COMPLETE' AND suspicious IS NOT NULL));

COMMENT ON COLUMN run.acknowledged_at IS 'when somebody answered for this suspicious verdict; given once, never changed';
COMMENT ON COLUMN run.acknowledged_by IS 'who did, and from where';
COMMENT ON COLUMN run.acknowledged_reason IS 'why the verdict is right although it is suspicious, in their words';

-- the one definition of what later runs are measured by, whose sightings count, and what a cleanup may follow
ALTER TABLE run ADD COLUMN trusted boolean NOT NULL
    GENERATED ALWAYS AS (status = 'COMPLETE' AND (suspicious IS NULL OR acknowledged_at IS NOT NULL)) STORED;

COMMENT ON COLUMN run.trusted IS 'complete, and either not suspicious or acknowledged; only such a run is a measure';

CREATE FUNCTION refuse_other_acknowledgement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'run % was acknowledged, which cannot be changed', OLD.id USING ERRCODE = 'insufficient_privilege';
END
$$;

-- with what it answers for
CREATE TRIGGER refuse_other_acknowledgement BEFORE UPDATE ON run FOR EACH ROW
WHEN (OLD.acknowledged_at IS NOT NULL
    AND (OLD.status, OLD.suspicious, OLD.acknowledged_at, OLD.acknowledged_by, OLD.acknowledged_reason)
    IS DISTINCT FROM (NEW.status, NEW.suspicious, NEW.acknowledged_at, NEW.acknowledged_by, NEW.acknowledged_reason))
EXECUTE FUNCTION refuse_other_acknowledgement();

ALTER TABLE run ADD COLUMN foreign_folders jsonb;
ALTER TABLE run ADD CHECK (foreign_folders IS NULL OR status = 'COMPLETE');

COMMENT ON COLUMN run.foreign_folders IS
    'folders in which nothing matches and much is orphaned, with the run whose acknowledgement answers for each; NULL for none';
