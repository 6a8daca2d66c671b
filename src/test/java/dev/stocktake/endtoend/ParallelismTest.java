package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many ranges are worked at once. */
class ParallelismTest {
    private static final List<String> KEYS = IntStream.range(0, 4000)
            .mapToObj(i -> String.format("folder-%02d/%04d", i % 40, i))
            .toList();

    private final Assets assets = Assets.empty().objects(KEYS).records(KEYS);

    @AfterEach
    void calmDown() {
        assets.store().onList(number -> {});
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 32})
    void asManyRangesAsParallelismSaysAreListedAtOnce(int parallelism) {
        // opens only when all of them have come
        CyclicBarrier together = new CyclicBarrier(parallelism);
        AtomicInteger listedRanges = new AtomicInteger();
        assets.store().onList(number -> {
            long ranges = plannedRanges();
            if (ranges > 0 && listedRanges.incrementAndGet() <= parallelism) {
                assertThat(ranges).isEqualTo(parallelism);
                await(together);
            }
        });

        assertThat(run(parallelism).counts().matched()).isEqualTo(KEYS.size());
        assertThat(listedRanges.get()).isGreaterThanOrEqualTo(parallelism);
        assertThat(together.isBroken()).isFalse();
    }

    private long plannedRanges() {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.range")
                .query(Long.class)
                .single();
    }

    private Run run(int parallelism) {
        Map<String, String> environment = assets.environment();
        environment.put("PARALLELISM", Integer.toString(parallelism));
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment)) {
            Run run = stocktake.run();
            assertThat(run.failure()).isNull();
            return run;
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(30, TimeUnit.SECONDS);
        } catch (BrokenBarrierException | TimeoutException notTogether) {
            throw new IllegalStateException(notTogether);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
