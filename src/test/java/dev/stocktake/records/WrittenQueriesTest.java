package dev.stocktake.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.AssetRecord;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.run.RunInProgress;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records queries as people write them are taken as they are, in every statement that they stand in. */
class WrittenQueriesTest {
    private static final Database DATABASE = TestServers.databaseWithSchema();

    /** All of {@code routes/records.camel.yaml}; where one is added, it is tried, too. */
    private static final int STATEMENTS = 6;

    @BeforeAll
    static void fill() {
        DATABASE.execute("CREATE TABLE assets (id bigint, storage_key text, data jsonb)");
        DATABASE.execute(
                "INSERT INTO assets VALUES (1, 'a%20?#', '{\"keys\": [\"a%20?#\", \"b:c\"], \"a\": {\"b\": \"a%20?#\"}}'),"
                        + " (2, 'b:c', '{\"none\": 1}'), (3, NULL, '{}')");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT storage_key, id AS record_id FROM assets;",
                "SELECT storage_key, id AS record_id FROM assets ; -- all of them; really?",
                "SELECT storage_key, -- the key; or what?\n id AS record_id /* :#body :?x ? {a} */\nFROM assets",
                "SELECT jsonb_array_elements_text(data->'keys') AS storage_key, id AS record_id FROM assets",
                "SELECT key AS storage_key, id AS record_id FROM assets, jsonb_array_elements_text(data -> 'keys') AS key",
                "SELECT storage_key, id AS record_id FROM assets WHERE data ? 'keys' OR id = 2",
                "SELECT storage_key, id AS record_id FROM assets WHERE data ?| array['keys', 'none']",
                "SELECT storage_key, id AS record_id FROM assets WHERE data ?& '{keys}'::text[] OR data @> '{\"none\": 1}'",
                "SELECT coalesce(data #>> '{a,b}', storage_key) AS storage_key, id AS record_id FROM assets"
                        + " WHERE data #> '{keys,0}' IS NOT NULL OR id = 2",
                "SELECT make_date(year := 2024, month := 1, day := 1)::timestamptz AS created_at, storage_key, id AS record_id"
                        + " FROM assets",
                "SELECT $k$a%20?#$k$ AS storage_key, 1 AS record_id UNION ALL SELECT $$b:c$$, 2",
                "SELECT E'a%20\\x3f#' AS storage_key, 1 AS record_id UNION ALL SELECT 'b:c', 2",
                "WITH named AS (SELECT * FROM assets WHERE storage_key IS NOT NULL)"
                        + " SELECT storage_key, id AS record_id FROM named",
                "WITH RECURSIVE n AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM n WHERE id < 2)"
                        + " SELECT storage_key, id AS record_id FROM n JOIN assets USING (id)",
                "SELECT DISTINCT ON (storage_key) storage_key, id AS record_id FROM assets ORDER BY storage_key, id DESC",
                "SELECT storage_key, id AS record_id FROM assets ORDER BY id DESC LIMIT 3",
                "SELECT max(storage_key) AS storage_key, id AS record_id FROM assets GROUP BY id",
                "SELECT first_value(storage_key) OVER (PARTITION BY id) AS storage_key, id AS record_id FROM assets",
                "SELECT \"storage_key\", \"id\" AS \"record_id\", 'records_query' AS \"odd?\" FROM \"assets\"",
                "TABLE assets_as_records",
                "VALUES ('a%20?#', 1), ('b:c', 2)",
            })
    void areTaken(String query) throws Exception {
        DATABASE.execute("CREATE OR REPLACE VIEW assets_as_records AS SELECT storage_key, id AS record_id FROM assets");
        DATABASE.execute("DELETE FROM stocktake.lease");
        String named =
                query.startsWith("VALUES") ? "SELECT * FROM (" + query + ") AS v (storage_key, record_id)" : query;
        try (StartedRecords records = StartedRecords.on(DATABASE.url(), named)) {
            records.check();
            RunInProgress running = records.open();

            records.copy(running);

            assertThat(records.prepareAll()).isEqualTo(STATEMENTS);
            assertThat(records.pages(null)).extracting(AssetRecord::storageKey).containsExactly("a%20?#", "b:c");
            assertThat(records.pages(running))
                    .extracting(AssetRecord::storageKey)
                    .containsExactly("a%20?#", "b:c");
        }
    }
}
