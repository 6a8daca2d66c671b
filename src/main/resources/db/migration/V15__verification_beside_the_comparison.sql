-- a range is compared and its suspects are verified side by side, each with its own turns
ALTER TABLE range ADD COLUMN verification bigint NOT NULL DEFAULT 0;
ALTER TABLE range ADD COLUMN verified json;
UPDATE range SET verified = checkpoint -> 'verified', checkpoint = (checkpoint::jsonb - 'verified')::json;

COMMENT ON COLUMN range.turn IS 'the turns of comparing, so far';
COMMENT ON COLUMN range.verification IS 'the turns of verifying, so far';
COMMENT ON COLUMN range.verified IS 'what became of its suspects, so far; null for none';
