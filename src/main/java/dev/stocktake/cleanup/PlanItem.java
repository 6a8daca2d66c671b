package dev.stocktake.cleanup;

import java.time.OffsetDateTime;

/**
 * A finding of a plan, as its run found it.
 *
 * @param number in the plan, from 1 in key order
 * @param recordId null for a file
 * @param size in bytes; of a record, null where the records query gives none
 * @param etag without quotes; null where the listing or the records query had none
 * @param lastModified in UTC; of a record, when it was made or last changed, null where unknown
 * @param firstFoundAt when it was found to be orphaned for the first time, in UTC
 */
public record PlanItem(
        long number,
        String storageKey,
        String recordId,
        Long size,
        String etag,
        OffsetDateTime lastModified,
        OffsetDateTime firstFoundAt) {
    /** What tells it from every other finding of its kind. */
    FindingName name() {
        return new FindingName(storageKey, recordId == null ? "" : recordId);
    }
}
