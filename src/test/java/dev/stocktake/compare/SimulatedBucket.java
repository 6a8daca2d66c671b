package dev.stocktake.compare;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A bucket in memory, listed as S3 lists: a page begins behind a key or where a token says, and knows nothing of the end
 * of a range.
 */
final class SimulatedBucket {
    private final List<StoredObject> objects;
    private final int pageSize;
    private final Set<Integer> emptyPages;
    private final boolean goesOnByToken;
    private final Instant clock;
    private final Map<String, String> issued = new HashMap<>();
    private int requests;

    /**
     * Lists these objects.
     *
     * @param emptyPages numbers of the requests, from 1, that are answered with no object and the word that more follow
     * @param goesOnByToken whether a page with objects is followed by its token, too, and not by its last key
     * @param clock of the store; null where it does not tell
     */
    SimulatedBucket(
            Collection<StoredObject> objects,
            int pageSize,
            Set<Integer> emptyPages,
            boolean goesOnByToken,
            Instant clock) {
        this.objects = objects.stream()
                .sorted((one, other) -> Keys.BY_UTF_8_BYTES.compare(one.key(), other.key()))
                .toList();
        this.pageSize = pageSize;
        this.emptyPages = emptyPages;
        this.goesOnByToken = goesOnByToken;
        this.clock = clock;
    }

    int pageSize() {
        return pageSize;
    }

    Instant time() {
        return clock;
    }

    StoragePage page(Cursor cursor) {
        requests++;
        StorageMarker from = cursor.storageFrom();
        if (from.token() != null && !from.after().equals(issued.get(from.token()))) {
            throw new AssertionError("asked with a token that was given for another place: " + from);
        }
        List<StoredObject> behind = objects.stream()
                .filter(object -> object.key().startsWith(cursor.prefix()))
                .filter(object -> Keys.BY_UTF_8_BYTES.compare(object.key(), from.after()) > 0)
                .toList();
        if (emptyPages.contains(requests)) {
            return new StoragePage(from, List.of(), byToken(from.after()), clock);
        }
        List<StoredObject> page = behind.subList(0, Math.min(pageSize, behind.size()));
        boolean truncated = page.size() < behind.size();
        return new StoragePage(from, page, truncated ? behind(page) : null, clock);
    }

    private StorageMarker behind(List<StoredObject> page) {
        String last = page.get(page.size() - 1).key();
        return goesOnByToken ? byToken(last) : StorageMarker.after(last);
    }

    private StorageMarker byToken(String after) {
        String token = "token-" + requests;
        issued.put(token, after);
        return new StorageMarker(after, token);
    }
}
