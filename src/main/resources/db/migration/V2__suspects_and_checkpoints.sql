-- counts of runs from before suspects were verified
ALTER TABLE run ADD COLUMN vanished bigint;
UPDATE run SET vanished = 0 WHERE status = 'COMPLETE';
ALTER TABLE run ADD CHECK ((status = 'COMPLETE') = (vanished IS NOT NULL));
ALTER TABLE run ADD COLUMN proof json;
ALTER TABLE run ADD COLUMN remarks text;
ALTER TABLE run ADD COLUMN comparing text;
ALTER TABLE run ADD COLUMN resumed integer NOT NULL DEFAULT 0;

COMMENT ON COLUMN run.vanished IS 'objects and records that were no longer orphaned when they were verified';
COMMENT ON COLUMN run.proof IS 'each condition of a complete verdict, and whether it holds';
COMMENT ON COLUMN run.remarks IS 'how either side was read, where that was not the plain way; one sentence a line';
COMMENT ON COLUMN run.comparing IS 'the settings that a run must share with an interrupted one to resume it';
COMMENT ON COLUMN run.resumed IS 'how often the run was resumed after an interruption';

CREATE TABLE range (
    run_id uuid NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number integer NOT NULL,
    turn bigint NOT NULL,
    closed boolean NOT NULL,
    checkpoint json NOT NULL,
    PRIMARY KEY (run_id, number)
);

COMMENT ON TABLE range IS 'how far each range of a run under way has come; none of a run that has ended';
COMMENT ON COLUMN range.turn IS 'the turns so far, of comparing and then of verifying';
COMMENT ON COLUMN range.checkpoint IS 'where either side goes on, and the counts so far';

CREATE TABLE suspect (
    run_id uuid NOT NULL,
    range integer NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CHECK (kind IN ('orphaned_file', 'orphaned_record')),
    storage_key text COLLATE "C" NOT NULL,
    record_id text,
    size bigint,
    etag text,
    last_modified timestamptz,
    place bigint NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, range, id),
    FOREIGN KEY (run_id, range) REFERENCES range (run_id, number) ON DELETE CASCADE
);

COMMENT ON TABLE suspect IS 'differences seen once and not yet verified, of runs under way';
COMMENT ON COLUMN suspect.place IS 'how many objects of the range were compared before it';
