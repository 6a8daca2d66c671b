ALTER TABLE run ADD COLUMN store jsonb;

COMMENT ON COLUMN run.store IS 'how the store was found to answer, and how the bucket was listed for that';

-- a listing that is out of order, for the time of a run; a crash of the database may empty it, which the run notices
CREATE UNLOGGED TABLE copied_object (
    run_id uuid NOT NULL,
    storage_key text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    etag text,
    last_modified timestamptz NOT NULL,
    page bigint NOT NULL,
    PRIMARY KEY (run_id, storage_key)
);

COMMENT ON COLUMN copied_object.page IS 'of the listing, on which the key came first';
