ALTER TABLE run ADD COLUMN records_database jsonb;

COMMENT ON COLUMN run.records_database IS 'what the records database is, and whether its records were read by index or copy';

-- lost when the server crashes, and then made again: a run proves that it still has all it copied
CREATE UNLOGGED TABLE copied_record (
    run_id uuid NOT NULL,
    storage_key text COLLATE "C" NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    created_at timestamptz,
    size bigint,
    etag text,
    updated_at timestamptz
);

-- without the record id, which may be too long for an index
CREATE INDEX copied_record_storage_key ON copied_record (run_id, storage_key);

COMMENT ON TABLE copied_record IS 'the records of runs under way whose records database has no index in byte order';
