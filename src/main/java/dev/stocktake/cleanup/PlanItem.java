package dev.stocktake.cleanup;

import java.time.OffsetDateTime;

/**
 * A file of a plan, as the run listed it.
 *
 * @param number in the plan, from 1 in key order
 * @param size in bytes
 * @param etag without quotes; null where the listing had none
 * @param lastModified in UTC
 * @param firstFoundAt when it was found to be orphaned for the first time, in UTC
 */
public record PlanItem(
        long number,
        String storageKey,
        long size,
        String etag,
        OffsetDateTime lastModified,
        OffsetDateTime firstFoundAt) {}
