package dev.stocktake.progress;

import java.time.Duration;
import java.time.Instant;

/**
 * A moment from which it counts how much has passed. By two clocks: one that nobody sets, and one that goes on while a machine is
 * suspended.
 *
 * @param nanos by {@link System#nanoTime}
 */
public record Moment(long nanos, Instant time) {
    public static Moment now() {
        return new Moment(System.nanoTime(), Instant.now());
    }

    /** What has passed since then, by the clock that says more. */
    public Duration passed() {
        Duration passed = Duration.ofNanos(System.nanoTime() - nanos);
        Duration passedByTheClock = Duration.between(time, Instant.now());
        return passed.compareTo(passedByTheClock) > 0 ? passed : passedByTheClock;
    }
}
