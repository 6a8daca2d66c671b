package dev.stocktake.verify;

import dev.stocktake.compare.Finding;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.storage.ObjectLookup;
import dev.stocktake.storage.Presence;
import dev.stocktake.storage.StoreTraits;
import dev.stocktake.storage.UnknownPresenceException;
import dev.stocktake.verify.SuspectBatch.Question;
import java.util.Objects;

/**
 * Asks the store again about suspects. Questions are taken whole: as a text of its own, a key like {@code null} or one in
 * quotes would not reach a method that a route calls.
 */
public final class Inquiry {
    private final ObjectLookup objects;
    private final KeySpace keySpace;

    public Inquiry(ObjectLookup objects, KeySpace keySpace) {
        this.objects = objects;
        this.keySpace = keySpace;
    }

    /**
     * By HEAD. What lies between may take one path for another, so that its answer about a file counts only while it is the
     * object that was listed.
     *
     * @return null when it leaves a doubt that listing the key may settle
     */
    public Presence head(Question question) {
        Presence presence;
        try {
            presence = objects.head(question.key());
        } catch (UnknownPresenceException refused) {
            return null;
        }
        Finding listed = question.listed();
        return listed == null || (presence instanceof Presence.Present object && isOf(object, listed))
                ? presence
                : null;
    }

    private static boolean isOf(Presence.Present object, Finding listed) {
        return object.isOf(listed.lastModified()) && Objects.equals(object.size(), listed.size());
    }

    /** By listing the one key. */
    public Presence list(Question question, StoreTraits store) {
        return objects.findByListing(question.key(), store);
    }

    /** The first suspect by listing it, and what is behind it by one page of the listing. */
    public Presences listPage(SuspectBatch batch, StoreTraits store) {
        String first = batch.suspects().get(0).key();
        return Presences.of(objects.findByListing(first, store), objects.pageAfter(first, keySpace.prefix()));
    }
}
