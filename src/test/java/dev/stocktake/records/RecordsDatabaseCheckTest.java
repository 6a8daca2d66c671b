package dev.stocktake.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.json.Json;
import dev.stocktake.records.RecordsDatabase.Reading;
import dev.stocktake.records.RecordsDatabase.Relation;
import dev.stocktake.run.LogLines;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordsDatabaseCheckTest {
    private static final String ASSETS = "SELECT storage_key, id AS record_id FROM assets";

    private Database database;

    @BeforeEach
    void create() {
        database = TestServers.databases().create();
    }

    private RecordsDatabase check(String query) {
        try (StartedRecords records = StartedRecords.on(database.url(), query)) {
            return records.check();
        }
    }

    static Stream<Arguments> withAnIndexInByteOrder() {
        return Stream.of(
                Arguments.of("the key", ASSETS, "CREATE INDEX ON assets (storage_key COLLATE \"C\")"),
                Arguments.of("the key and more", ASSETS, "CREATE INDEX ON assets (storage_key COLLATE \"C\", id)"),
                Arguments.of(
                        "the key, unique, of a column in byte order",
                        ASSETS,
                        "ALTER TABLE assets ALTER storage_key TYPE text COLLATE \"C\", ADD UNIQUE (storage_key)"),
                Arguments.of(
                        "as README says",
                        ASSETS,
                        "CREATE INDEX ON assets (storage_key COLLATE \"C\") WHERE octet_length(storage_key) <= 1024"),
                Arguments.of(
                        "of the rows that the query selects",
                        ASSETS + " WHERE deleted_at IS NULL",
                        "CREATE INDEX ON assets (storage_key COLLATE \"C\") WHERE deleted_at IS NULL"),
                Arguments.of(
                        "an expression",
                        "SELECT 'img/' || lower(storage_key) AS storage_key, id AS record_id FROM assets",
                        "CREATE INDEX ON assets (('img/' || lower(storage_key)) COLLATE \"C\")"),
                Arguments.of(
                        "varchar",
                        ASSETS,
                        "ALTER TABLE assets ALTER storage_key TYPE varchar(300);"
                                + " CREATE INDEX ON assets (storage_key COLLATE \"C\")"),
                Arguments.of(
                        "behind a view",
                        "SELECT key AS storage_key, id AS record_id FROM live",
                        "CREATE INDEX ON assets (storage_key COLLATE \"C\");"
                                + " CREATE VIEW live AS SELECT storage_key AS key, id FROM assets"
                                + " WHERE deleted_at IS NULL"),
                Arguments.of(
                        "joined by an index",
                        "SELECT a.storage_key, p.name AS record_id FROM assets a JOIN products p ON p.id = a.id",
                        "CREATE INDEX ON assets (storage_key COLLATE \"C\");"
                                + " CREATE TABLE products (id bigint PRIMARY KEY, name text)"),
                Arguments.of(
                        "two tables",
                        "SELECT storage_key, 'a' || id AS record_id FROM assets"
                                + " UNION ALL SELECT image, 'p' || id FROM products",
                        "CREATE INDEX ON assets (storage_key COLLATE \"C\");"
                                + " CREATE TABLE products (id bigint PRIMARY KEY, image text);"
                                + " CREATE INDEX ON products (image COLLATE \"C\")"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("withAnIndexInByteOrder")
    void anIndexInByteOrderIsRead(String what, String query, String definition) {
        assets();
        database.execute(definition);

        RecordsDatabase found = check(query);

        assertThat(found.reading()).isEqualTo(Reading.INDEX);
        assertThat(found.isCopied()).isFalse();
        assertThat(found.createIndex()).isEmpty();
    }

    static Stream<Arguments> withoutOne() {
        return Stream.of(
                Arguments.of(
                        "no index",
                        ASSETS,
                        "COMMENT ON TABLE assets IS 'no index at all'",
                        List.of("CREATE INDEX CONCURRENTLY ON public.assets (storage_key COLLATE \"C\")"
                                + " WHERE octet_length(storage_key) <= 1024;")),
                Arguments.of(
                        "in the database's own order",
                        ASSETS,
                        "CREATE UNIQUE INDEX ON assets (storage_key)",
                        List.of("CREATE INDEX CONCURRENTLY ON public.assets (storage_key COLLATE \"C\")"
                                + " WHERE octet_length(storage_key) <= 1024;")),
                Arguments.of(
                        "by hash",
                        ASSETS,
                        "CREATE INDEX ON assets USING hash (storage_key COLLATE \"C\")",
                        List.of("CREATE INDEX CONCURRENTLY ON public.assets (storage_key COLLATE \"C\")"
                                + " WHERE octet_length(storage_key) <= 1024;")),
                Arguments.of(
                        "of other rows",
                        ASSETS + " WHERE deleted_at IS NULL",
                        "CREATE INDEX ON assets (storage_key COLLATE \"C\") WHERE id > 7",
                        List.of("CREATE INDEX CONCURRENTLY ON public.assets (storage_key COLLATE \"C\")"
                                + " WHERE octet_length(storage_key) <= 1024;")),
                Arguments.of(
                        "name",
                        ASSETS,
                        "ALTER TABLE assets ALTER storage_key TYPE name USING storage_key::name",
                        List.of("CREATE INDEX CONCURRENTLY ON public.assets (((storage_key)::text) COLLATE \"C\")"
                                + " WHERE octet_length((storage_key)::text) <= 1024;")),
                Arguments.of(
                        "char",
                        ASSETS,
                        "ALTER TABLE assets ALTER storage_key TYPE char(40); CREATE INDEX ON assets (storage_key)",
                        List.of("CREATE INDEX CONCURRENTLY ON public.assets (((storage_key)::text) COLLATE \"C\")"
                                + " WHERE octet_length((storage_key)::text) <= 1024;")),
                Arguments.of(
                        "varchar",
                        ASSETS,
                        "ALTER TABLE assets ALTER storage_key TYPE varchar(300); CREATE INDEX ON assets (storage_key)",
                        List.of("CREATE INDEX CONCURRENTLY ON public.assets (((storage_key)::text) COLLATE \"C\")"
                                + " WHERE octet_length((storage_key)::text) <= 1024;")),
                Arguments.of(
                        "uuid",
                        "SELECT file AS storage_key, id AS record_id FROM assets",
                        "ALTER TABLE assets ADD file uuid; CREATE INDEX ON assets (file)",
                        List.of("CREATE INDEX CONCURRENTLY ON public.assets (((file)::text) COLLATE \"C\")"
                                + " WHERE octet_length((file)::text) <= 1024;")),
                Arguments.of(
                        "odd names",
                        "SELECT \"x.y\".\"The \"\"Key\"\"\" || 'x.y.' AS storage_key, id AS record_id"
                                + " FROM \"My Shop\".\"x.Table\" AS \"x.y\" WHERE id > 3",
                        "CREATE SCHEMA \"My Shop\";"
                                + " CREATE TABLE \"My Shop\".\"x.Table\" (id bigint, \"The \"\"Key\"\"\" text)",
                        List.of("CREATE INDEX CONCURRENTLY ON \"My Shop\".\"x.Table\""
                                + " (((\"The \"\"Key\"\"\" || 'x.y.'::text)) COLLATE \"C\")"
                                + " WHERE octet_length((\"The \"\"Key\"\"\" || 'x.y.'::text)) <= 1024;")),
                Arguments.of(
                        "two tables, one without",
                        "SELECT storage_key, 'a' || id AS record_id FROM assets"
                                + " UNION ALL SELECT 'p/' || image, 'p' || id FROM products AS p",
                        "CREATE INDEX ON assets (storage_key COLLATE \"C\");"
                                + " CREATE TABLE products (id bigint PRIMARY KEY, image text)",
                        List.of("CREATE INDEX CONCURRENTLY ON public.products ((('p/'::text || image)) COLLATE \"C\")"
                                + " WHERE octet_length(('p/'::text || image)) <= 1024;")),
                Arguments.of(
                        "two tables, both without",
                        "SELECT storage_key, record_id FROM (SELECT storage_key, 'a' || id AS record_id, deleted_at"
                                + " FROM assets UNION ALL SELECT image, 'p' || id, NULL FROM products) AS both_of_them"
                                + " WHERE deleted_at IS NULL",
                        "CREATE TABLE products (id bigint PRIMARY KEY, image text)",
                        List.of(
                                "CREATE INDEX CONCURRENTLY ON public.assets (storage_key COLLATE \"C\")"
                                        + " WHERE octet_length(storage_key) <= 1024;",
                                "CREATE INDEX CONCURRENTLY ON public.products (image COLLATE \"C\")"
                                        + " WHERE octet_length(image) <= 1024;")),
                Arguments.of(
                        "two columns of one table",
                        "SELECT large AS storage_key, id AS record_id FROM images"
                                + " UNION ALL SELECT small, id FROM images",
                        "CREATE TABLE images (id bigint PRIMARY KEY, large varchar, small varchar)",
                        List.of(
                                "CREATE INDEX CONCURRENTLY ON public.images (((large)::text) COLLATE \"C\")"
                                        + " WHERE octet_length((large)::text) <= 1024;",
                                "CREATE INDEX CONCURRENTLY ON public.images (((small)::text) COLLATE \"C\")"
                                        + " WHERE octet_length((small)::text) <= 1024;")),
                Arguments.of(
                        "partitions",
                        "SELECT key AS storage_key, id AS record_id FROM parted",
                        "CREATE TABLE parted (id bigint, key text) PARTITION BY RANGE (id);"
                                + " CREATE TABLE p1 PARTITION OF parted FOR VALUES FROM (0) TO (10);"
                                + " CREATE TABLE p2 PARTITION OF parted FOR VALUES FROM (10) TO (20)",
                        List.of(
                                "CREATE INDEX CONCURRENTLY ON public.p1 (key COLLATE \"C\")"
                                        + " WHERE octet_length(key) <= 1024;",
                                "CREATE INDEX CONCURRENTLY ON public.p2 (key COLLATE \"C\")"
                                        + " WHERE octet_length(key) <= 1024;")),
                Arguments.of(
                        "joined by an index",
                        "SELECT a.storage_key, p.name AS record_id FROM assets a JOIN products p ON p.id = a.id",
                        "CREATE TABLE products (id bigint PRIMARY KEY, name text)",
                        List.of("CREATE INDEX CONCURRENTLY ON public.assets (storage_key COLLATE \"C\")"
                                + " WHERE octet_length(storage_key) <= 1024;")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("withoutOne")
    void theStatementThatMakesTheMissingIndexIsPrintedOnceAndMakesIt(
            String what, String query, String definition, List<String> statements) {
        assets();
        database.execute(definition);

        try (StartedRecords records = StartedRecords.on(database.url(), query);
                LogLines log = LogLines.recorded()) {
            RecordsDatabase found = records.check();

            assertThat(found.reading()).isEqualTo(Reading.COPY);
            assertThat(found.createIndex()).isEqualTo(statements);
            assertThat(log.with("No index gives the records in byte order"))
                    .singleElement()
                    .asString()
                    .doesNotContain("\n")
                    .endsWith("Run on the records database: " + String.join(" ", statements));

            found.createIndex().forEach(database::execute);
            RecordsDatabase then = records.check();

            assertThat(then.reading()).isEqualTo(Reading.INDEX);
            assertThat(then.createIndex()).isEmpty();
        }
    }

    static Stream<Arguments> thatNoIndexCanServe() {
        return Stream.of(
                Arguments.of(
                        "other rows for each row", ASSETS + " a WHERE EXISTS (SELECT FROM other o WHERE o.k = a.id)"),
                Arguments.of(
                        "joined without an index",
                        "SELECT storage_key, k AS record_id FROM assets JOIN other ON k = id"),
                Arguments.of(
                        "a WHERE in a branch of a UNION ALL",
                        ASSETS + " UNION ALL SELECT 'o/' || name, k FROM other WHERE k > 3"),
                Arguments.of("DISTINCT", "SELECT DISTINCT storage_key, 1 AS record_id FROM assets"),
                Arguments.of("UNION", ASSETS + " UNION SELECT 'x', k FROM other"),
                Arguments.of(
                        "no table", "SELECT 'k' || i AS storage_key, i AS record_id FROM generate_series(1, 9) AS i"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("thatNoIndexCanServe")
    void whatWouldReadWholeTablesForEveryPageIsCopied(String what, String query) {
        assets();
        database.execute("CREATE INDEX ON assets (storage_key COLLATE \"C\")");
        database.execute("CREATE TABLE other (k bigint, name text)");
        database.execute("CREATE INDEX ON other (('o/'::text || name) COLLATE \"C\")");

        RecordsDatabase found = check(query);

        assertThat(found.reading()).isEqualTo(Reading.COPY);
        assertThat(found.createIndex()).isEmpty();
    }

    @Test
    void whereThePlanDoesNotShowOnWhatTheLogSaysWhatTheIndexMustBe() {
        database.execute("CREATE TABLE assets (id bigint, storage_key text)");
        database.execute("CREATE TABLE images (id bigint, path varchar(100))");

        try (LogLines log = LogLines.recorded()) {
            RecordsDatabase found = check(ASSETS + " UNION ALL SELECT path, id FROM images");

            assertThat(found.createIndex()).isEmpty();
            assertThat(log.with("No index gives the records in byte order"))
                    .singleElement()
                    .asString()
                    .contains("as text COLLATE \"C\"", "in the same type");
        }
    }

    @Test
    void keysThatNoIndexCanHoldDoNotKeepTheIndexFromBeingMade() {
        assets();
        // such as PostgreSQL cannot make short
        database.execute("INSERT INTO assets SELECT 1, string_agg(md5(i::text), '') FROM generate_series(1, 300) AS i");

        try (StartedRecords records = StartedRecords.on(database.url(), ASSETS)) {
            records.check().createIndex().forEach(database::execute);

            assertThat(records.check().reading()).isEqualTo(Reading.INDEX);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20_000})
    void howManyRecordsThereAreDoesNotMatter(int records) {
        assets();
        database.execute("INSERT INTO assets SELECT i, 'key-' || i FROM generate_series(1, " + records + ") AS i");

        assertThat(check(ASSETS).reading()).isEqualTo(Reading.COPY);

        database.execute("CREATE INDEX ON assets (storage_key COLLATE \"C\")");

        assertThat(check(ASSETS).reading()).isEqualTo(Reading.INDEX);
    }

    @Test
    void noPageIsSortedWhereAnIndexGivesTheOrder() throws SQLException {
        assets();
        database.execute("CREATE INDEX ON assets (storage_key COLLATE \"C\")");
        database.execute("INSERT INTO assets SELECT i, 'key-' || i FROM generate_series(1, 50000) AS i");

        try (StartedRecords records = StartedRecords.on(database.url(), ASSETS)) {
            for (String after : List.of("", "key-3", "key-999", "z")) {
                assertThat(records.planOfPage(null, new dev.stocktake.compare.RecordsMarker(after, "7"))
                                .sorts())
                        .as(after)
                        .isFalse();
            }
        }
    }

    @Test
    void tellsWhichServerItIs() {
        assets();

        RecordsDatabase found = check(ASSETS);

        assertThat(found.encoding()).isEqualTo("UTF8");
        assertThat(found.systemIdentifier())
                .isEqualTo(database.sql()
                        .sql("SELECT system_identifier::text FROM pg_control_system()")
                        .query(String.class)
                        .single());
        assertThat(found.timeline()).isEqualTo(1);
        assertThat(found.standby()).isFalse();
        assertThat(found.clock()).isBetween(Instant.now().minus(Duration.ofMinutes(1)), Instant.now());
    }

    @Test
    void aRoleThatMayReadOnlyTheRecordsIsEnoughAndWhatItMayNotAskIsNotKnown() {
        assets();
        String reader = database.name() + "_checker";
        database.execute("CREATE ROLE " + reader + " LOGIN PASSWORD 'reading'");
        database.execute("GRANT SELECT ON assets TO " + reader);
        try (StartedRecords records = StartedRecords.on(database.url(reader, "reading"), database.url(), ASSETS, "")) {
            assertThat(records.check().systemIdentifier()).isNotNull();
            assertThat(records.check().timeline()).isEqualTo(1);

            database.execute("REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM PUBLIC");
            assertThat(records.check().timeline()).isEqualTo(1);

            database.execute("REVOKE EXECUTE ON FUNCTION pg_control_checkpoint() FROM PUBLIC");
            database.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");

            assertThat(records.check().timeline()).isNull();
            assertThat(records.check().systemIdentifier()).isNull();
            assertThat(records.check().reading()).isEqualTo(Reading.COPY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SQL_ASCII", "LATIN1", "EUC_JP"})
    void anEncodingOtherThanUtf8IsRefusedWithTheReason(String encoding) {
        String name = database.name() + "_" + encoding.toLowerCase(java.util.Locale.ROOT);
        database.execute("CREATE DATABASE " + name + " ENCODING '" + encoding
                + "' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
        String url = database.url().replaceAll("/[^/]+$", "/" + name);
        try (StartedRecords records = StartedRecords.on(url, database.url(), "SELECT 'a' AS storage_key", "")) {
            assertThatThrownBy(records::check)
                    .isInstanceOf(UnusableEncodingException.class)
                    .hasMessageContainingAll(
                            "The records database has the encoding " + encoding + " and must have UTF8",
                            "ENCODING 'UTF8'",
                            "DATABASE_URL")
                    .message()
                    .doesNotContain("\n");
        }
    }

    @Test
    void isStoredWithTheRunByTheseNames() throws Exception {
        RecordsDatabase found = new RecordsDatabase(
                "UTF8",
                "7712111267835118410",
                3,
                true,
                Instant.parse("2024-01-15T03:00:00Z"),
                Reading.COPY,
                false,
                List.of(new Relation("public.assets", 16_384, false, "")),
                List.of("created_at"),
                List.of("public.assets_storage_key_idx"),
                List.of("CREATE INDEX …;"));

        assertThat(Json.MAPPER.readTree(Json.MAPPER.writeValueAsString(found))).isEqualTo(Json.MAPPER.readTree("""
                        {"encoding": "UTF8", "system_identifier": "7712111267835118410", "timeline": 3,
                         "standby": true, "clock": "2024-01-15T03:00:00Z", "reading": "copy", "filtered": false,
                         "relations": [{"name": "public.assets", "oid": 16384, "filtered": false, "definition": ""}],
                         "times_without_zone": ["created_at"],
                         "indexes": ["public.assets_storage_key_idx"],
                         "create_index": ["CREATE INDEX …;"]}"""));
    }

    private void assets() {
        database.execute("CREATE TABLE assets (id bigint, storage_key text, deleted_at timestamptz)");
    }
}
