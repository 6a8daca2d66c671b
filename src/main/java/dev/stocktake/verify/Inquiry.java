package dev.stocktake.verify;

import dev.stocktake.storage.ObjectLookup;
import dev.stocktake.storage.Presence;
import dev.stocktake.storage.StoreTraits;
import dev.stocktake.verify.SuspectBatch.Question;

/**
 * Asks the store again about suspects. Questions are taken whole: as a text of its own, a key like {@code null} or one in
 * quotes would not reach a method that a route calls.
 */
public final class Inquiry {
    private final ObjectLookup objects;

    public Inquiry(ObjectLookup objects) {
        this.objects = objects;
    }

    /** By HEAD. */
    public Presence head(Question question) {
        return objects.head(question.key());
    }

    /** By listing the one key. */
    public Presence list(Question question, StoreTraits store) {
        return objects.findByListing(question.key(), store);
    }

    /** The first suspect by listing it, and what is behind it by one page of the listing. */
    public Presences listPage(SuspectBatch batch, StoreTraits store) {
        String first = batch.suspects().get(0).key();
        String prefix = batch.range().checkpoint().prefix();
        return Presences.of(objects.findByListing(first, store), objects.pageAfter(first, prefix));
    }
}
