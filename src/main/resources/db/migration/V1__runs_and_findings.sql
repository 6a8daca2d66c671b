CREATE TABLE run (
    id uuid PRIMARY KEY,
    trigger text NOT NULL CHECK (trigger IN ('schedule', 'http', 'cli')),
    status text NOT NULL CHECK (status IN ('RUNNING', 'COMPLETE', 'INCOMPLETE')),
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    bucket text NOT NULL,
    prefix text NOT NULL,
    objects bigint,
    records bigint,
    matched bigint,
    matched_records bigint,
    orphaned_files bigint,
    orphaned_records bigint,
    too_recent bigint,
    directory_markers bigint,
    invalid bigint,
    orphaned_bytes bigint,
    failure text,
    CHECK ((status = 'RUNNING') = (finished_at IS NULL)),
    CHECK ((status = 'INCOMPLETE') = (failure IS NOT NULL)),
    -- a count is a fact or it is not there
    CHECK ((status = 'COMPLETE') = (num_nulls(
        objects, records, matched, matched_records, orphaned_files, orphaned_records, too_recent, directory_markers,
        invalid, orphaned_bytes) = 0)),
    CHECK ((status = 'COMPLETE') = (num_nonnulls(
        objects, records, matched, matched_records, orphaned_files, orphaned_records, too_recent, directory_markers,
        invalid, orphaned_bytes) > 0))
);

CREATE INDEX run_started_at ON run (started_at DESC, id);

COMMENT ON COLUMN run.matched IS 'objects with at least one record';
COMMENT ON COLUMN run.matched_records IS 'records with their object';
COMMENT ON COLUMN run.too_recent IS 'objects and records younger than the grace period, not judged';
COMMENT ON COLUMN run.directory_markers IS 'empty objects without a record whose key ends in /';
COMMENT ON COLUMN run.invalid IS 'records whose storage key is NULL, empty or over 1,024 bytes';

CREATE TABLE finding (
    id bigint GENERATED ALWAYS AS IDENTITY,
    run_id uuid NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('orphaned_file', 'orphaned_record')),
    storage_key text COLLATE "C" NOT NULL,
    record_id text,
    size bigint,
    etag text,
    last_modified timestamptz,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, storage_key, id)
);

COMMENT ON TABLE finding IS 'of runs that are RUNNING or COMPLETE; an INCOMPLETE run has none';
COMMENT ON COLUMN finding.last_modified IS 'of the object, or when the record was created';

CREATE TABLE lease (
    bucket text NOT NULL,
    prefix text NOT NULL,
    run_id uuid NOT NULL REFERENCES run (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (bucket, prefix)
);

COMMENT ON TABLE lease IS 'who may compare a bucket and prefix now; it ends by itself unless its run renews it';
