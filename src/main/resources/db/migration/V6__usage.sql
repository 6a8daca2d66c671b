ALTER TABLE run ADD COLUMN list_requests bigint;
ALTER TABLE run ADD COLUMN head_requests bigint;
ALTER TABLE run ADD COLUMN store_retries bigint;
ALTER TABLE run ADD COLUMN database_retries bigint;
ALTER TABLE run ADD COLUMN cost numeric;
-- all or none, of whatever status: what was asked was asked
ALTER TABLE run ADD CHECK (num_nulls(list_requests, head_requests, store_retries, database_retries, cost) IN (0, 5));

COMMENT ON COLUMN run.list_requests IS 'sent to the store, answered or not';
COMMENT ON COLUMN run.head_requests IS 'sent to the store to ask for one object';
COMMENT ON COLUMN run.store_retries IS 'how often the store was asked again because a fault might pass';
COMMENT ON COLUMN run.database_retries IS 'how often either database was';
COMMENT ON COLUMN run.cost IS 'of the requests by S3_LIST_PRICE_PER_1000 and S3_HEAD_PRICE_PER_1000, in their currency';
