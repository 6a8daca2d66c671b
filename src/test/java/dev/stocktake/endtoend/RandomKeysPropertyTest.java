package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.KeyOrder;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Random sets of awkward keys on both sides, through the real routes, store and database. */
class RandomKeysPropertyTest {
    private static Assets assets;
    private static StartedStocktake stocktake;

    @BeforeContainer
    static void start() {
        assets = Assets.empty();
        stocktake = StartedStocktake.forOneRun(assets.environment());
    }

    @AfterContainer
    static void stop() {
        stocktake.close();
    }

    @Provide
    Arbitrary<Set<String>> keys() {
        return Arbitraries.of(
                        "a",
                        "b",
                        "/b",
                        " ",
                        "+",
                        "%",
                        "%2F",
                        "é",
                        "e\u0301",
                        "\uE000",
                        "\uFFFD",
                        "\uD83D\uDE00",
                        "\n",
                        "\"",
                        "\\")
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .map(parts -> "k" + String.join("", parts))
                .set()
                .ofMaxSize(60);
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void theFindingsAreTheSetDifference(@ForAll("keys") Set<String> objects, @ForAll("keys") Set<String> records) {
        assets.hold(objects, records);

        Run run = stocktake.run();

        assertThat(run.failure()).isNull();
        assertThat(assets.orphanedFiles(run)).isEqualTo(minus(objects, records));
        assertThat(assets.orphanedRecords(run)).isEqualTo(minus(records, objects));
    }

    private static List<String> minus(Set<String> keys, Set<String> others) {
        return keys.stream()
                .filter(key -> !others.contains(key))
                .sorted(KeyOrder.UTF_8)
                .toList();
    }
}
