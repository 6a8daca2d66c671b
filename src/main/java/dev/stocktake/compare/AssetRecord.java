package dev.stocktake.compare;

import java.time.Instant;

/**
 * One row of the records query.
 *
 * @param storageKey the key of the object this record stands for
 * @param recordId names the row to a person; not necessarily unique
 * @param changedAt when the row was made or last changed, whichever is later; null where the query gives no plausible time
 * @param size in bytes; null where the query gives none
 * @param etag null where the query gives none
 * @param implausible whether the query gives a time that is not plausible
 * @param secondsAhead by how much {@code changedAt} was beyond the clock of the records database when it was read; else 0
 */
public record AssetRecord(
        String storageKey,
        String recordId,
        Instant changedAt,
        Long size,
        String etag,
        boolean implausible,
        long secondsAhead) {
    /** A record whose times are all plausible and past, or not there. */
    public AssetRecord(String storageKey, String recordId, Instant changedAt, Long size, String etag) {
        this(storageKey, recordId, changedAt, size, etag, false, 0);
    }
}
