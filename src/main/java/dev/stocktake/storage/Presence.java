package dev.stocktake.storage;

import java.time.Instant;

/**
 * What the store says of one key, asked by itself.
 *
 * @param present whether there is such an object; when not, the rest but the time is null
 * @param size in bytes
 * @param etag as the store gives it, without its quotes; may be null
 * @param lastModified by the store's clock
 * @param answeredAt the store's clock when it answered; null when it did not say
 */
public record Presence(String key, boolean present, Long size, String etag, Instant lastModified, Instant answeredAt) {
    public static Presence absent(String key, Instant answeredAt) {
        return new Presence(key, false, null, null, null, answeredAt);
    }
}
