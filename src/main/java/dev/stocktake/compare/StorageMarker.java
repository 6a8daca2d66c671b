package dev.stocktake.compare;

/**
 * Where a listing goes on.
 *
 * @param after the last key seen; the page begins behind it
 * @param token the store's continuation token, for going on where no key was seen yet; null otherwise
 */
public record StorageMarker(String after, String token) {
    /** Behind a key. */
    public static StorageMarker after(String key) {
        return new StorageMarker(key, null);
    }
}
