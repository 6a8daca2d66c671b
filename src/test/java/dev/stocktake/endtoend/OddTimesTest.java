package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Times that say no age, or a wrong one. */
class OddTimesTest {
    private static final String QUERY = "SELECT storage_key, id AS record_id, created_at\n";

    private final CleanableAssets cleanable = new CleanableAssets();
    private final Assets assets = cleanable.assets();

    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        cleanable.close();
    }

    /** How the records are read. */
    enum Read {
        INDEX,
        COPY
    }

    private void read(Read how) {
        if (how == Read.COPY) {
            assets.database().execute("DROP INDEX assets_storage_key_idx");
        }
    }

    private void record(String key, String createdAt) {
        assets.database()
                .execute("INSERT INTO assets (storage_key, created_at) VALUES ('" + key + "', " + createdAt + ")");
    }

    private Run run(Map<String, String> settings) {
        return cleanable.start(settings).run();
    }

    private Stream<String> remarks(Run run, String text) {
        return Stream.ofNullable(run.remarks()).flatMap(String::lines).filter(line -> line.contains(text));
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void anInfiniteTimeIsUnknownSoThatItsRecordIsJudgedAndNoReportShowsIt(Read how) throws IOException {
        read(how);
        record("missing-infinity", "'infinity'");
        record("missing-minus-infinity", "'-infinity'");
        record("missing-mistyped", "'20240-01-10'");
        record("missing-before-christ", "'0044-03-15 BC'");
        record("missing-later", "now() + interval '49 hours'");
        record("missing-tomorrow", "now() + interval '23 hours'");
        record("missing-null", "NULL");
        assets.database().execute("UPDATE assets SET created_at = 'infinity' WHERE storage_key = 'matched-7'");

        Run run = run(Map.of("EXPORT_DIR", folder.toString()));

        assertThat(run.failure()).isNull();
        assertThat(assets.orphanedRecords(run))
                .containsExactly(
                        "missing-before-christ",
                        "missing-infinity",
                        "missing-later",
                        "missing-minus-infinity",
                        "missing-mistyped",
                        "missing-null");
        assertThat(run.counts().tooRecent()).isOne();
        assertThat(run.counts().matched()).isEqualTo(30);
        assertThat(remarks(run, "a time that is infinite, or more than a day beyond"))
                .singleElement()
                .asString()
                .startsWith("6 records have");
        for (String form : List.of("txt", "csv", "ndjson")) {
            assertThat(Files.readString(folder.resolve(run.id() + "." + form)))
                    .contains("missing-infinity")
                    .doesNotContain("292278994", "292275055", "20240", "999999999");
        }
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void whereOneTimeIsUnknownTheOtherOneDecides(Read how) {
        assets.database().execute("ALTER TABLE assets ADD COLUMN updated_at timestamptz");
        read(how);
        List.of("infinity", "-infinity", "20240-01-10")
                .forEach(odd -> List.of("now()", "'2024-01-10'").forEach(plain -> {
                    String name = (plain.equals("now()") ? "recent " : "old ") + odd;
                    assets.database()
                            .execute("INSERT INTO assets (storage_key, created_at, updated_at) VALUES ('" + name
                                    + " updated', " + plain + ", '" + odd + "'), ('" + name + " created', '" + odd
                                    + "', " + plain
                                    + ")");
                }));
        EditedRoutes routes = EditedRoutes.in(folder)
                .replace("records.camel.yaml", QUERY, "SELECT storage_key, id AS record_id, created_at, updated_at\n");

        Run run = cleanable.start(Map.of(), routes).run();

        assertThat(run.failure()).isNull();
        assertThat(assets.orphanedRecords(run)).hasSize(6).allMatch(key -> key.startsWith("old "));
        assertThat(run.counts().tooRecent()).isEqualTo(6);
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT DISTINCT last_modified::date::text FROM stocktake.finding")
                        .query(String.class)
                        .list())
                .containsExactly("2024-01-10");
        assertThat(remarks(run, "12 records have a time that is infinite")).hasSize(1);
    }

    @Test
    void withoutAGracePeriodAnInfiniteTimeDoesNotEndTheRun() {
        record("missing", "'infinity'");
        assets.store().put(assets.bucket(), "file", Instant.now().plus(Duration.ofDays(3)));

        Run run = run(Map.of("GRACE_PERIOD", "0s"));

        assertThat(run.failure()).isNull();
        assertThat(assets.orphanedRecords(run)).containsExactly("missing");
        assertThat(assets.orphanedFiles(run)).containsExactly("file");
    }

    @Test
    void aRecordWithAnInfiniteTimeIsDeletedAndPutBackAsItWas() {
        record("missing", "'infinity'");
        StartedStocktake stocktake = cleanable.start(
                Map.of(), EditedRoutes.in(folder).replace("cleanup-records.camel.yaml", "0: nothing", "0: delete"));
        Plan plan = cleanable.planned(stocktake, PlanOrders.records());

        assertThat(stocktake.application().execute(plan, "somebody").done()).isOne();
        assertThat(createdAt("missing")).isEmpty();
        assertThat(stocktake.restore(plan)).extracting(Restored::outcome).containsExactly(Outcome.DONE);
        assertThat(createdAt("missing")).containsExactly("infinity");
    }

    @Test
    void aRecordWhoseTimeIsKnownByNowIsNotDeleted() {
        record("missing", "'infinity'");
        StartedStocktake stocktake = cleanable.start(
                Map.of(), EditedRoutes.in(folder).replace("cleanup-records.camel.yaml", "0: nothing", "0: delete"));
        Plan plan = cleanable.planned(stocktake, PlanOrders.records());
        assets.database().execute("UPDATE assets SET created_at = '2024-01-10' WHERE storage_key = 'missing'");

        assertThat(stocktake.application().execute(plan, "somebody").skipped()).isOne();
        assertThat(createdAt("missing")).hasSize(1);
    }

    private List<String> createdAt(String key) {
        return assets.database()
                .sql()
                .sql("SELECT created_at::text FROM assets WHERE storage_key = ?")
                .param(key)
                .query(String.class)
                .list();
    }

    @Test
    void aFileFromTheFutureIsTooRecentUntilItHasBeenKnownForTheGracePeriod() {
        Instant future = Instant.now().plus(Duration.ofDays(400)).truncatedTo(ChronoUnit.MILLIS);
        assets.store().put(assets.bucket(), "orphan", future);
        assets.store().put(assets.bucket(), "matched-3", future);
        StartedStocktake stocktake = cleanable.start(Map.of());

        Run first = stocktake.run();
        assertThat(first.failure()).isNull();
        assertThat(first.counts().tooRecent()).isOne();
        assertThat(assets.orphanedFiles(first)).isEmpty();
        assertThat(remarks(first, "2 objects were last modified more than a day beyond the store's clock"))
                .hasSize(1);
        assertThat(stocktake.run().counts().tooRecent())
                .as("known for a moment")
                .isOne();

        knownFor("2 hours");
        assets.store().put(assets.bucket(), "orphan", new byte[] {7, 7}, future);
        assertThat(stocktake.run().counts().tooRecent()).as("overwritten").isOne();

        knownFor("2 hours");
        Run later = stocktake.run();
        assertThat(assets.orphanedFiles(later)).containsExactly("orphan");
        assertThat(stocktake.application().reports().text(later)).contains("  - orphan\n");
        assertThat(stocktake.application().plan(PlanOrders.files()).tooYoung())
                .as("found just now")
                .isOne();

        assets.backdateFindings();
        stocktake.run();
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        assertThat(stocktake.application().execute(plan, "somebody").done()).isOne();
        assertThat(cleanable.keys()).doesNotContain("orphan");
        assertThat(stocktake.restore(plan)).extracting(Restored::outcome).containsExactly(Outcome.DONE);
    }

    @Test
    void aFileFromTheFutureThatGotItsRecordIsForgotten() {
        Instant future = Instant.now().plus(Duration.ofDays(400));
        assets.store().put(assets.bucket(), "new", future);
        StartedStocktake stocktake = cleanable.start(Map.of());
        stocktake.run();
        knownFor("2 hours");
        assets.records("new");
        assertThat(stocktake.run().counts().tooRecent()).isZero();
        assets.database().execute("DELETE FROM assets WHERE storage_key = 'new'");

        assertThat(stocktake.run().counts().tooRecent()).isOne();
    }

    private void knownFor(String interval) {
        assets.database()
                .execute("UPDATE stocktake.undated_file SET first_seen_at = first_seen_at - interval '" + interval
                        + "'");
    }

    @ParameterizedTest(name = "{0}, {1} old: {2}")
    @CsvSource({
        "INDEX, 10 minutes, UTC+05:45, created_at AT TIME ZONE INTERVAL '+05:45' AS created_at",
        "COPY,  10 minutes, UTC+05:45, created_at AT TIME ZONE INTERVAL '+05:45' AS created_at",
        "INDEX, 0 seconds,  UTC+05:45, created_at AT TIME ZONE INTERVAL '+05:45' AS created_at",
    })
    void localTimeIsToldByTheNewestRecordAndGoneWithTheQueryThatTheRemarkSays(
            Read how, String age, String zone, String column) {
        assets.database()
                .execute(
                        "ALTER TABLE assets ALTER COLUMN created_at TYPE timestamp USING created_at AT TIME ZONE 'UTC'");
        record("matched-0", "now() AT TIME ZONE 'Asia/Kathmandu' - interval '" + age + "'");
        record("missing", "now() AT TIME ZONE 'Asia/Kathmandu' - interval '70 minutes'");
        record("too recent", "now() AT TIME ZONE 'Asia/Kathmandu' - interval '50 minutes'");
        read(how);

        Run odd = run(Map.of());
        assertThat(odd.failure()).isNull();
        assertThat(odd.counts().tooRecent()).isEqualTo(2);
        assertThat(remarks(odd, "in the future"))
                .singleElement()
                .asString()
                .contains("local time of " + zone, column, "'Asia/Kathmandu'");
        assertThat(remarks(odd, "The records query gives created_at without a time zone; taken as UTC."))
                .hasSize(1);

        Run right = cleanable
                .start(
                        Map.of(),
                        EditedRoutes.in(folder)
                                .replace("records.camel.yaml", QUERY, QUERY.replace("created_at", column)))
                .run();
        assertThat(right.failure()).isNull();
        assertThat(remarks(right, "in the future")).isEmpty();
        assertThat(remarks(right, "without a time zone")).isEmpty();
        assertThat(assets.orphanedRecords(right)).containsExactly("missing");
        assertThat(right.counts().tooRecent()).isOne();
    }

    @Test
    void localTimeThatWasStoredAsUtcIsToldToo() {
        record("matched-0", "now() + interval '1 hour 50 minutes'");
        String column = "created_at AT TIME ZONE 'UTC' AT TIME ZONE INTERVAL '+02:00' AS created_at";

        assertThat(remarks(run(Map.of()), "1 h 49 min in the future"))
                .singleElement()
                .asString()
                .contains("local time of UTC+02:00", column);

        EditedRoutes routes =
                EditedRoutes.in(folder).replace("records.camel.yaml", QUERY, QUERY.replace("created_at", column));
        assertThat(remarks(cleanable.start(Map.of(), routes).run(), "in the future"))
                .isEmpty();
    }

    @Test
    void aClockThatIsAlmostRightIsNoRemark() {
        record("matched-0", "now() + interval '40 seconds'");

        assertThat(run(Map.of()).remarks()).isNull();
    }

    @Test
    void moreThanAnyZoneIsAheadOfUtcIsAWrongClock() {
        record("matched-0", "now() + interval '20 hours'");

        assertThat(remarks(run(Map.of()), "more than any time zone is ahead of UTC"))
                .hasSize(1);
    }
}
