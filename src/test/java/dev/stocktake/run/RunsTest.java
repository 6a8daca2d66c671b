package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.database.Databases;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;

class RunsTest {
    private static final String COUNTS = "objects, records, matched, matched_records, orphaned_files,"
            + " orphaned_records, too_recent, vanished, directory_markers, invalid, near_matches, orphaned_bytes";

    private final Assets assets = Assets.empty();
    private final ResultsDatabase database = new ResultsDatabase(assets);

    @BeforeEach
    void migrate() {
        Databases.migrate(database);
    }

    @ParameterizedTest
    @ValueSource(strings = {"schedule", "http", "cli"})
    void anOpenedRunIsStoredAsRunning(String trigger) {
        Instant now = Instant.parse("2024-07-15T01:00:00.123456789Z");
        Runs runs = new Runs(
                database,
                "photos",
                "2024/",
                () -> "",
                () -> "",
                Duration.ZERO,
                Clock.fixed(now, ZoneId.of("Europe/Berlin")));

        Run opened = runs.open(trigger).run();

        assertThat(opened.trigger().label()).isEqualTo(trigger);
        assertThat(opened.status()).isEqualTo(Run.Status.RUNNING);
        assertThat(opened.startedAt()).isEqualTo(OffsetDateTime.parse("2024-07-15T01:00:00.123456Z"));
        assertThat(opened.finishedAt()).isNull();
        assertThat(opened.bucket()).isEqualTo("photos");
        assertThat(opened.prefix()).isEqualTo("2024/");
        assertThat(opened.counts()).isNull();
        assertThat(opened.failure()).isNull();
        assertThat(runs.find(opened.id())).contains(opened);
    }

