package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stocktake.endtoend.TruthLedger.Interval;
import dev.stocktake.endtoend.TruthLedger.Orphan;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs go on back to back while an application writes to both sides. A minute by default, {@code -Dchaos.minutes=N} for
 * longer, {@code -Dchaos.seed=N} for the same choices again, {@code -Dchaos.variants=true} for odd stores and databases too.
 *
 * <p>No finding may be of something that was never orphaned for longer than the grace period, by the widest bounds; and no
 * orphan may be missed that has surely been one for the grace period and two runs, by the narrowest.
 */
class LiveTrafficTest {
    private static final Duration LENGTH = Duration.ofMinutes(Long.getLong("chaos.minutes", 1));
    private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());
    private static final int OPERATIONS_PER_MINUTE = Integer.getInteger("chaos.operations", 6000);

    /** Of the HTTP header that tells the store's time. */
    private static final Duration RESOLUTION = Duration.ofSeconds(1);

    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final int FOLDERS = 20;

    private final Assets assets = Assets.empty();
    private final TruthLedger ledger = new TruthLedger();

    @AfterEach
    void repairStore() {
        assets.store().onList(number -> {});
        assets.store().honourStartAfter(true);
    }

    @Test
    void nobodysLiveFileIsAccusedAndNoTrueOrphanIsMissedWhileWritersGoOn(@TempDir Path folder) {
        observe("as shipped", EditedRoutes.in(folder), LENGTH);
    }

    @ParameterizedTest
    @EnumSource
    @EnabledIfSystemProperty(
            named = "chaos.variants",
            matches = "true",
            disabledReason = "run with -Dchaos.variants=true")
    void theSameHoldsWhereASideMustBeReadInAnotherWay(Oddity oddity, @TempDir Path folder) {
        switch (oddity) {
            case NO_INDEX -> assets.database().execute("DROP INDEX assets_storage_key_idx");
            case START_AFTER_IGNORED -> assets.store().honourStartAfter(false);
        }
        observe(oddity.name(), EditedRoutes.in(folder), Duration.ofSeconds(15));
    }

    private enum Oddity {
        NO_INDEX,
        START_AFTER_IGNORED
    }

    private void observe(String variant, EditedRoutes routes, Duration length) {
        // several turns for a range, so that the two sides of it are read at different moments
        routes.replace("storage.camel.yaml", "pageSize: 1000", "pageSize: 50")
                .replace("records.camel.yaml", "FETCH FIRST 1000 ROWS", "FETCH FIRST 50 ROWS");
        SplittableRandom delays = new SplittableRandom(SEED);
        assets.store().onList(number -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delays.nextInt(20))));
        settle();
        Map<String, String> environment = assets.environment();
        environment.put("GRACE_PERIOD", GRACE.toSeconds() + "s");
        environment.put("SETTLE_PERIOD", GRACE.toSeconds() + "s");
        Judge judge = new Judge();
        long operations;
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes);
                LiveTraffic traffic =
                        LiveTraffic.start(assets, ledger, keys("live", 500), OPERATIONS_PER_MINUTE, SEED)) {
            Instant end = Instant.now().plus(length);
            while (Instant.now().isBefore(end)) {
                judge.judge(stocktake);
                ledger.forgetBefore(Instant.now().minus(Duration.ofMinutes(5)));
            }
            operations = traffic.operations().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            System.out.println("Live traffic (" + variant + ", seed " + SEED + "): " + traffic.operations());
            traffic.end();
            Instant quiet = Instant.now().plus(GRACE).plus(RESOLUTION);
            await().atMost(GRACE.plus(Duration.ofSeconds(30)))
                    .until(() -> Instant.now().isAfter(quiet));
            judge.judgeWhenNothingChanges(stocktake);
        }
        long vanished = sum("vanished");
        System.out.printf(
                "Live traffic (%s): %d runs, %d operations in %d s; %d findings checked, %d false; %d true orphans, %d"
                        + " missed; %d suspects vanished, %d too recent%n",
                variant,
                judge.runs,
                operations,
                length.toSeconds(),
                judge.findings,
                judge.falseFindings.size(),
                judge.trueOrphans,
                judge.missed.size(),
                vanished,
                sum("too_recent"));

        assertThat(judge.falseFindings).as("false findings").isEmpty();
        assertThat(judge.missed).as("missed orphans").isEmpty();
        assertThat(operations).as("thousands a minute").isGreaterThan(1000 * length.toSeconds() / 60);
        assertThat(judge.ofLiveKeys).as("findings of keys that writers use").isPositive();
        assertThat(vanished).as("suspects that were none").isPositive();
    }

    /** Assets and orphans that nobody touches. */
    private void settle() {
        List<String> both = keys("settled", 2000);
        List<String> files = keys("old-file", 60);
        List<String> rows = keys("old-row", 60);
        assets.objects(both).objects(files).records(both).records(rows);
        Stream.concat(both.stream(), files.stream()).forEach(key -> ledger.settled(Orphan.file(key), Assets.LONG_AGO));
        assets.database()
                .sql()
                .sql("SELECT storage_key, id::text AS id FROM assets")
                .query((row, number) -> Orphan.row(row.getString("storage_key"), row.getString("id")))
                .list()
                .forEach(row -> ledger.settled(row, Assets.LONG_AGO));
    }

    private static List<String> keys(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> String.format("folder-%02d/%s-%04d", i % FOLDERS, name, i))
                .toList();
    }

    private long sum(String column) {
        return assets.database()
                .sql()
                .sql("SELECT coalesce(sum(" + column + "), 0) FROM stocktake.run")
                .query(Long.class)
                .single();
    }

    /** Holds each run against the ledger. */
    private final class Judge {
        private int runs;
        private long findings;
        private long ofLiveKeys;
        private long trueOrphans;
        private final List<String> falseFindings = new ArrayList<>();
        private final List<String> missed = new ArrayList<>();
        private Duration previous = RESOLUTION;

        void judge(StartedStocktake stocktake) {
            Instant start = Instant.now();
            Set<Orphan> found = run(stocktake);
            Instant end = Instant.now();
            for (Orphan orphan : found) {
                findings++;
                if (orphan.key().contains("/live-")) {
                    ofLiveKeys++;
                }
                List<Interval> possibly = ledger.possibly(orphan);
                if (possibly.stream().noneMatch(interval -> outlastsGrace(interval, start, end))) {
                    falseFindings.add(orphan + " in the run from " + start + " to " + end + ", which may have been an"
                            + " orphan only in " + possibly);
                }
            }
            Instant since = start.minus(GRACE).minus(previous);
            for (Orphan orphan : ledger.surelyOrphanedThroughout(since, end)) {
                trueOrphans++;
                if (!found.contains(orphan)) {
                    missed.add(orphan + " in the run from " + start + " to " + end + ", an orphan in "
                            + ledger.surely(orphan));
                }
            }
            previous = Duration.between(start, end);
        }

        void judgeWhenNothingChanges(StartedStocktake stocktake) {
            Instant start = Instant.now();
            List<Orphan> truth = ledger.surelyOrphanedThroughout(start, start);
            assertThat(run(stocktake)).containsExactlyInAnyOrderElementsOf(truth);
            trueOrphans += truth.size();
            findings += truth.size();
        }

        private Set<Orphan> run(StartedStocktake stocktake) {
            Run run = stocktake.run();
            assertThat(run.failure()).isNull();
            runs++;
            List<Orphan> found = assets.database()
                    .sql()
                    .sql("SELECT storage_key, record_id FROM stocktake.finding WHERE run_id = ?")
                    .param(run.id())
                    .query((row, number) ->
                            new Orphan(row.getString("storage_key"), Optional.ofNullable(row.getString("record_id"))))
                    .list();
            assertThat(found)
                    .as("no finding twice, and as many as were counted")
                    .doesNotHaveDuplicates()
                    .hasSize((int) (run.counts().orphanedFiles() + run.counts().orphanedRecords()));
            return new HashSet<>(found);
        }

        /** Whether at some moment of the run it may have been one for longer than the grace period. */
        private static boolean outlastsGrace(Interval orphaned, Instant start, Instant end) {
            Instant ripe = orphaned.from().plus(GRACE);
            return !ripe.isAfter(end) && !orphaned.to().isBefore(start) && !ripe.isAfter(orphaned.to());
        }
    }
}
