package dev.stocktake.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.progress.Moment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

    private static Hold seen(Moment at) {
        return new Hold(null, List.of(), null, at);
    }
}
