package dev.stocktake.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.stocktake.progress.Moment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HoldTest {
    private static final Duration LONG = Duration.ofMinutes(3);

    @Test
    void whatWasSeenJustNowIsGoodEnough() {
        Hold hold = seen(Moment.now());

        assertThat(hold.isDue()).isFalse();
        assertThat(hold.left()).isGreaterThan(Duration.ofMinutes(1));
    }

    @Test
    void aProcessThatWasHeldUpDestroysNothingByWhatItSawBefore() {
        Hold hold = seen(new Moment(System.nanoTime() - LONG.toNanos(), Instant.now()));

        assertThat(hold.isDue()).isTrue();
        assertThat(hold.left()).isNegative();
    }

    /** The clock of the JVM stands still meanwhile. */
    @Test
    void noneDoesOnAMachineThatWasSuspended() {
        Hold hold = seen(new Moment(System.nanoTime(), Instant.now().minus(LONG)));

        assertThat(hold.isDue()).isTrue();
        assertThat(hold.left()).isNegative();
    }

    @Test
    void aLookThatWasNotAnsweredIsNone() {
        Hold hold = seen(new Moment(System.nanoTime() - LONG.toNanos(), Instant.now()));

        // there is nobody to answer
        assertThat(catchThrowable(hold::lost)).isNotNull();

        assertThat(hold.isDue()).isTrue();
        assertThat(hold.left()).isNegative();
    }

    /** The look may wait until those that ask how much is left have had their turn at the store. */
    @Test
    void whatIsLeftIsToldWhileSomebodyLooks() throws Exception {
        Hold hold = seen(Moment.now());
        synchronized (hold) {
            assertThat(CompletableFuture.supplyAsync(hold::left).get(30, TimeUnit.SECONDS))
                    .isPositive();
        }
    }

    private static Hold seen(Moment at) {
        return new Hold(null, List.of(), null, at);
    }
}
