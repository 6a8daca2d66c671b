package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.embedded.Behaviour;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that does not answer in time when much is asked of it at once. */
class SlowStoreTest {
    private static final List<String> KEYS = IntStream.range(0, 800)
            .mapToObj(i -> String.format("folder-%02d/%04d", i % 40, i))
            .toList();

    private static final Duration SILENCE = Duration.ofMillis(600);
    /** Four at once are answered in time, sixteen are not. */
    private static final Duration EACH = Duration.ofMillis(150);

    private final Assets assets = Assets.empty().records(KEYS);

    @Test
    void isAskedForLessAtOnceUntilItAnswersInTime(@TempDir Path folder) {
        // nothing but the pace of the requests lets the store catch up
        EditedRoutes routes = EditedRoutes.in(folder).impatient();
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(KEYS.toArray(String[]::new)));
                StartedStocktake stocktake =
                        StartedStocktake.forOneRun(environment(store), routes, http -> http.socketTimeout(SILENCE))) {
            // not the few requests before the ranges, which come one after the other
            store.behave(Behaviour.oneAtATime(EACH)
                    .over(Behaviour.pagesOf(15))
                    .when(request -> request.delimiter().isEmpty()));

            Run run = stocktake.run();

            assertThat(run.failure()).isNull();
            assertThat(run.counts().matched()).isEqualTo(KEYS.size());
        }
    }

    private Map<String, String> environment(SyntheticStore store) {
        Map<String, String> environment = assets.environment();
        environment.put("S3_ENDPOINT", store.endpoint().toString());
        environment.put("S3_BUCKET", SyntheticStore.BUCKET);
        environment.put("PARALLELISM", "16");
        return environment;
    }
}
