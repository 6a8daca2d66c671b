package dev.stocktake.compare;

import java.time.Duration;
import java.time.Instant;

/**
 * What is younger is not judged: its other half may just not be there yet.
 *
 * @param length zero judges everything
 */
public record GracePeriod(Duration length) {
    /**
     * Whether something is too recent.
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
        return changed.isAfter(now.minus(length));
    }
}
