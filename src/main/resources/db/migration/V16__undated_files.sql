CREATE TABLE undated_file (
    bucket text COLLATE "C" NOT NULL,
    storage_key text COLLATE "C" NOT NULL,
    size bigint,
    etag text,
    last_modified timestamptz,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    run_id uuid NOT NULL,
    PRIMARY KEY (bucket, storage_key)
);

COMMENT ON TABLE undated_file IS 'files without a record whose last-modified says no age: they are as old as they are known';
COMMENT ON COLUMN undated_file.last_modified IS 'as the store says, cut to the second; NULL where it does not say';
COMMENT ON COLUMN undated_file.first_seen_at IS 'when a run saw the file first, as it is';
COMMENT ON COLUMN undated_file.run_id IS 'the run that saw it last';
