package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.Purges.Purge;
import dev.stocktake.cleanup.Purges.Purged;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole day's work in a database whose transactions are, unless somebody says otherwise, not those it is written for. */
class DefaultIsolationTest {
    private static final int HALF = 250;
    private static final int RECORDS = 150;

    private final Assets assets = Assets.empty();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"serializable", "repeatable read"})
    void runsPlansExecutionsAndRestoresDoNotDependOnTheDefaultOfTheDatabase(String isolation) {
        assets.database()
                .execute("ALTER DATABASE " + assets.database().name() + " SET default_transaction_isolation = '"
                        + isolation + "'");
        List<String> matched =
                IntStream.range(0, 900).mapToObj(i -> "matched-" + i).toList();
        List<String> orphans =
                IntStream.range(0, 2 * HALF).mapToObj(i -> "orphan-" + i).toList();
        assets.objects(matched).records(matched).objects(orphans);
        assets.records(IntStream.range(0, RECORDS).mapToObj(i -> "missing-" + i).toList());
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MAX_RATIO", "100%");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "100");
        EditedRoutes routes = EditedRoutes.in(folder).replace("cleanup-records.camel.yaml", "0: nothing", "0: delete");
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
            stocktake.run();
            assets.backdateFindings();
            Run run = stocktake.run();
            assertThat(run.failure()).isNull();
            assertThat(run.usage().databaseRetries()).as("asked again").isZero();
            assertThat(run.counts().orphanedFiles()).isEqualTo(2 * HALF);
            assertThat(run.counts().orphanedRecords()).isEqualTo(RECORDS);

            Plan plan = plan(stocktake, orphans.subList(0, HALF));
            CleanupResult moved = stocktake.application().execute(plan, "somebody");
            assertThat(moved.done()).as(moved.toString()).isEqualTo(HALF);
            List<Restored> restored = stocktake.restore(plan);
            assertThat(restored).hasSize(HALF).allMatch(file -> file.outcome() == Outcome.DONE);
            assertThat(assets.objectKeys()).containsAll(orphans);

            Plan other = plan(stocktake, orphans.subList(HALF, 2 * HALF));
            assertThat(stocktake.application().execute(other, "somebody").done())
                    .isEqualTo(HALF);
            Purge due = stocktake.application().purges().due(Duration.ZERO);
            List<Purged> purged = stocktake.application().purge(due, "somebody");
            assertThat(purged).hasSize(HALF).allMatch(file -> file.outcome() == Outcome.DONE);

            Plan ofRecords = stocktake.application().plan(PlanOrders.records()).plan();
            CleanupResult deleted = stocktake.application().execute(ofRecords, "somebody");
            assertThat(deleted.done()).as(deleted.toString()).isEqualTo(RECORDS);
            assertThat(stocktake.restore(ofRecords))
                    .hasSize(RECORDS)
                    .allMatch(record -> record.outcome() == Outcome.DONE);

            assertThat(stocktake.application().actions().verify().broken()).isEmpty();
            assertThat(stocktake.application().actions().verify().rows())
                    .as("two actions of each plan, its end, two of a purge, and one of each step of an item")
                    .isEqualTo(9 + 2 + 4L * HALF + 3L * RECORDS);
        }
    }

    private static Plan plan(StartedStocktake stocktake, List<String> keys) {
        return stocktake
                .application()
                .plan(PlanOrders.ofKeys(keys.toArray(String[]::new)))
                .plan();
    }
}
