package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BetweenRoutes;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a plan that a record names by the time it is executed, under another spelling of their key. */
class NamedFilesTest {
    private final Assets assets = Assets.empty();

    @BeforeEach
    void enoughThatIsMatched() {
        List<String> matched =
                IntStream.range(0, 30).mapToObj(i -> "matched-" + i).toList();
        assets.objects(matched).records(matched);
    }

    @Test
    void filesThatARecordNamesInAnySpellingByNowSurviveAndAPlainOrphanIsMoved() {
        Map<String, String> recordsOfFiles = Map.of(
                "photo.png", "PHOTO.png",
                "cdn/film.mov", "https://cdn.example.org/cdn/film.mov",
                "c.png", "c.png?v=3",
                "assets/c.png", "https://cdn.example.com/assets/c.png?v=3",
                "a long one.png", "https://cdn.example.com/a%20long%20one.png?signature=" + "0".repeat(2000),
                "a b.png", "a%20b.png",
                "caf\u00E9.png", "cafe\u0301.png",
                "CAF%C3%89.png", "caf\u00C9.png",
                "exact.png", "exact.png");
        assets.objects(recordsOfFiles.keySet()).objects("orphan.png");
        try (StartedStocktake stocktake = start()) {
            Plan plan = planOfTwoRuns(stocktake);
            assertThat(plan.items()).isEqualTo(recordsOfFiles.size() + 1);
            assets.records(recordsOfFiles.values());

            CleanupResult result = stocktake.application().execute(plan, "somebody");

            assertThat(result.done()).isOne();
            assertThat(result.isWhole()).isTrue();
            assertThat(assets.objectKeys()).containsAll(recordsOfFiles.keySet()).doesNotContain("orphan.png");
            assertThat(reasons())
                    .containsAllEntriesOf(Map.of(
                            "photo.png", "the record \"PHOTO.png\" probably names it (case)",
                            "cdn/film.mov",
                                    "the record \"https://cdn.example.org/cdn/film.mov\" probably names it"
                                            + " (bucket or host prefix)",
                            "c.png", "the record \"c.png?v=3\" probably names it (query and fragment)",
                            "assets/c.png",
                                    "the record \"https://cdn.example.com/assets/c.png?v=3\" probably names it"
                                            + " (bucket or host prefix, query and fragment)",
                            "a b.png", "the record \"a%20b.png\" probably names it (percent decoding)",
                            "exact.png", "the record \"exact.png\" names it"))
                    .hasSize(recordsOfFiles.size());
        }
    }

    @Test
    void aFileThatWasMovedBeforeAnInterruptionComesBackWhereARecordNamesItNearly() {
        assets.objects("photo.png");
        try (StartedStocktake stocktake = start()) {
            Plan plan = planOfTwoRuns(stocktake);
            // what a process does that is killed before it says so
            String quarantined = ".stocktake-quarantine/" + plan.id() + "/photo.png";
            assets.store()
                    .client()
                    .copyObject(copy -> copy.sourceBucket(assets.bucket())
                            .sourceKey("photo.png")
                            .destinationBucket(assets.bucket())
                            .destinationKey(quarantined));
            assets.store().delete(assets.bucket(), "photo.png");
            assets.records("PHOTO.png");

            CleanupResult result = stocktake.application().execute(plan, "somebody");

            assertThat(result.skipped()).isOne();
            assertThat(assets.objectKeys())
                    .as("its copy stays until it is purged")
                    .contains("photo.png", quarantined);
            assertThat(reasons())
                    .containsEntry("photo.png", "the record \"PHOTO.png\" probably names it (case); it was put back");
        }
    }

    @Test
    void aRecordThatComesWhileAFileIsMovedIsNamedToo(@TempDir Path folder) {
        assets.objects("photo.png");
        EditedRoutes routes = BetweenRoutes.before(
                EditedRoutes.in(folder),
                "cleanup.camel.yaml",
                "Nor may one have come meanwhile",
                () -> assets.records("/photo.png"));
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment(), routes)) {
            stocktake.application().execute(planOfTwoRuns(stocktake), "somebody");

            assertThat(assets.objectKeys()).contains("photo.png");
            assertThat(reasons())
                    .containsEntry(
                            "photo.png",
                            "the record \"/photo.png\" probably names it (leading slash); it was put back");
        }
    }

    private StartedStocktake start() {
        return StartedStocktake.forOneRun(environment());
    }

    private Map<String, String> environment() {
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MAX_RATIO", "50%");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "50");
        return environment;
    }

    private Plan planOfTwoRuns(StartedStocktake stocktake) {
        stocktake.run();
        assets.backdateFindings();
        stocktake.run();
        return stocktake.application().plan(PlanOrders.files()).plan();
    }

    /** Why files were left where they are, by their key. */
    private Map<String, String> reasons() {
        return assets
                .database()
                .sql()
                .sql(
                        "SELECT storage_key, reason FROM stocktake.action WHERE what = 'quarantine' AND outcome = 'skipped'")
                .query((row, number) -> Map.entry(row.getString(1), row.getString(2)))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
