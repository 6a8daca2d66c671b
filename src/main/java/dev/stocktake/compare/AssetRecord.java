package dev.stocktake.compare;

import java.time.Instant;

/**
 * One row of the records query.
 *
 * @param storageKey the key of the object this record stands for
 * @param recordId names the row to a person; not necessarily unique
 * @param changedAt when the row was made or last changed, whichever is later; null where the query gives neither
 * @param size in bytes; null where the query gives none
 * @param etag null where the query gives none
 */
public record AssetRecord(String storageKey, String recordId, Instant changedAt, Long size, String etag) {}
