package dev.stocktake.compare;

import java.time.Instant;

/**
 * One row of the records query.
 *
 * @param storageKey the key of the object this record stands for
 * @param recordId names the row to a person; not necessarily unique
 * @param createdAt null where the query gives none
 * @param size in bytes; null where the query gives none
 * @param etag null where the query gives none
 */
public record AssetRecord(String storageKey, String recordId, Instant createdAt, Long size, String etag) {}
