package dev.stocktake.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.compare.AssetRecord;
import dev.stocktake.compare.RecordsMarker;
import dev.stocktake.database.FromRecordsDatabase;
import dev.stocktake.embedded.AwkwardKeys;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.run.RunInProgress;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecordsCopyTest {
    private static final String ASSETS = "SELECT storage_key, id AS record_id, created_at FROM assets";

    private final Database database = TestServers.databases().create();

    @BeforeEach
    void assets() {
        database.execute("CREATE TABLE assets (id bigint GENERATED ALWAYS AS IDENTITY, storage_key text,"
                + " created_at timestamptz DEFAULT now())");
    }

    private void insert(List<String> keys) {
        keys.forEach(key -> database.sql()
                .sql("INSERT INTO assets (storage_key) VALUES (?)")
                .param(key)
                .update());
    }

    private long count(String query) {
        return database.sql().sql(query).query(Long.class).single();
    }

    @Test
    void fiftyThousandRecordsAndAwkwardKeysAreCopiedByteForByteAndNoPageIsSorted() throws SQLException {
        List<String> awkward = new ArrayList<>(AwkwardKeys.ADDRESSABLE);
        awkward.addAll(AwkwardKeys.WITH_EMPTY_SEGMENTS);
        awkward.addAll(List.of("\\N", "\\.", "\\t", "\\", "\\\\", "\b\f\u000B", "a\tb\\\nc\r\n", "\uD83E\uDD81\uFFFF"));
        insert(awkward);
        database.execute("INSERT INTO assets (storage_key)"
                + " SELECT 'key-' || i % 49000 || E'\\\\\t\n' || chr(65535) || chr(129409)"
                + " FROM generate_series(1, 50000) AS i");
        try (StartedRecords records = StartedRecords.on(database.url(), ASSETS)) {
            RunInProgress running = records.open();

            assertThat(records.copy(running)).isEqualTo(50_000 + awkward.size());

            assertThat(records.copied(running)).isEqualTo(50_000 + awkward.size());
            String original = "SELECT convert_to(storage_key, 'UTF8'), id::text, created_at FROM assets";
            String copy = "SELECT convert_to(storage_key, 'UTF8'), record_id, created_at FROM stocktake.copied_record";
            assertThat(count("SELECT count(*) FROM (" + original + " EXCEPT ALL " + copy + ") AS lost"))
                    .isZero();
            assertThat(count("SELECT count(*) FROM (" + copy + " EXCEPT ALL " + original + ") AS invented"))
                    .isZero();
            List<AssetRecord> pages = records.pages(running);
            assertThat(pages).hasSize(50_000 + awkward.size());
            assertThat(pages.equals(records.pages(null))).isTrue();
            for (String after : List.of("", "key-1", "key-3", "key-7", "key-99")) {
                assertThat(records.planOfPage(running, new RecordsMarker(after, "7"))
                                .sorts())
                        .as(after)
                        .isFalse();
            }
        }
    }

    @Test
    void everyColumnIsAsItIsReadWithoutACopyWhateverTheZoneOfTheDatabase() {
        database.execute("ALTER DATABASE " + database.name() + " SET TimeZone = 'America/New_York'");
        insert(List.of("a", "b"));
        database.execute("ALTER TABLE assets ADD made timestamp DEFAULT '2024-03-10 02:30:00.123456',"
                + " ADD changed date DEFAULT '2024-11-03', ADD bytes numeric DEFAULT 12345678901, ADD tag varchar");
        database.execute(
                "UPDATE assets SET made = NULL, changed = NULL, bytes = NULL, tag = '' WHERE storage_key = 'b'");
        String query = "SELECT storage_key, NULL::uuid AS record_id, made AS created_at, changed AS updated_at,"
                + " bytes AS size, tag AS etag, id AS other FROM assets";
        try (StartedRecords records = StartedRecords.on(database.url(), query)) {
            RunInProgress running = records.open();
            records.copy(running);

            assertThat(records.pages(running)).hasSize(2).isEqualTo(records.pages(null));
            assertThat(database.sql()
                            .sql("SELECT updated_at FROM stocktake.copied_record WHERE storage_key = 'a'")
                            .query(OffsetDateTime.class)
                            .single()
                            .toInstant())
                    .isEqualTo(Instant.parse("2024-11-03T00:00:00Z"));
        }
    }

    @Test
    void columnsThatTheQueryDoesNotGiveAreNotKnown() {
        insert(List.of("a"));
        try (StartedRecords records =
                StartedRecords.on(database.url(), "SELECT storage_key, id AS record_id FROM assets")) {
            RunInProgress running = records.open();
            records.copy(running);

            assertThat(records.pages(running)).hasSize(1).isEqualTo(records.pages(null));
        }
    }

    @Test
    void keysThatCanNameNoObjectAndThoseWithoutThePrefixAreLeftOut() {
        insert(Arrays.asList(null, "", "x".repeat(1025), "img/" + "x".repeat(1020), "img/a", "img", "imh", "IMG/a"));
        try (StartedRecords records = StartedRecords.on(database.url(), database.url(), ASSETS, "")) {
            RunInProgress running = records.open();
            assertThat(records.copy(running)).isEqualTo(5);
            assertThat(records.pages(running)).isEqualTo(records.pages(null));
        }
        try (StartedRecords records = StartedRecords.on(database.url(), database.url(), ASSETS, "img/")) {
            RunInProgress running = records.open();
            assertThat(records.copy(running)).isEqualTo(2);
            assertThat(records.pages(running)).isEqualTo(records.pages(null));
        }
    }

    @Test
    void aRunHasOneCopyHoweverOftenItCopiesAndNoneWhenItEnds() {
        insert(List.of("a", "b"));
        try (StartedRecords records = StartedRecords.on(database.url(), ASSETS)) {
            RunInProgress running = records.open();
            UUID another = UUID.randomUUID();
            database.execute("INSERT INTO stocktake.run (id, trigger, status, started_at, bucket, prefix)"
                    + " VALUES ('" + another + "', 'cli', 'RUNNING', now(), 'another', '')");
            database.execute("INSERT INTO stocktake.copied_record VALUES ('" + another + "', 'a', '1')");
            database.execute("INSERT INTO stocktake.copied_record VALUES (gen_random_uuid(), 'a', '1')");

            records.copy(running);
            database.execute("DELETE FROM assets WHERE storage_key = 'a'");
            assertThat(records.copy(running)).isEqualTo(1);

            assertThat(records.copied(running)).isEqualTo(1);
            assertThat(count("SELECT count(*) FROM stocktake.copied_record")).isEqualTo(2);

            records.deleteCopy(running);

            assertThat(count("SELECT count(*) FROM stocktake.copied_record WHERE run_id = '" + another + "'"))
                    .isEqualTo(count("SELECT count(*) FROM stocktake.copied_record"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aCopyThatFailsInTheMiddleLeavesNothingAndTellsWhichDatabaseFailed() {
        database.execute("INSERT INTO assets (storage_key) SELECT 'k' || i FROM generate_series(1, 40000) AS i");
        String query = "SELECT storage_key, id AS record_id, 1 / (id - 30000) AS size FROM assets";
        try (StartedRecords records = StartedRecords.on(database.url(), query)) {
            RunInProgress running = records.open();

            assertThatThrownBy(() -> records.copy(running))
                    .hasMessageContaining("division by zero")
                    .matches(FromRecordsDatabase::threw);
            assertThat(records.copied(running)).isZero();

            database.execute("DELETE FROM assets WHERE id = 30000");
            database.execute("ALTER TABLE stocktake.copied_record ADD CONSTRAINT no_more CHECK (record_id <> '31000')");
            assertThatThrownBy(() -> records.copy(running))
                    .hasMessageContaining("violates check constraint")
                    .matches(failure -> !FromRecordsDatabase.threw(failure));
            assertThat(records.copied(running)).isZero();

            database.execute("ALTER TABLE stocktake.copied_record DROP CONSTRAINT no_more");
            assertThat(records.copy(running)).isEqualTo(39_999);
        }
    }

    @Test
    void aRunThatIsStoppedStopsCopyingAndKeepsNothing() {
        insert(List.of("a", "b"));
        try (StartedRecords records = StartedRecords.on(database.url(), ASSETS)) {
            RunInProgress running = records.open();
            running.stop(new IllegalStateException("somebody stopped it"));

            assertThatThrownBy(() -> records.copy(running)).hasMessageContaining("somebody stopped it");
            assertThat(records.copied(running)).isZero();
        }
    }

    @Test
    void theTimeThatARoleHasForAStatementDoesNotEndACopy() {
        insert(List.of("a", "b"));
        String reader = database.name() + "_hasty";
        database.execute("CREATE ROLE " + reader + " LOGIN PASSWORD 'reading'");
        database.execute("ALTER ROLE " + reader + " SET statement_timeout = '1s'");
        database.execute("GRANT SELECT ON assets TO " + reader);
        try (StartedRecords records =
                StartedRecords.on(database.url(reader, "reading"), database.url(), ASSETS + ", pg_sleep(1.5)", "")) {
            assertThat(records.copy(records.open())).isEqualTo(2);
        }
    }
}
