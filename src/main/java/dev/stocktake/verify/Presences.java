package dev.stocktake.verify;

import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.compare.StoredObject;
import dev.stocktake.storage.Presence;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the store says, asked again, of the keys of a batch. */
public final class Presences {
    private final Map<String, Presence> byKey = new HashMap<>();
    private final StoragePage page;

    private Presences(List<Presence> single, StoragePage page) {
        single.forEach(presence -> byKey.put(presence.key(), presence));
        this.page = page;
        if (page != null) {
            for (StoredObject object : page.objects()) {
                byKey.put(
                        object.key(),
                        new Presence.Present(
                                object.key(), object.size(), object.etag(), object.lastModified(), page.answeredAt()));
            }
        }
    }

    /** Each key asked for by itself. */
    public static Presences of(List<Presence> single) {
        return new Presences(single, null);
    }

    /**
     * A page of the listing.
     *
     * @param first of the key that the page was asked from, which it therefore leaves out
     */
    public static Presences of(Presence first, StoragePage page) {
        return new Presences(List.of(first), page);
    }

    /** Null when the answers do not reach as far as this key. */
    Presence of(String key) {
        Presence known = byKey.get(key);
        if (known != null || page == null || !reaches(key)) {
            return known;
        }
        return new Presence.Absent(key, page.answeredAt());
    }

    private boolean reaches(String key) {
        if (page.next() == null) {
            return true;
        }
        List<StoredObject> objects = page.objects();
        return !objects.isEmpty()
                && KeyOrder.UTF_8.compare(key, objects.get(objects.size() - 1).key()) < 0;
    }
}
