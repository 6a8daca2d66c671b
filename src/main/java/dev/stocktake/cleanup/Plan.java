package dev.stocktake.cleanup;

import dev.stocktake.text.Visible;
import java.time.OffsetDateTime;
import java.util.UUID;

/**
 * What somebody may confirm to clean up: the row of {@code stocktake.plan}. Its items are the rows of
 * {@code stocktake.plan_item}, and none of it ever changes.
 *
 * @param runId the run that found its files
 * @param quarantine where its files are moved to
 * @param recordsQuery SHA-256 of the records query of that run
 * @param madeAt in UTC
 * @param madeBy who asked for it
 * @param expiresAt in UTC; it cannot be confirmed any longer then
 * @param bytes of its files together
 * @param hash SHA-256 of all this and its items, in hexadecimal
 */
public record Plan(
        UUID id,
        UUID runId,
        String bucket,
        String prefix,
        String quarantine,
        String recordsQuery,
        OffsetDateTime madeAt,
        String madeBy,
        OffsetDateTime expiresAt,
        long files,
        long bytes,
        String hash) {
    /** The same plan, with this hash or none. */
    Plan withHash(String other) {
        return new Plan(
                id, runId, bucket, prefix, quarantine, recordsQuery, madeAt, madeBy, expiresAt, files, bytes, other);
    }

    /**
     * Refuses to look for its files where they are not.
     *
     * @param place where files of this plan are moved to by the settings
     * @throws RefusedException when that is not where this plan says
     */
    void refuseUnlessAt(String place) {
        if (!quarantine.equals(place)) {
            throw new RefusedException("The files of plan " + id + " go to " + Visible.text(quarantine)
                    + ", and QUARANTINE_BUCKET and QUARANTINE_PREFIX say " + Visible.text(place) + ": set them back.");
        }
    }
}
