package dev.stocktake.cleanup;

import java.util.List;
import java.util.Map;

/**
 * What became of a plan so far.
 *
 * @param done items that were moved, deleted or marked, as the plan says
 * @param skipped items that were left as they are
 * @param failed items about which it could not be done
 * @param broughtBack of those done, how many were brought back since
 * @param purged of those done, how many files were deleted for good since, and never brought back
 * @param failures what failed last, in the order of the plan: also what was moved, and could not be brought back;
 *     the first thousand
 * @param reasons of those skipped and failed, and how many there are of each
 * @param stopped why it went no further; null when it did not stop
 */
public record CleanupResult(
        Plan plan,
        long done,
        long skipped,
        long failed,
        long broughtBack,
        long purged,
        List<Failure> failures,
        Map<String, Long> reasons,
        String stopped) {
    /** More are only in the actions. */
    static final int MOST_FAILURES = 1000;

    public CleanupResult {
        failures = List.copyOf(failures);
    }

    /**
     * An item that failed.
     *
     * @param now the label of where the file was then; null for a record, or where nobody looked
     */
    public record Failure(String storageKey, String now, String reason) {
        /** For people: where it was then. */
        public String where() {
            return now == null ? "unknown" : Whereabouts.words(now);
        }
    }

    /** Whether every item of the plan is accounted for. */
    public boolean isWhole() {
        return done + skipped + failed == plan.items();
    }
}
