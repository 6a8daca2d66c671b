package dev.stocktake.compare;

import java.time.Duration;
import java.time.Instant;

/**
 * Tells times that say how old something is from those that do not: unknown, infinite, or more than a day beyond the clock.
 *
 * @param latest that does
 */
public record Plausible(Instant latest) {
    /** No clock that people go by is further ahead, whatever the zone it is in. */
    private static final Duration FURTHEST = Duration.ofDays(1);

    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    /** Of four digits, as everybody can read it. */
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");

    /**
     * As it is at a time.
     *
     * @param now by the clock of who wrote the times; null when that does not tell
     */
    public static Plausible at(Instant now) {
        return new Plausible(now == null ? LAST : now.plus(FURTHEST));
    }

    /**
     * Whether a time says how old something is.
     *
     * @param time may be null
     */
    public boolean is(Instant time) {
        return time != null && !time.isBefore(FIRST) && !time.isAfter(latest);
    }
}
