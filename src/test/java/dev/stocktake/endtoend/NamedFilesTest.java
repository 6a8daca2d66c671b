package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Files of a plan that a record names by the time it is executed, under another spelling of their key. */
class NamedFilesTest {
    private final Assets assets = Assets.empty();

    @Test
    void filesThatARecordNamesInAnySpellingByNowSurviveAndAPlainOrphanIsMoved() {
        List<String> matched =
                IntStream.range(0, 30).mapToObj(i -> "matched-" + i).toList();
        assets.objects(matched).records(matched);
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
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MAX_RATIO", "50%");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "50");
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment)) {
            stocktake.run();
            assets.backdateFindings();
            stocktake.run();
            Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
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
