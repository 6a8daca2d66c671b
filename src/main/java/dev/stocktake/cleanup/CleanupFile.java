package dev.stocktake.cleanup;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.stocktake.storage.Presence;
import dev.stocktake.storage.Quarantine.Move;
import dev.stocktake.text.Visible;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A file of a plan on its way into quarantine.
 *
 * @param move from where to where
 * @param stage how far it has come
 * @param isReferenced whether a record was seen to name it, or nearly so
 * @param seen of the file outside, and how it was deleted; what was found right before
 * @param outcome what became of it; null while it is open
 * @param reason why it was not moved, or what is worth knowing; null for nothing
 * @param remark how its copy was made, where that is out of the ordinary; null for nothing
 * @param begunAt by {@link System#nanoTime}
 */
public record CleanupFile(
        PlanItem item,
        Move move,
        Stage stage,
        boolean isReferenced,
        Seen seen,
        Outcome outcome,
        String reason,
        String remark,
        long begunAt)
        implements CleanupItem {

    /** How far a file has come. */
    public enum Stage {
        OUTSIDE,
        /** Still outside, and copied where it is to be. */
        READY,
        MOVED
    }

    /**
     * What was found right before, and right after where that was looked at.
     *
     * @param conditional whether the store itself refuses to delete another file; null where nothing was deleted
     * @param records how many records name the file, or nearly so
     * @param etagAfter of another file that was there when this one had been deleted; null for none
     * @param now where a file is that failed; null for the others
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Seen(
            Long size,
            String etag,
            Instant lastModified,
            Boolean conditional,
            Integer records,
            String etagAfter,
            String now) {
        static final Seen NOTHING = new Seen(null, null, null, null, null, null, null);

        Seen with(Presence.Present outside, boolean byCondition) {
            return new Seen(
                    outside.size(), outside.etag(), outside.lastModified(), byCondition, records, etagAfter, now);
        }

        Seen withRecords(int found) {
            return new Seen(size, etag, lastModified, conditional, found, etagAfter, now);
        }

        Seen withAfter(Presence.Present other) {
            return new Seen(size, etag, lastModified, conditional, records, other.etag(), now);
        }

        Seen withNow(Whereabouts where) {
            return new Seen(size, etag, lastModified, conditional, records, etagAfter, where.label());
        }
    }

    static CleanupFile of(PlanItem item, Move move) {
        return new CleanupFile(item, move, Stage.OUTSIDE, false, Seen.NOTHING, null, null, null, System.nanoTime());
    }

    /** One that was moved before. */
    static CleanupFile ofMoved(PlanItem item, Move move) {
        return new CleanupFile(item, move, Stage.MOVED, false, Seen.NOTHING, null, null, null, System.nanoTime());
    }

    /** Whether it is open and all that has to be done before it is deleted is done. */
    public boolean isReady() {
        return isOpen() && stage == Stage.READY;
    }

    /** Whether it is open and in quarantine only. */
    public boolean isMoved() {
        return isOpen() && stage == Stage.MOVED;
    }

    @Override
    public String line() {
        return switch (outcome) {
                    case DONE -> move.isIntoQuarantine() ? "moved into quarantine: " : "deleted for good: ";
                    case SKIPPED -> "left where it is: ";
                    case FAILED -> "could not be moved: ";
                }
                + Visible.text(item.storageKey())
                + (reason == null ? "" : " (" + reason + ")")
                + (seen.now() == null ? "" : "; it is now: " + Whereabouts.words(seen.now()));
    }

    CleanupFile at(Stage reached, Seen found) {
        return new CleanupFile(item, move, reached, isReferenced, found, outcome, reason, remark, begunAt);
    }

    CleanupFile referencedBy(int records) {
        return new CleanupFile(
                item, move, stage, records > 0, seen.withRecords(records), outcome, reason, remark, begunAt);
    }

    CleanupFile noting(String what) {
        return new CleanupFile(item, move, stage, isReferenced, seen, outcome, what, remark, begunAt);
    }

    CleanupFile done() {
        String both = Stream.of(reason, remark).filter(Objects::nonNull).collect(Collectors.joining("; "));
        return ended(Outcome.DONE, both.isEmpty() ? null : both);
    }

    CleanupFile skipped(String why) {
        return ended(Outcome.SKIPPED, why);
    }

    CleanupFile failed(String why, Whereabouts where) {
        return at(stage, seen.withNow(where)).ended(Outcome.FAILED, why);
    }

    /** How its copy came about, where that is out of the ordinary; for the action of one that is moved. */
    CleanupFile remarking(String what) {
        return new CleanupFile(item, move, stage, isReferenced, seen, outcome, reason, what, begunAt);
    }

    private CleanupFile ended(Outcome how, String why) {
        return new CleanupFile(item, move, stage, isReferenced, seen, how, why, remark, begunAt);
    }
}
