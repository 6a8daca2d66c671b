package dev.stocktake.cleanup;

import java.util.Map;

/**
 * What became of a plan so far.
 *
 * @param done items that were moved, deleted or marked, as the plan says
 * @param skipped items that were left as they are
 * @param failed items about which it could not be done
 * @param broughtBack of those done, how many were brought back since
 * @param reasons of those skipped and failed, and how many there are of each
 * @param stopped why it went no further; null when it did not stop
 */
public record CleanupResult(
        Plan plan, long done, long skipped, long failed, long broughtBack, Map<String, Long> reasons, String stopped) {
    /** Whether every item of the plan is accounted for. */
    public boolean isWhole() {
        return done + skipped + failed == plan.items();
    }
}
