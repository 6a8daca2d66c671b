package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.KeyOrder;
import dev.stocktake.embedded.AwkwardKeys;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import dev.stocktake.text.Visible;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys must work as they are: none is mixed up with another, none is lost. */
class AwkwardKeysTest {
    private static final List<String> SERVABLE = inKeyOrder(AwkwardKeys.ADDRESSABLE);
    private static final List<String> ALL =
            inKeyOrder(Stream.concat(AwkwardKeys.ADDRESSABLE.stream(), AwkwardKeys.WITH_EMPTY_SEGMENTS.stream())
                    .toList());

    @Test
    void aKeyOnBothSidesMatchesAndOneOnASingleSideIsFoundAsItIs() {
        Assets assets = Assets.empty();
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            assets.hold(SERVABLE, SERVABLE);
            Run same = stocktake.run();
            assertThat(same.failure()).isNull();
            assertThat(same.counts().matched()).isEqualTo(SERVABLE.size());
            assertThat(same.hasOrphans()).isFalse();

            assets.hold(SERVABLE, List.of());
            Run onlyObjects = stocktake.run();
            assertThat(assets.orphanedFiles(onlyObjects)).isEqualTo(SERVABLE);

            assets.hold(List.of(), SERVABLE);
            Run onlyRecords = stocktake.run();
            assertThat(assets.orphanedRecords(onlyRecords)).isEqualTo(SERVABLE);
        }
    }

    @Test
    void neighboursInTheOrderAreNeverTakenForEachOther() {
        Assets assets = Assets.empty();
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            for (int parity = 0; parity < 2; parity++) {
                List<String> objects = everySecond(SERVABLE, parity);
                List<String> records = everySecond(SERVABLE, 1 - parity);
                assets.hold(objects, records);

                Run run = stocktake.run();

                assertThat(assets.orphanedFiles(run)).isEqualTo(objects);
                assertThat(assets.orphanedRecords(run)).isEqualTo(records);
            }
        }
    }

    @Test
    void keysWithEmptySegmentsAndLeadingSlashesWorkToo() {
        Assets assets = Assets.empty();
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(ALL.toArray(String[]::new)))) {
            Map<String, String> environment = assets.environment();
            environment.put("S3_ENDPOINT", store.endpoint().toString());
            environment.put("S3_BUCKET", SyntheticStore.BUCKET);
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment)) {
                assets.records(ALL);
                Run same = stocktake.run();
                assertThat(same.failure()).isNull();
                assertThat(same.counts().matched()).isEqualTo(ALL.size());

                assets.hold(List.of(), everySecond(ALL, 0));
                assertThat(assets.orphanedFiles(stocktake.run())).isEqualTo(everySecond(ALL, 1));
            }
        }
    }

    /** One application for all of the keys, each in a bucket and a table that hold nothing else. */
    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class OneByOne {
        private final Assets assets = Assets.empty();
        private final StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment());

        @AfterAll
        void stop() {
            stocktake.close();
        }

        static List<Named<String>> keys() {
            return SERVABLE.stream()
                    .map(key -> Named.of(key.length() > 40 ? key.length() + " long" : Visible.text(key), key))
                    .toList();
        }

        @ParameterizedTest
        @MethodSource("keys")
        void aKeyAloneMatchesWhereBothSidesHaveItAndIsFoundWhereOneHas(String key) {
            assets.hold(List.of(key), List.of(key));
            Run both = complete();
            assertThat(both.counts().matched()).isEqualTo(1);
            assertThat(both.counts().matchedRecords()).isEqualTo(1);
            assertThat(both.hasOrphans()).isFalse();

            assets.hold(List.of(key), List.of());
            Run object = complete();
            assertThat(assets.orphanedFiles(object)).containsExactly(key);
            assertThat(assets.orphanedRecords(object)).isEmpty();

            assets.hold(List.of(), List.of(key));
            Run row = complete();
            assertThat(assets.orphanedRecords(row)).containsExactly(key);
            assertThat(assets.orphanedFiles(row)).isEmpty();
        }

        @ParameterizedTest
        @MethodSource("keys")
        void aKeyIsFoundOnEitherSideWhileAnotherIsFoundOnTheOther(String key) {
            String other = "another key";

            assets.hold(List.of(key), List.of(other));
            Run object = complete();
            assertThat(assets.orphanedFiles(object)).containsExactly(key);
            assertThat(assets.orphanedRecords(object)).containsExactly(other);

            assets.hold(List.of(other), List.of(key));
            Run row = complete();
            assertThat(assets.orphanedFiles(row)).containsExactly(other);
            assertThat(assets.orphanedRecords(row)).containsExactly(key);
        }

        private Run complete() {
            Run run = stocktake.run();
            assertThat(run.failure()).isNull();
            return run;
        }
    }

    private static List<String> inKeyOrder(List<String> keys) {
        return keys.stream().sorted(KeyOrder.UTF_8).toList();
    }

    private static List<String> everySecond(List<String> keys, int from) {
        List<String> chosen = new ArrayList<>();
        for (int i = from; i < keys.size(); i += 2) {
            chosen.add(keys.get(i));
        }
        return chosen;
    }
}
