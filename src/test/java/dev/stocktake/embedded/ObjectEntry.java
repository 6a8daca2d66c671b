package dev.stocktake.embedded;

import java.time.Instant;

/**
 * One object as a listing shows it.
 *
 * @param size in bytes
 * @param etag without quotes
 */
public record ObjectEntry(String key, long size, String etag, Instant lastModified) {
    private static final String SOME_ETAG = "5d41402abc4b2a76b9719d911017c592";
    private static final Instant SOME_DAY = Instant.parse("2024-01-14T00:00:00Z");

    /** An object of which only the key matters: 5 bytes, from 2024-01-14. */
    public static ObjectEntry of(String key) {
        return new ObjectEntry(key, 5, SOME_ETAG, SOME_DAY);
    }
}
