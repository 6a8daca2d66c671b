package dev.stocktake.cleanup;

import java.util.Optional;

/**
 * What the route file lets happen to orphaned records once a plan of them was confirmed.
 *
 * @param allowed {@code nothing}, {@code delete} or {@code mark}
 */
public record OrphanedRecords(String allowed) {
    /** As the route file comes. */
    public static final OrphanedRecords NOTHING = new OrphanedRecords("nothing");

    /**
     * Refuses any other word.
     *
     * @throws IllegalArgumentException for another word
     */
    public OrphanedRecords {
        if (!allowed.equals("nothing") && !allowed.equals("delete") && !allowed.equals("mark")) {
            throw new IllegalArgumentException(
                    "what may happen to orphaned records must be nothing, delete or mark, was: \"" + allowed + "\"");
        }
    }

    /** Whether anything may happen to them. */
    public boolean letsRecordsChange() {
        return action().isPresent();
    }

    /** Empty for nothing. */
    Optional<PlannedAction> action() {
        return switch (allowed) {
            case "delete" -> Optional.of(PlannedAction.DELETE_RECORD);
            case "mark" -> Optional.of(PlannedAction.MARK_RECORD);
            default -> Optional.empty();
        };
    }
}
