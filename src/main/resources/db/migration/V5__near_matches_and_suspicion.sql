ALTER TABLE finding ADD COLUMN near_match text COLLATE "C";
ALTER TABLE finding ADD COLUMN near_match_by text;
ALTER TABLE finding ADD CHECK ((near_match IS NULL) = (near_match_by IS NULL));

COMMENT ON COLUMN finding.near_match IS 'the key on the other side that is probably the same asset; never to be cleaned up';
COMMENT ON COLUMN finding.near_match_by IS 'the one step by which the two keys agree';

-- few findings have one, and reports list them apart
CREATE INDEX finding_near_match ON finding (run_id, storage_key, id) WHERE near_match IS NOT NULL;

-- counts of runs from before near matches were looked for
ALTER TABLE run ADD COLUMN near_matches bigint;
UPDATE run SET near_matches = 0 WHERE status = 'COMPLETE';
ALTER TABLE run ADD CHECK ((status = 'COMPLETE') = (near_matches IS NOT NULL));
ALTER TABLE run ADD COLUMN suspicious text;
ALTER TABLE run ADD CHECK (suspicious IS NULL OR status = 'COMPLETE');

COMMENT ON COLUMN run.near_matches IS 'pairs of an orphaned file and an orphaned record that are probably one asset';
COMMENT ON COLUMN run.suspicious IS 'why no cleanup may follow this verdict, one reason a line; NULL where nothing is odd';

CREATE FUNCTION percent_decoded(key text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    bytes bytea;
BEGIN
    SELECT string_agg(
        CASE
            WHEN number = 1 THEN convert_to(part, 'UTF8')
            WHEN part ~ '^[0-9A-Fa-f]{2}' THEN decode(left(part, 2), 'hex') || convert_to(substr(part, 3), 'UTF8')
            ELSE convert_to('%' || part, 'UTF8')
        END, ''::bytea ORDER BY number)
    INTO bytes
    FROM unnest(string_to_array(key, '%')) WITH ORDINALITY AS parts (part, number);
    IF position('\x00'::bytea IN bytes) > 0 THEN
        RETURN NULL;
    END IF;
    RETURN convert_from(bytes, 'UTF8');
EXCEPTION
    WHEN character_not_in_repertoire THEN
        RETURN NULL;
END
$$;

COMMENT ON FUNCTION percent_decoded IS 'a % without two hexadecimal digits stays; NULL for what no text can be';

-- the collation of the keys changes the case of ASCII alone; what knows more depends on version and build
DO $$
DECLARE
    knowing text := (
        SELECT quote_ident(collname) FROM pg_collation
        WHERE collnamespace = 'pg_catalog'::regnamespace AND collname IN ('pg_c_utf8', 'und-x-icu', 'default')
        AND collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))
        ORDER BY array_position(ARRAY['pg_c_utf8', 'und-x-icu', 'default'], collname::text)
        LIMIT 1);
BEGIN
    EXECUTE format(
        'CREATE FUNCTION lower_case(key text) RETURNS text LANGUAGE sql IMMUTABLE STRICT'
        ' AS %L', format('SELECT lower(key COLLATE pg_catalog.%s)', knowing));
END
$$;

COMMENT ON FUNCTION lower_case IS 'of any script, as far as the server knows it';
