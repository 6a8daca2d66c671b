package dev.stocktake.compare;

/**
 * Where the records go on: behind the last record seen. Many records may share one storage key, so that the key alone
 * would not do.
 *
 * @param storageKey of the last record seen, or where the range begins
 * @param recordId of the last record seen; null where the range begins, which is behind every record of that key
 */
public record RecordsMarker(String storageKey, String recordId) {}
