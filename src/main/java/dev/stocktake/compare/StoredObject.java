package dev.stocktake.compare;

import java.time.Instant;

/**
 * One entry of the bucket listing.
 *
 * @param key the storage key, exactly as the store has it
 * @param size in bytes
 * @param etag as the store gives it, without its quotes; may be null
 * @param lastModified by the store's clock
 */
public record StoredObject(String key, long size, String etag, Instant lastModified) {
    /** Whether this is what consoles and file managers put where they show a folder: no bytes, key ends in {@code /}. */
    public boolean isDirectoryMarker() {
        return size == 0 && key.endsWith("/");
    }
}
