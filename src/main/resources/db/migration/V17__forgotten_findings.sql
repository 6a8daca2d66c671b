-- Findings of older runs are deleted; what cleanups need of them stays with the next finding of the same.

ALTER TABLE finding ADD COLUMN forgotten_sightings integer;
ALTER TABLE finding ADD COLUMN forgotten_since timestamptz;
COMMENT ON COLUMN finding.forgotten_sightings IS 'how many trusted runs found the very same before, and do not show it any more; NULL for none';
COMMENT ON COLUMN finding.forgotten_since IS 'when the first of those did';

ALTER TABLE run ADD COLUMN findings_forgotten_at timestamptz;
ALTER TABLE run ADD COLUMN forgetting boolean NOT NULL DEFAULT false;
ALTER TABLE run ADD CHECK (findings_forgotten_at IS NULL OR status = 'COMPLETE');
ALTER TABLE run ADD CHECK (NOT forgetting OR findings_forgotten_at IS NOT NULL);
COMMENT ON COLUMN run.findings_forgotten_at IS 'since when its findings are deleted, or being deleted; NULL where all are there';
COMMENT ON COLUMN run.forgetting IS 'whether some of its findings may still be there to be deleted';

CREATE TABLE keeping (
    bucket text NOT NULL,
    prefix text NOT NULL,
    findings interval,
    bearer uuid,
    PRIMARY KEY (bucket, prefix)
);

COMMENT ON TABLE keeping IS 'KEEP_FINDINGS as the last run of each bucket and prefix had it';
COMMENT ON COLUMN keeping.findings IS 'for how long after the end of their run; NULL for ever';
COMMENT ON COLUMN keeping.bearer IS 'the run with whose findings the sightings of forgotten ones are kept, as far as it found the very same';
