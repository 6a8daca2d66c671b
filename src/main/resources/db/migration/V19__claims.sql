-- Which results schema this is, in a copy of it, too; and what was done about the claims on buckets.

CREATE TABLE schema_identity (
    id uuid NOT NULL
);
CREATE UNIQUE INDEX schema_identity_once ON schema_identity ((true));

COMMENT ON TABLE schema_identity IS 'one random id, made once; the claims that this schema''s cleanups make name it';

CREATE TABLE claim (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    made_by text NOT NULL,
    what text NOT NULL CHECK (what IN ('claim', 'renew', 'take_over', 'release')),
    bucket text NOT NULL,
    prefix text COLLATE "C" NOT NULL,
    renewal uuid,
    before text
);

COMMENT ON TABLE claim IS 'what was done about the claims on buckets, when and by whom; only ever added to';
COMMENT ON COLUMN claim.renewal IS 'what the claim in the bucket holds since then: a copy of this schema that is older does not know it';
COMMENT ON COLUMN claim.before IS 'the object in the bucket as it stood before; NULL where there was none';

CREATE INDEX claim_renewal ON claim (renewal);
CREATE INDEX claim_place ON claim (bucket, prefix, number);

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON claim
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON claim FROM CURRENT_USER;

ALTER TABLE plan ADD COLUMN records_database text;
COMMENT ON COLUMN plan.records_database IS 'host, port and name of the records database; NULL for plans of versions that did not keep it';
