package dev.stocktake.cleanup;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.stocktake.text.Visible;

/**
 * A record of a plan on its way to being deleted or marked.
 *
 * @param wasSaved whether its row was saved by an execution that was interrupted
 * @param row all its columns as a JSON object; null until they were read
 * @param isDue whether its object was looked for in vain at this moment
 * @param records how many rows of the records query are this record; null until they were asked
 */
public record CleanupRecord(
        PlanItem item,
        boolean wasSaved,
        String row,
        boolean isDue,
        Integer records,
        Outcome outcome,
        String reason,
        long begunAt)
        implements CleanupItem {

    /**
     * What was found right before.
     *
     * @param row all columns of it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Seen(
            String recordId, Integer records, @JsonRawValue String row) {}

    static CleanupRecord of(PlanItem item, boolean wasSaved) {
        return new CleanupRecord(item, wasSaved, null, false, null, null, null, System.nanoTime());
    }

    @Override
    public Seen seen() {
        return new Seen(item.recordId(), records, row);
    }

    /** When it was made or last changed, as ISO 8601 in UTC; null where that is unknown. */
    public String lastModified() {
        return item.lastModified() == null ? null : item.lastModified().toString();
    }

    /** Its key and its id as a person or a terminal may read them. */
    public String visibleName() {
        return Visible.text(item.storageKey()) + " (record " + Visible.text(item.recordId()) + ")";
    }

    @Override
    public String line() {
        return switch (outcome) {
                    case DONE -> "record cleaned up: ";
                    case SKIPPED -> "record left as it is: ";
                    case FAILED -> "record could not be cleaned up: ";
                }
                + visibleName()
                + (reason == null ? "" : " (" + reason + ")");
    }

    CleanupRecord foundTimes(int rows) {
        return new CleanupRecord(item, wasSaved, row, isDue, rows, outcome, reason, begunAt);
    }

    CleanupRecord withRow(String columns) {
        return new CleanupRecord(item, wasSaved, columns, isDue, records, outcome, reason, begunAt);
    }

    CleanupRecord withoutObject() {
        return new CleanupRecord(item, wasSaved, row, true, records, outcome, reason, begunAt);
    }

    CleanupRecord done() {
        return ended(Outcome.DONE, reason);
    }

    /** Not there as it was found. */
    CleanupRecord changed(String why) {
        return ended(
                Outcome.SKIPPED,
                wasSaved
                        ? why + "; an execution of this plan that was interrupted saved its row, and may have done it"
                        : why);
    }

    CleanupRecord skipped(String why) {
        return ended(Outcome.SKIPPED, why);
    }

    CleanupRecord failed(String why) {
        return ended(Outcome.FAILED, why);
    }

    private CleanupRecord ended(Outcome how, String why) {
        return new CleanupRecord(item, wasSaved, row, isDue, records, how, why, begunAt);
    }
}
