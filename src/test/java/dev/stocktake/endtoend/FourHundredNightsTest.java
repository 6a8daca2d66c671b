package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import dev.stocktake.settings.Purpose;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A year and more of nightly runs that find as many orphans each. What a night finds is copied by SQL from what a real run
 * found, which would take hours 400 times; what comes after a run is real.
 */
class FourHundredNightsTest {
    private static final int NIGHTS = 400;
    /** A night's; {@code -Dnights.findings=10000} takes minutes. */
    private static final int FINDINGS = Integer.getInteger("nights.findings", 300);

    private static final int KEPT_NIGHTS = 90;

    /** Autovacuum, which the tests' server does without, would come about as often. */
    private static final int VACUUM = 10;

    private final Assets assets = Assets.empty();
    private final Night night = new Night();
    private final Map<Integer, Long> sizes = new TreeMap<>();
    private String columns;

    @Test
    void takeTheRoomOfNinetyAndACleanupIsRightAfterThem() {
        List<String> matched =
                IntStream.range(0, 300).mapToObj(i -> "matched-" + i).toList();
        List<String> orphans = keys("long-known", 40);
        orphans.addAll(keys("known-for-150-nights", 20));
        orphans.addAll(keys("uploaded-again-50-nights-ago", 10));
        assets.objects(matched).records(matched).objects(orphans);
        Map<String, String> environment = assets.environment();
        environment.put("AUTO_DELETE_AFTER_DAYS", "200");
        environment.put("CLEANUP_MIN_SIGHTINGS", "100");
        environment.put("CLEANUP_MAX_RATIO", "100");
        try (StartedStocktake stocktake =
                StartedStocktake.start(environment, Path.of("routes"), Purpose.CLEANUP_ASSETS, night)) {
            UUID real = stocktake.run().id();
            prepare(real);
            for (int i = NIGHTS; i > 0; i--) {
                night.ago(i);
                compareByCopy(i);
                stocktake.application().forgetOldFindings();
                if (i % VACUUM == 0) {
                    assets.database().execute("VACUUM stocktake.finding");
                }
                if (i % 50 == 0 || i == 1) {
                    sizes.put(NIGHTS - i, size());
                }
            }
            night.ago(0);
            Run newest = stocktake.run();
            stocktake.application().forgetOldFindings();
            sizes.forEach((nights, bytes) -> System.out.printf(
                    "after %3d nights of %,d findings the schema takes %,.1f MB%n", nights, FINDINGS, bytes / 1e6));

            assertThat(count("SELECT count(*) FROM stocktake.run")).isEqualTo(NIGHTS + 1);
            assertThat(count("SELECT count(DISTINCT run_id) FROM stocktake.finding"))
                    .isBetween((long) KEPT_NIGHTS, KEPT_NIGHTS + 1L);
            assertThat(sizes.get(NIGHTS - 1)).as(sizes.toString()).isLessThan(sizes.get(150) * 5 / 4);

            MadePlan made = plan(stocktake, newest, Duration.ofDays(200));
            assertThat(made.plan().items()).isEqualTo(40);
            assertThat(made.tooYoung()).isEqualTo(30);
            assertThat(foundFirst(stocktake, made.plan())).containsOnly(Map.entry("long-known", 400L));
            MadePlan younger = plan(stocktake, newest, Duration.ofDays(100));
            assertThat(foundFirst(stocktake, younger.plan()))
                    .containsOnly(Map.entry("long-known", 400L), Map.entry("known-for-150-nights", 150L));
            assertThat(younger.tooFewSightings()).isZero();
            assertThat(younger.tooYoung()).as("it was another file before").isEqualTo(10);

            assertThat(stocktake
                            .application()
                            .execute(made.plan(), "somebody", Optional.of(assets.bucket()))
                            .done())
                    .isEqualTo(40);
            assertThat(assets.objectKeys())
                    .filteredOn(key -> !key.startsWith(".stocktake-quarantine"))
                    .hasSize(330);
        }
    }

    /** What every night finds; its files that are no more, or not yet, are orphans of the first nights alone. */
    private void prepare(UUID real) {
        assets.database()
                .execute(
                        "CREATE TABLE found AS SELECT kind, storage_key, size, etag, last_modified FROM stocktake.finding"
                                + " WHERE run_id = '" + real + "'");
        assets.database()
                .execute("INSERT INTO found SELECT 'orphaned_file', lpad(i::text, 5, '0') || '.png',"
                        + " 1000 + i, 'etag-' || i, TIMESTAMPTZ '2020-01-01 00:00Z'"
                        + " FROM generate_series(1, " + FINDINGS + " - (SELECT count(*) FROM found)) AS i");
        assets.database().execute("CREATE TABLE template AS SELECT * FROM stocktake.run WHERE id = '" + real + "'");
        assets.database().execute("DELETE FROM stocktake.run");
        columns = assets.database().sql().sql("""
                        SELECT string_agg(column_name, ', ') FROM information_schema.columns
                        WHERE table_schema = 'stocktake' AND table_name = 'run' AND is_generated = 'NEVER'""").query(String.class).single();
    }

    private void compareByCopy(int daysAgo) {
        UUID id = UUID.randomUUID();
        Timestamp at = Timestamp.from(night.instant());
        assets.database().sql().sql("""
                        UPDATE template SET id = ?, started_at = ?, finished_at = ?, suspicious = NULL,
                          objects = 300 + ?, orphaned_files = ?""").params(id, at, at, FINDINGS, FINDINGS).update();
        assets.database().execute("INSERT INTO stocktake.run (" + columns + ") SELECT " + columns + " FROM template");
        assets.database()
                .sql()
                .sql("""
                        INSERT INTO stocktake.finding (run_id, kind, storage_key, size, etag, last_modified, found_at)
                        SELECT ?, kind, storage_key, size,
                          CASE WHEN storage_key LIKE 'uploaded-again%' AND ? > 50 THEN 'before' ELSE etag END, last_modified, ?
                        FROM found WHERE NOT (storage_key LIKE 'known-for-150%' AND ? > 150)
                          AND NOT (storage_key LIKE 'uploaded-again%' AND ? BETWEEN 51 AND 60)""")
                .params(id, daysAgo, at, daysAgo, daysAgo)
                .update();
    }

    private MadePlan plan(StartedStocktake stocktake, Run run, Duration minAge) {
        return stocktake.application().plan(PlanOrders.ofRun(run.id(), minAge));
    }

    /** By how their keys begin, how many days ago files were found first. */
    private Map<String, Long> foundFirst(StartedStocktake stocktake, Plan plan) {
        return stocktake.application().plans().items(plan.id(), 0, 1_000).stream()
                .collect(Collectors.toMap(
                        item -> item.storageKey().replaceFirst("-number-.*", ""),
                        item -> Duration.between(item.firstFoundAt().toInstant(), Instant.now())
                                .toDays(),
                        (one, other) -> {
                            assertThat(one).isEqualTo(other);
                            return one;
                        }));
    }

    private long size() {
        return count("SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
                + " WHERE relnamespace = 'stocktake'::regnamespace AND relkind = 'r'");
    }

    private long count(String query) {
        return assets.database().sql().sql(query).query(Long.class).single();
    }

    private static List<String> keys(String folder, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> folder + "-number-" + i)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** The clock of the process. */
    private static final class Night extends Clock {
        private volatile Duration ago = Duration.ZERO;

        void ago(int days) {
            ago = Duration.ofDays(days);
        }

        @Override
        public Instant instant() {
            return Instant.now().minus(ago);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
