package dev.stocktake.compare;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What is younger is not judged: its other half may just not be there yet.
 *
 * @param length zero judges everything
 */
public record GracePeriod(Duration length) {
    /**
     * Whether something may be too recent. A time without a fraction was perhaps cut to the second, as stores do it, so that
     * it is taken for the end of that second.
     *
     * @param changed when it was made or last changed; null where unknown, which is not too recent
     * @param now by the same clock; null when the clock does not tell
     * @throws PageException when it would have to be judged by a clock that does not tell
     */
    public boolean covers(Instant changed, Instant now) {
        if (changed == null || length.isZero()) {
            return false;
        }
        if (now == null) {
            throw new PageException("The store's answers do not tell its time (no Date header), so that nothing"
                    + " can be judged by its age; set GRACE_PERIOD=0s only if nothing writes to the bucket now");
        }
        boolean cut = changed.equals(changed.truncatedTo(ChronoUnit.SECONDS));
        Instant latest = cut ? changed.plusSeconds(1) : changed;
        return latest.isAfter(now.minus(length));
    }
}
