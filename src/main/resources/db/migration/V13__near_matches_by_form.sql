-- Near matches are found by their form, after up to three steps. Both tables hold rows of transactions under way alone.

CREATE UNLOGGED TABLE near_form (
    run_id uuid NOT NULL,
    form bigint NOT NULL,
    kind text NOT NULL,
    storage_key text COLLATE "C" NOT NULL
);

COMMENT ON TABLE near_form IS 'findings that may have a near match, while a run looks for them';
COMMENT ON COLUMN near_form.form IS 'hash of what is left of the key when all that keys differ by is undone';

CREATE UNLOGGED TABLE near_pair (
    run_id uuid NOT NULL,
    kind text NOT NULL,
    storage_key text COLLATE "C" NOT NULL,
    partner text COLLATE "C" NOT NULL,
    by text NOT NULL,
    rank integer NOT NULL
);

COMMENT ON TABLE near_pair IS 'findings and their near matches, while a run looks for them';
COMMENT ON COLUMN near_pair.rank IS 'the smaller, the likelier';

COMMENT ON COLUMN finding.near_match_by IS
    'the steps by which the two keys agree, up to three with commas between, one after another';
