package dev.stocktake.storage;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What the store says of one key. That it cannot say is no presence but an exception. */
public sealed interface Presence {
    String key();

    /** The store's clock when it answered; null when it did not say. */
    Instant answeredAt();

    /** An ETag, or that there is none, for people. */
    static String shown(String etag) {
        return etag == null ? "none" : etag;
    }

    /** Whether there is such an object. */
    default boolean isPresent() {
        return this instanceof Present;
    }

    /**
     * There is such an object.
     *
     * @param size in bytes
     * @param etag without quotes; may be null
     * @param lastModified by the store's clock; from HEAD in whole seconds, from a listing maybe finer
     */
    record Present(String key, long size, String etag, Instant lastModified, Instant answeredAt) implements Presence {
        /** Whether this is when the object was last modified, as far as both times tell: stores round in HEAD. */
        public boolean isOf(Instant otherLastModified) {
            return lastModified != null
                    && otherLastModified != null
                    && lastModified
                            .truncatedTo(ChronoUnit.SECONDS)
                            .equals(otherLastModified.truncatedTo(ChronoUnit.SECONDS));
        }
    }

    /** There is none. */
    record Absent(String key, Instant answeredAt) implements Presence {}
}
