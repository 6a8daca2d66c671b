package dev.stocktake.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.cleanup.Plans.Terms;
import dev.stocktake.database.Databases;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.records.RecordsQuery;
import dev.stocktake.run.OldFindings;
import dev.stocktake.run.OldFindings.Forgetting;
import dev.stocktake.run.Runs;
import dev.stocktake.settings.CleanupLimits;
import dev.stocktake.settings.DatabaseUrl;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What plans say of a finding must not depend on whether what found it before is forgotten. */
class ForgottenSightingsTest {
    private static final RecordsQuery QUERY = new RecordsQuery("SELECT 1 AS storage_key, 1 AS record_id");
    private static final Duration KEPT = Duration.ofDays(30);

    private final Database database = TestServers.databaseWithSchema();
    private final HikariDataSource results = Databases.results(DatabaseUrl.parse(database.url()), 4);
    private final JdbcClient sql = JdbcClient.create(results);
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private final List<UUID> runs = new ArrayList<>();

    @AfterEach
    void close() {
        results.close();
    }

    @RepeatedTest(8)
    void plansAreTheSameBeforeWhileAndAfterOldFindingsAreForgotten(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int nights = 9;
        for (int night = nights; night >= 0; night--) {
            UUID run = run(night * 10, night > 0 && random.nextInt(4) == 0);
            for (int key = 0; key < 6; key++) {
                if (night == 0 || random.nextInt(3) > 0) {
                    file(run, "key-" + key, random.nextInt(4) == 0 ? 2 : 1, night * 10);
                    for (int same = random.nextInt(3); same >= 0; same--) {
                        record(run, "key-" + key, random.nextInt(2), night * 10);
                    }
                }
            }
        }
        List<String> before = plans();

        OldFindings old = old(2);
        Forgetting forgetting = old.begin();
        List<String> whileForgetting = List.of();
        while (forgetting != null) {
            // the first time in the midst of the first, then less often
            if (whileForgetting.isEmpty() || random.nextInt(10) == 0) {
                whileForgetting = plans();
                assertThat(whileForgetting).isEqualTo(before);
            }
            forgetting = forgetting.isOver() ? old.begin() : old.goOn(forgetting);
        }

        assertThat(plans()).isEqualTo(before);
        assertThat(runsWithFindings()).isBetween(3L, 4L);
    }

    @Test
    void twoProcessesAtOnceHandEverySightingOnOnce() {
        for (int night = 12; night >= 0; night--) {
            UUID run = run(night * 10, false);
            for (int key = 0; key < 50; key++) {
                file(run, "key-" + key, 1, night * 10);
            }
        }
        List<String> before = plans();

        List<CompletableFuture<Void>> processes = IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.runAsync(() -> {
                    while (runsWithFindings() > 3) {
                        forgetAll(old(7));
                    }
                }))
                .toList();
        processes.forEach(CompletableFuture::join);

