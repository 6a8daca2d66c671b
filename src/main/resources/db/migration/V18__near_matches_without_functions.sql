-- Keys are decoded and freed of their case outside of the database.
DROP FUNCTION IF EXISTS percent_decoded(text);
DROP FUNCTION IF EXISTS lower_case(text);

COMMENT ON COLUMN finding.near_match IS 'the key of a record, or of a file, that is probably the same asset; never to be cleaned up';
COMMENT ON COLUMN run.near_matches IS 'pairs of an orphaned file and a record, orphaned or not compared, that are probably one asset';