    @Test
    void aRunOfAnUnknownTriggerLeavesNothingBehind() {
        Runs runs = new Runs(database, "photos", "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC());

        assertThatThrownBy(() -> runs.open("telephone"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("trigger must be schedule, http or cli, was: \"telephone\"");
        assertThat(runs.newest(10)).isEmpty();
        assertThat(runs.open("cli").isStopped()).isFalse();
    }

    @Test
    void anUnknownRunIsNotFound() {
        Runs runs = new Runs(database, "photos", "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC());

        assertThat(runs.find(UUID.randomUUID())).isEmpty();
        assertThat(runs.newest(10)).isEmpty();
    }

    @Test
    void theNewestRunsOfAllBucketsComeFirst() {
        Run oldest = at("2024-01-01T00:00:00Z", "photos");
        Run newest = at("2024-03-01T00:00:00Z", "videos");
        Run middle = at("2024-02-01T00:00:00Z", "sounds");
        Runs runs = new Runs(database, "photos", "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC());

        assertThat(runs.newest(10)).containsExactly(newest, middle, oldest);
        assertThat(runs.newest(2)).containsExactly(newest, middle);
    }

    @Test
    void aStoredRunIsReadAsItWasReported() {
        assets.objects("a", "b").records(Arrays.asList("a", "c", "", null));
        Runs runs = new Runs(database, "photos", "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC());
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            Run complete = stocktake.run();
            assets.database().execute("DROP TABLE assets");
            Run incomplete = stocktake.run();

            assertThat(complete.counts()).isEqualTo(new Run.Counts(2, 2, 1, 1, 1, 1, 0, 0, 0, 2, 0, 3));
            assertThat(runs.find(complete.id())).contains(complete);
            assertThat(incomplete.status()).isEqualTo(Run.Status.INCOMPLETE);
            assertThat(runs.find(incomplete.id())).contains(incomplete);
        }
    }

    @Test
    void theTableKeepsWhatARunMayBe() {
        insert("RUNNING", "NULL", "NULL", allCounts("NULL"));
        insert("COMPLETE", "now()", "NULL", allCounts("0"));
        insert("INCOMPLETE", "now()", "'why'", allCounts("NULL"));

        Runs runs = new Runs(database, "photos", "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC());
        assertThat(runs.newest(10))
                .extracting(Run::status)
                .containsExactlyInAnyOrder(Run.Status.RUNNING, Run.Status.COMPLETE, Run.Status.INCOMPLETE);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "RUNNING,    NULL,  NULL,  0",
                "RUNNING,    now(), NULL,  NULL",
                "RUNNING,    NULL,  'why', NULL",
                "COMPLETE,   NULL,  NULL,  0",
                "COMPLETE,   now(), 'why', 0",
                "COMPLETE,   now(), NULL,  NULL",
                "INCOMPLETE, now(), NULL,  NULL",
                "INCOMPLETE, NULL,  'why', NULL",
                "INCOMPLETE, now(), 'why', 0",
                "DONE,       now(), NULL,  0",
            })
    void theTableRefusesWhatNoRunMayBe(String status, String finishedAt, String failure, String count) {
        assertThatThrownBy(() -> insert(status, finishedAt, failure, allCounts(count)))
                .isInstanceOf(DataIntegrityViolationException.class)
                .hasMessageContaining("check constraint");
    }

    @Test
    void theTableRefusesASingleCountThatIsNoFact() {
        for (String name : COUNTS.split(", ", -1)) {
            assertThatThrownBy(() -> insert("COMPLETE", "now()", "NULL", allCountsBut(name, "0", "NULL")))
                    .as("COMPLETE without " + name)
                    .isInstanceOf(DataIntegrityViolationException.class);
            for (Map.Entry<String, List<String>> each : Map.of(
                            "RUNNING", List.of("NULL", "NULL"), "INCOMPLETE", List.of("now()", "'why'"))
                    .entrySet()) {
                assertThatThrownBy(() -> insert(
                                each.getKey(),
                                each.getValue().get(0),
                                each.getValue().get(1),
                                allCountsBut(name, "NULL", "0")))
                        .as(each.getKey() + " with " + name)
                        .isInstanceOf(DataIntegrityViolationException.class);
            }
        }
    }

    @Test
    void completeRunsFromBeforeNearMatchesWereLookedForHaveNone() {
        Assets anew = Assets.empty();
        anew.database().execute("DROP SCHEMA stocktake CASCADE");
        ResultsDatabase earlier = new ResultsDatabase(anew);
        Flyway.configure()
                .dataSource(earlier)
                .schemas("stocktake")
                .target("2")
                .load()
                .migrate();
        JdbcClient.create(earlier).sql("""
                        INSERT INTO stocktake.run (id, trigger, status, started_at, finished_at, bucket, prefix, objects,
                          records, matched, matched_records, orphaned_files, orphaned_records, too_recent,
                          directory_markers, invalid, orphaned_bytes, vanished)
                        VALUES (gen_random_uuid(), 'cli', 'COMPLETE', now(), now(), 'photos', '',
                          3, 2, 2, 2, 1, 0, 0, 0, 0, 9, 0)""").update();

        Databases.migrate(earlier);

        Run run = new Runs(earlier, "photos", "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC())
                .newest(1)
                .get(0);
        assertThat(run.counts()).isEqualTo(new Run.Counts(3, 2, 2, 2, 1, 0, 0, 0, 0, 0, 0, 9));
        assertThat(run.suspicious()).isNull();
    }

    private Run at(String time, String bucket) {
        return new Runs(
                        database,
                        bucket,
                        "",
                        () -> "",
                        () -> "",
                        Duration.ZERO,
                        Clock.fixed(Instant.parse(time), ZoneId.of("UTC")))
                .open("cli")
                .run();
    }

    private void insert(String status, String finishedAt, String failure, String counts) {
        assets.database()
                .sql()
                .sql(
                        "INSERT INTO stocktake.run (id, trigger, status, started_at, finished_at, bucket, prefix, failure, "
                                + COUNTS + ") VALUES (gen_random_uuid(), 'cli', '" + status + "', now(), " + finishedAt
                                + ", 'photos', '', " + failure + ", " + counts + ")")
                .update();
    }

    private static String allCounts(String value) {
        return allCountsBut("none", value, value);
    }

    private static String allCountsBut(String name, String others, String value) {
        return List.of(COUNTS.split(", ", -1)).stream()
                .map(each -> each.equals(name) ? value : others)
                .collect(Collectors.joining(", "));
    }
}
