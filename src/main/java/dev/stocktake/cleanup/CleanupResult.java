package dev.stocktake.cleanup;

import java.util.Map;

/**
 * What became of a plan so far.
 *
 * @param done files that wait in quarantine now
 * @param skipped files that were left where they are
 * @param failed files that could not be moved
 * @param reasons of those skipped and failed, and how many there are of each
 * @param stopped why it went no further; null when it did not stop
 */
public record CleanupResult(
        Plan plan, long done, long skipped, long failed, Map<String, Long> reasons, String stopped) {
    /** Whether every file of the plan is accounted for. */
    public boolean isWhole() {
        return done + skipped + failed == plan.files();
    }
}
