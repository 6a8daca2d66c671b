package dev.stocktake.storage;

import java.time.Instant;
import java.util.List;

/**
 * What the first pages of a listing tell of the store.
 *
 * @param disorder what was seen out of order, for people; null when everything was in UTF-8 byte order
 * @param startAfterTrusted whether StartAfter gave what continuation tokens gave
 * @param tokensTrusted whether the continuation token led to what comes behind the page before
 * @param keys of the first page
 * @param clock of the store; null when it does not tell
 */
public record FirstPages(
        String disorder, boolean startAfterTrusted, boolean tokensTrusted, List<String> keys, Instant clock) {
    public FirstPages {
        keys = List.copyOf(keys);
    }
}