        assertThat(plans()).isEqualTo(before);
        assertThat(runsWithFindings()).isEqualTo(3);
    }

    @Test
    void whoeverWasKilledInTheMiddleIsGoneOnWithByTheNext() {
        for (int night = 9; night >= 0; night--) {
            UUID run = run(night * 10, false);
            for (int key = 0; key < 20; key++) {
                file(run, "key-" + key, 1, night * 10);
            }
        }
        List<String> before = plans();
        OldFindings killed = old(3);
        killed.goOn(killed.begin());
        assertThat(plans()).isEqualTo(before);
        assertThat(findingsOf(runs.get(0))).isEqualTo(17);

        Forgetting next = old(3).begin();

        assertThat(next.runId()).isEqualTo(runs.get(0));
        forgetAll(old(3));
        assertThat(plans()).isEqualTo(before);
        assertThat(findingsOf(runs.get(0))).isZero();
    }

    @Test
    void theSightingsOfASuspiciousRunDoNotCountAndThoseItCarriesDo() {
        UUID first = run(100, false);
        UUID suspicious = run(35, true);
        UUID newest = run(0, false);
        file(first, "orphan", 1, 100);
        file(suspicious, "orphan", 1, 35);
        file(newest, "orphan", 1, 0);

        assertThat(sightings(newest)).isEqualTo("null since null");
        forgetAll(old(10));

        assertThat(sightings(newest)).isEqualTo("1 since 100");
    }

    @Test
    void whatIsNotFoundAnyMoreIsForgottenAndCountsFromWhenItComesBack() {
        UUID first = run(100, false);
        run(90, false);
        UUID again = run(20, false);
        UUID newest = run(0, false);
        file(first, "gone", 1, 100);
        file(first, "came-back", 1, 100);
        file(again, "came-back", 2, 20);
        file(newest, "came-back", 2, 0);

        forgetAll(old(10));

        assertThat(plans(2).get(0)).contains("came-back " + now.minus(Duration.ofDays(20)));
        assertThat(sql.sql("SELECT count(*) FROM stocktake.finding")
                        .query(Long.class)
                        .single())
                .isEqualTo(2);
    }

    @Test
    void aRunOfWhichAPlanIsBeingMadeIsNotWaitedFor() throws Exception {
        UUID old = run(100, false);
        file(old, "orphan", 1, 100);
        file(run(0, false), "orphan", 1, 0);
        try (var plan = results.getConnection();
                var lock = plan.createStatement()) {
            plan.setAutoCommit(false);
            lock.execute("SELECT FROM stocktake.run WHERE id = '" + old + "' FOR KEY SHARE");

            assertThat(old(10).begin()).isNull();
            plan.rollback();
        }
        assertThat(old(10).begin()).isNotNull();
    }

    @Test
    void theNewestCompleteAndTheNewestTrustedRunOfEachBucketAndPrefixKeepTheirs() {
        UUID older = run(500, false);
        UUID trusted = run(400, false);
        UUID betweenThem = run(350, true);
        UUID suspicious = run(300, true);
        UUID elsewhere = runOf("other", "", 600, false);
        UUID newestElsewhere = runOf("other", "", 500, false);
        UUID below = runOf("bucket", "below/", 500, false);
        runs.forEach(run -> file(run, "orphan", 1, 300));
        forgetAll(new OldFindings(results, "other", "", Optional.empty(), 10, Clock.systemUTC()));
        assertThat(runsWithFindings()).as("kept for ever").isEqualTo(7);

        forgetAll(old(10));
        assertThat(List.of(older, trusted, betweenThem, suspicious, elsewhere, newestElsewhere, below))
                .extracting(this::findingsOf)
                .as("the others by their own setting")
                .containsExactly(0L, 1L, 0L, 1L, 1L, 1L, 1L);

        forgetAll(new OldFindings(results, "other", "", Optional.of(KEPT), 10, Clock.systemUTC()));
        assertThat(List.of(elsewhere, newestElsewhere, below))
                .extracting(this::findingsOf)
                .containsExactly(0L, 1L, 1L);
    }

    @Test
    void onlyWhatBothClocksTakeForOldIsForgotten() {
        file(run(29, false), "orphan", 1, 29);
        file(run(0, false), "orphan", 1, 0);
        Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofDays(5000));
        Clock behind = Clock.offset(Clock.systemUTC(), Duration.ofDays(-5000));

        assertThat(new OldFindings(results, "bucket", "", Optional.of(KEPT), 10, ahead).begin())
                .isNull();
        database.execute(
                "UPDATE stocktake.run SET finished_at = now() - interval '31 days' WHERE id = '" + runs.get(0) + "'");
        assertThat(new OldFindings(results, "bucket", "", Optional.of(KEPT), 10, behind).begin())
                .isNull();
        assertThat(old(10).begin()).isNotNull();
    }

    private OldFindings old(int batch) {
        return new OldFindings(results, "bucket", "", Optional.of(KEPT), batch, Clock.systemUTC());
    }

    private static void forgetAll(OldFindings old) {
        Forgetting forgetting = old.begin();
        while (forgetting != null) {
            forgetting = forgetting.isOver() ? old.begin() : old.goOn(forgetting);
        }
    }

    private String sightings(UUID run) {
        return sql.sql("""
                        SELECT concat_ws(' ', coalesce(forgotten_sightings::text, 'null'), 'since',
                          coalesce(extract(day FROM now() - forgotten_since)::text, 'null'))
                        FROM stocktake.finding WHERE run_id = ?""").param(run).query(String.class).single();
    }

    /** Everything that plans say, by how many sightings they want. */
    private List<String> plans() {
        return IntStream.of(1, 2, 4, 7)
                .boxed()
                .flatMap(sightings -> plans(sightings).stream())
                .toList();
    }

    private List<String> plans(int minSightings) {
        Runs here = new Runs(results, "bucket", "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC());
        Plans plans = new Plans(
                results,
                here,
                new CleanupLimits(minSightings, Duration.ofDays(1), 100, 1_000),
                () -> QUERY,
                "db.example:5432/app",
                Clock.systemUTC());
        Plan.Place place = new Plan.Place("store", "bucket", "", "bucket/quarantine/");
        return List.of(
                said(plans, plans.make(PlanOrders.files(), new Terms(PlannedAction.QUARANTINE, place, List.of(), now))),
                said(
                        plans,
                        plans.make(
                                PlanOrders.records(), new Terms(PlannedAction.DELETE_RECORD, place, List.of(), now))));
    }

    private static String said(Plans plans, MadePlan made) {
        StringBuilder said = new StringBuilder("too young " + made.tooYoung() + ", too few " + made.tooFewSightings());
        plans.items(made.plan().id(), 0, 1_000)
                .forEach(item -> said.append(", ")
                        .append(item.storageKey())
                        .append(' ')
                        .append(item.recordId() == null ? "" : item.recordId() + " ")
                        .append(item.firstFoundAt().toInstant()));
        return said.toString();
    }

    private long findingsOf(UUID run) {
        return sql.sql("SELECT count(*) FROM stocktake.finding WHERE run_id = ?")
                .param(run)
                .query(Long.class)
                .single();
    }

    private long runsWithFindings() {
        return sql.sql("SELECT count(DISTINCT run_id) FROM stocktake.finding")
                .query(Long.class)
                .single();
    }

    private UUID run(int daysAgo, boolean suspicious) {
        return runOf("bucket", "", daysAgo, suspicious);
    }

    private UUID runOf(String bucket, String prefix, int daysAgo, boolean suspicious) {
        UUID id = UUID.randomUUID();
        var at = Timestamp.from(now.minus(Duration.ofDays(daysAgo)));
        sql.sql("""
                        INSERT INTO stocktake.run (id, trigger, status, started_at, finished_at, bucket, prefix, suspicious,
                          records_query, objects, records, matched, matched_records, orphaned_files, orphaned_records,
                          too_recent, vanished, directory_markers, invalid, near_matches, orphaned_bytes)
                        VALUES (?, 'cli', 'COMPLETE', ?, ?, ?, ?, ?, ?, 1000, 1000, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)""")
                .params(id, at, at, bucket, prefix, suspicious ? "odd" : null, QUERY.hash())
                .update();
        runs.add(id);
        return id;
    }

    private void file(UUID run, String key, int version, int daysAgo) {
        finding(run, "orphaned_file", key, null, version, daysAgo);
    }

    private void record(UUID run, String key, int id, int daysAgo) {
        finding(run, "orphaned_record", key, "id-" + id, 0, daysAgo);
    }

    private void finding(UUID run, String kind, String key, String recordId, int version, int daysAgo) {
        sql.sql(
                        "INSERT INTO stocktake.finding (run_id, kind, storage_key, record_id, size, etag, last_modified, found_at)"
                                + " VALUES (?, ?, ?, ?, ?, ?, TIMESTAMPTZ '2020-01-01 00:00Z', ?)")
                .params(
                        run,
                        kind,
                        key,
                        recordId,
                        version == 0 ? null : (long) version,
                        version == 0 ? null : "etag-" + version,
                        Timestamp.from(now.minus(Duration.ofDays(daysAgo))))
                .update();
    }
}
