package dev.stocktake.storage;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.PageException;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.compare.StoredObject;
import dev.stocktake.json.Json;
import dev.stocktake.run.Findings;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How far the copy of a listing into {@code stocktake.copied_object} has come.
 *
 * @param from where the listing goes on; null when it has ended
 * @param pages copied
 * @param objects copied, each key once
 * @param inOrder whether every key so far stood behind the one before
 * @param answeredAt the store's clock at its oldest answer; null when one did not tell
 */
public record ListingCopy(StorageMarker from, long pages, long objects, boolean inOrder, Instant answeredAt) {
    /** How many objects a page of the copy has at the most. */
    private static final int PAGE_SIZE = 1000;

    /** Before the first page. */
    public static ListingCopy begin() {
        return new ListingCopy(StorageMarker.after(""), 0, 0, true, null);
    }

    /** Whether there is another page to copy. */
    public boolean isOpen() {
        return from != null;
    }

    /**
     * With one more page, as the table took it.
     *
     * @param added how many of its keys were new
     * @throws PageException when none was, so that the listing would never end
     */
    public static ListingCopy with(ListingCopy copy, StoragePage page, long added) {
        if (added == 0 && !page.objects().isEmpty()) {
            throw new PageException("The listing does not advance: after \"" + copy.from.after()
                    + "\" the store gives only keys that it gave before");
        }
        boolean inOrder = copy.inOrder;
        String previous = copy.from.after();
        for (StoredObject object : page.objects()) {
            inOrder &= KeyOrder.UTF_8.compare(previous, object.key()) < 0;
            previous = object.key();
        }
        return new ListingCopy(
                page.next(),
                copy.pages + 1,
                copy.objects + added,
                inOrder,
                copy.pages == 0 ? page.answeredAt() : older(copy.answeredAt, page.answeredAt()));
    }

    /** The objects of a page as the statement that stores them reads them. */
    public static String json(StoragePage page) {
        for (StoredObject object : page.objects()) {
            Findings.refuseUnlessStorable(object.key());
        }
        return Json.write(page.objects());
    }

    /**
     * A page of the copy, as if the store had listed it.
     *
     * @param rows of {@code stocktake.copied_object} in key order
     * @param copy that ended; null after it was lost, so that nothing can be told
     */
    public static StoragePage page(Cursor cursor, List<Map<String, Object>> rows, ListingCopy copy) {
        if (copy == null || copy.isOpen()) {
            throw new PageException("The listing was not copied to its end, and yet it is read from there");
        }
        List<StoredObject> objects = rows.stream()
                .map(row -> new StoredObject(
                        (String) row.get("storage_key"),
                        (Long) row.get("size"),
                        (String) row.get("etag"),
                        ((Timestamp) row.get("last_modified")).toInstant()))
                .toList();
        StorageMarker next = objects.size() < PAGE_SIZE
                ? null
                : StorageMarker.after(objects.get(objects.size() - 1).key());
        return new StoragePage(cursor.storageFrom(), objects, next, copy.answeredAt);
    }

    /**
     * Refuses a copy that lost objects while it was read.
     *
     * @param stillThere rows of {@code stocktake.copied_object} that the run has
     */
    public static void refuseUnlessWhole(ListingCopy copy, long stillThere) {
        if (copy.objects != stillThere) {
            throw new PageException(
                    copy.objects + " objects of the listing were copied into stocktake.copied_object and " + stillThere
                            + " are still there; its database was probably restarted");
        }
    }

    private static Instant older(Instant one, Instant other) {
        return one == null || other == null ? null : one.isBefore(other) ? one : other;
    }
}
