package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many ranges are worked at once. */
class ParallelismTest {
    private static final int RANGES = 16;
    private static final List<String> KEYS = IntStream.range(0, 4000)
            .mapToObj(i -> String.format("folder-%02d/%04d", i % 40, i))
            .toList();

    private final Assets assets = Assets.empty().objects(KEYS).records(KEYS);

    @AfterEach
    void calmDown() {
        assets.store().onList(number -> {});
    }

    @Test
    void sixteenRangesAreListedAtOnce() {
        // opens only when all of them have come; the first two listings are the check's and the planner's
        CyclicBarrier together = new CyclicBarrier(RANGES);
        assets.store().onList(number -> {
            if (number > 2 && number <= 2 + RANGES) {
                await(together);
            }
        });

        assertThat(run().counts().matched()).isEqualTo(KEYS.size());
        assertThat(together.isBroken()).isFalse();
    }

    private Run run() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
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
