package dev.stocktake.cleanup;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.text.Visible;
import java.time.OffsetDateTime;
import java.util.UUID;

/**
 * What somebody may confirm to clean up: the row of {@code stocktake.plan}. Its items are the rows of
 * {@code stocktake.plan_item}, and none of it ever changes.
 *
 * @param runId the run that found its items
 * @param action what is to be done about each item
 * @param quarantine where its files are moved to; null where none is
 * @param recordsQuery SHA-256 of the records query of that run
 * @param madeAt in UTC
 * @param madeBy who asked for it
 * @param expiresAt in UTC; it cannot be confirmed any longer then
 * @param bytes of its items together, as far as their sizes are known
 * @param hash SHA-256 of all this and its items, in hexadecimal
 */
public record Plan(
        UUID id,
        UUID runId,
        PlannedAction action,
        String bucket,
        String prefix,
        String quarantine,
        String recordsQuery,
        OffsetDateTime madeAt,
        String madeBy,
        OffsetDateTime expiresAt,
        long items,
        long bytes,
        String hash) {
    /** The same plan, with this hash or none. */
    Plan withHash(String other) {
        return new Plan(
                id,
                runId,
                action,
                bucket,
                prefix,
                quarantine,
                recordsQuery,
                madeAt,
                madeBy,
                expiresAt,
                items,
                bytes,
                other);
    }

    /** Whether its items are records rather than files. */
    @JsonIgnore
    public boolean isOfRecords() {
        return action.kind() == Kind.ORPHANED_RECORD;
    }

    /**
     * Refuses to look for its files where they are not.
     *
     * @param place where files of this plan are moved to by the settings
     * @throws RefusedException when that is not where this plan says
     */
    void refuseUnlessAt(String place) {
        if (quarantine != null && !quarantine.equals(place)) {
            throw new RefusedException("The files of plan " + id + " go to " + Visible.text(quarantine)
                    + ", and QUARANTINE_BUCKET and QUARANTINE_PREFIX say " + Visible.text(place) + ": set them back.");
        }
    }
}
