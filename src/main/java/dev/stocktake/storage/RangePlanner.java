package dev.stocktake.storage;

import dev.stocktake.compare.Checkpoint;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.ListingOrderException;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.RecordsMarker;
import dev.stocktake.compare.StoredObject;
import dev.stocktake.compare.Tally;
import dev.stocktake.records.RecordsDatabase;
import dev.stocktake.run.Checkpoints;
import dev.stocktake.run.Checkpoints.StoredRange;
import dev.stocktake.run.RunInProgress;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Cuts the key space of a run into ranges that can be compared side by side. */
public final class RangePlanner {
    private final Supplier<StorageLister> storage;
    private final KeySpace keySpace;
    private final Checkpoints checkpoints;
    private final int mostRanges;

    /**
     * Plans with the store's help.
     *
     * @param storage asked when a plan is made: the route files say what it lists
     * @param checkpoints where plans are kept, and found again by a run that is resumed
     * @param mostRanges how many ranges there may be at the most; at least 1
     */
    public RangePlanner(Supplier<StorageLister> storage, KeySpace keySpace, Checkpoints checkpoints, int mostRanges) {
        this.storage = storage;
        this.keySpace = keySpace;
        this.checkpoints = checkpoints;
        this.mostRanges = mostRanges;
    }

    /**
     * Where the comparison of each range starts, or goes on when the run is resumed; together with those that were closed
     * before, they tile the key space.
     *
     * @param store how it can be listed; null when that is not known, which is taken for {@code START_AFTER}
     * @param records how they can be read; null when that is not known, which is taken for by an index
     * @param storeTime the store's clock; null when it does not tell
     * @param databaseLag by how much the clock of the records is behind the store's
     */
    public List<Cursor> plan(
            RunInProgress running,
            StoreTraits store,
            RecordsDatabase records,
            Instant storeTime,
            Duration databaseLag) {
        List<StoredRange> stored = checkpoints.ranges(running);
        boolean copied = records != null && records.isCopied();
        if (!stored.isEmpty() && !copied && stored.stream().allMatch(range -> canGoOn(range.checkpoint(), store))) {
            running.planned(stored.size());
            List<Cursor> cursors = stored.stream()
                    .map(range -> Cursor.at(range.checkpoint(), storeTime, databaseLag, range.turn()))
                    .toList();
            cursors.forEach(running::turned);
            return cursors.stream().filter(cursor -> !cursor.isClosed()).toList();
        }
        TopLevel top = storage.get().topLevel(keySpace);
        List<Cursor> cursors = store != null && store.listing() == StoreTraits.Listing.TOKENS
                ? folderByFolder(top, store, storeTime, databaseLag)
                : sideBySide(top, store, storeTime, databaseLag);
        running.planned(cursors.size());
        checkpoints.begin(running, cursors);
        return cursors;
    }

    /** Tokens and copies of an earlier process are not relied on. */
    private static boolean canGoOn(Checkpoint checkpoint, StoreTraits store) {
        if (store != null && store.listing() != StoreTraits.Listing.START_AFTER) {
            return false;
        }
        boolean everyKeyWillDo = store != null && store.percentEchoed();
        return checkpoint.storageFrom() == null
                || (checkpoint.storageFrom().token() == null
                        && (everyKeyWillDo || isPlain(checkpoint.storageFrom().after())));
    }

    private List<Cursor> sideBySide(TopLevel top, StoreTraits store, Instant storeTime, Duration databaseLag) {
        boolean everyKeyWillDo = store != null && store.percentEchoed();
        List<String> folders = top.folders().stream()
                .filter(folder -> everyKeyWillDo || isPlain(folder))
                .sorted(KeyOrder.UTF_8)
                .toList();
        return keySpace.cutAt(evenly(folders)).stream()
                .map(range -> Cursor.atStartOf(range, keySpace.prefix(), storeTime, databaseLag))
                .toList();
    }

    /**
     * A range for each top-level folder, which is listed by itself, and ranges for what lies between them, whose objects
     * the one answer holds already; a single range when it does not hold all.
     */
    private List<Cursor> folderByFolder(TopLevel top, StoreTraits store, Instant storeTime, Duration databaseLag) {
        Map<String, String> foldersByEnd = new HashMap<>();
        List<String> cuts = new ArrayList<>();
        for (String folder : top.folders()) {
            String end = new KeySpace(folder).end();
            foldersByEnd.put(end, folder);
            cuts.add(KeySpace.endBefore(folder));
            cuts.add(end);
        }
        List<Range> ranges = keySpace.cutAt(cuts);
        boolean listable = store.percentEchoed() || top.folders().stream().allMatch(folder -> folder.indexOf('%') < 0);
        if (!top.isWhole() || !listable || ranges.size() != 2 * top.folders().size() + 1) {
            return List.of(
                    Cursor.atStartOf(keySpace.cutAt(List.of()).get(0), keySpace.prefix(), storeTime, databaseLag));
        }
        return ranges.stream()
                .map(range -> foldersByEnd.containsKey(range.upTo())
                        ? Cursor.atStartOf(range, foldersByEnd.get(range.upTo()), storeTime, databaseLag)
                        : between(range, top, databaseLag))
                .toList();
    }

    private Cursor between(Range range, TopLevel top, Duration databaseLag) {
        List<StoredObject> objects = top.objects().stream()
                .filter(object -> KeyOrder.UTF_8.compare(range.after(), object.key()) < 0
                        && KeyOrder.UTF_8.compare(object.key(), range.upTo()) <= 0)
                .sorted(Comparator.comparing(StoredObject::key, KeyOrder.UTF_8))
                .toList();
        for (int i = 1; i < objects.size(); i++) {
            if (objects.get(i - 1).key().equals(objects.get(i).key())) {
                throw new ListingOrderException(
                        objects.get(i - 1).key(), objects.get(i).key());
            }
        }
        RecordsMarker start = new RecordsMarker(range.after(), null);
        return new Cursor(
                range,
                keySpace.prefix(),
                objects,
                null,
                range.after(),
                List.of(),
                start,
                start,
                null,
                top.answeredAt(),
                databaseLag,
                Tally.ZERO,
                List.of(),
                0,
                0);
    }

    /**
     * By how much the clock of the records is behind the store's; zero where it is not.
     *
     * @param databaseTime when the clock of the records was asked, by that clock
     * @param storeTime when the store was asked after that, by its clock; null when it does not tell
     */
    public static Duration databaseLag(Timestamp databaseTime, Instant storeTime) {
        Instant records = databaseTime.toInstant();
        return storeTime == null || storeTime.isBefore(records) ? Duration.ZERO : Duration.between(records, storeTime);
    }

    /**
     * Whether a range has another turn to go.
     *
     * @param body the cursor; anything else after a turn that failed
     */
    public boolean isOpen(RunInProgress running, Object body) {
        return !running.isStopped() && body instanceof Cursor cursor && !cursor.isClosed();
    }

    private List<String> evenly(List<String> prefixes) {
        List<String> cuts = new ArrayList<>();
        int ranges = Math.min(mostRanges, prefixes.size());
        for (int i = 1; i < ranges; i++) {
            cuts.add(prefixes.get((int) ((long) i * prefixes.size() / ranges)));
        }
        return cuts;
    }

    /** Some stores echo the start without encoding it, so that a percent sign or a control character breaks the answer. */
    static boolean isPlain(String key) {
        return key.chars().allMatch(c -> c > ' ' && c < 0x7F && c != '%');
    }
}
