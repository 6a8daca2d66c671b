package dev.stocktake.storage;

import dev.stocktake.compare.StoredObject;
import java.time.Instant;
import java.util.List;

/**
 * What a bucket has at the top level, as far as one answer holds it.
 *
 * @param folders common prefixes, each ending in {@code /}, as the store lists them
 * @param objects whose key has no further {@code /}, as the store lists them
 * @param isWhole whether there are no more than these
 * @param answeredAt the store's clock when it answered; null when it did not say
 */
public record TopLevel(List<String> folders, List<StoredObject> objects, boolean isWhole, Instant answeredAt) {
    public TopLevel {
        folders = List.copyOf(folders);
        objects = List.copyOf(objects);
    }
}
