package dev.stocktake.ranges;

import dev.stocktake.compare.Checkpoint;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.ListingOrderException;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.StoredObject;
import dev.stocktake.records.RecordsDatabase;
import dev.stocktake.run.Checkpoints;
import dev.stocktake.run.Checkpoints.StoredRange;
import dev.stocktake.run.OpenRanges;
import dev.stocktake.run.RunInProgress;
import dev.stocktake.run.SuspectedRange;
import dev.stocktake.storage.StorageLister;
import dev.stocktake.storage.StoreTraits;
import dev.stocktake.storage.TopLevel;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Cuts the key space of a run into ranges that can be compared side by side. */
public final class RangePlanner {
    /** In a range: fewer are not worth another request. */
    private static final long LEAST_RECORDS = 4000;

    private static final int DEEPEST_LEVEL = 8;

    private final Supplier<StorageLister> storage;
    private final KeySpace keySpace;
    private final Checkpoints checkpoints;
    private final int mostRanges;
    private final Duration settlePeriod;

    /**
     * Plans with the store's help.
     *
     * @param storage asked when a plan is made: the route files say what it lists
     * @param checkpoints where plans are kept, and found again by a run that is resumed
     * @param mostRanges how many ranges there may be at first for each side; at least 1
     * @param settlePeriod how long a difference must have lasted when it is verified
     */
    public RangePlanner(
            Supplier<StorageLister> storage,
            KeySpace keySpace,
            Checkpoints checkpoints,
            int mostRanges,
            Duration settlePeriod) {
        this.storage = storage;
        this.keySpace = keySpace;
        this.checkpoints = checkpoints;
        this.mostRanges = mostRanges;
        this.settlePeriod = settlePeriod;
    }

    /**
     * Where the comparison of each range starts, or goes on when the run is resumed; together with those that were closed
     * before, they tile the key space.
     *
     * @param store how it can be listed; null when that is not known, which is taken for {@code START_AFTER}
     * @param records how they can be read; null when that is not known, which is taken for by an index
     * @param storeTime the store's clock; null when it does not tell
     * @param databaseLag by how much the clock of the records is behind the store's
     * @param landmarks keys among the records
     */
    public OpenRanges plan(
            RunInProgress running,
            StoreTraits store,
            RecordsDatabase records,
            Instant storeTime,
            Duration databaseLag,
            Landmarks landmarks) {
        List<StoredRange> stored = checkpoints.ranges(running);
        StoreTraits traits = StoreTraits.known(store);
        boolean copied = records != null && records.isCopied();
        if (!stored.isEmpty() && !copied && stored.stream().allMatch(range -> canGoOn(range.checkpoint(), traits))) {
            List<Cursor> cursors = stored.stream()
                    .map(range -> Cursor.at(range.checkpoint(), storeTime, databaseLag, range.turn()))
                    .toList();
            OpenRanges goingOn = new OpenRanges(
                    cursors.stream().filter(cursor -> !cursor.isClosed()).toList(),
                    1
                            + cursors.stream()
                                    .mapToInt(cursor -> cursor.range().number())
                                    .max()
                                    .getAsInt(),
                    settlePeriod);
            checkpoints.suspectedRanges(running).forEach(goingOn::suspect);
            running.planned(goingOn, cursors.size());
            cursors.forEach(running::turned);
            return goingOn;
        }
        List<Cursor> cursors = traits.listing() == StoreTraits.Listing.TOKENS
                ? folderByFolder(storage.get().topLevel(keySpace), storeTime, databaseLag)
                : sideBySide(landmarks, storeTime, databaseLag);
        OpenRanges beginning = new OpenRanges(
                cursors,
                cursors.size(),
                // they are copied anew before anything of them is verified
                copied ? null : settlePeriod);
        running.planned(beginning, cursors.size());
        checkpoints.begin(running, cursors);
        return beginning;
    }

    /** Tokens and copies of an earlier process are not relied on. */
    private static boolean canGoOn(Checkpoint checkpoint, StoreTraits store) {
        return store.canBeginAnywhere()
                && (checkpoint.storageFrom() == null || checkpoint.storageFrom().token() == null);
    }

    /**
     * At keys that lie evenly among the records, as many as they are enough for; and between folders that hold none of
     * them, because nobody knows how much is there.
     */
    private List<Cursor> sideBySide(Landmarks landmarks, Instant storeTime, Duration databaseLag) {
        List<String> folders = folders().stream().sorted(KeyOrder.UTF_8).toList();
        List<String> within = landmarks.between(keySpace.prefix(), keySpace.end());
        long shareOfRecords = landmarks.records() / Math.max(1, landmarks.keys().size());
        long enoughFor = shareOfRecords * within.size() / LEAST_RECORDS;
        List<String> amongRecords = CutSearch.evenly(within, (int) Math.min(mostRanges, Math.max(1, enoughFor)) - 1);
        List<String> cuts = new ArrayList<>(amongRecords);
        cuts.addAll(evenly(amongRecords.isEmpty() ? folders : withoutAny(within, folders)));
        return keySpace.cutAt(cuts).stream()
                .map(range -> Cursor.atStartOf(range, keySpace.prefix(), storeTime, databaseLag))
                .toList();
    }

    /** The folders at the first level that has more than one. */
    private List<String> folders() {
        TopLevel top = storage.get().topLevel(keySpace);
        for (int level = 0;
                level < DEEPEST_LEVEL
                        && top.isWhole()
                        && top.objects().isEmpty()
                        && top.folders().size() == 1;
                level++) {
            top = storage.get().topLevel(new KeySpace(top.folders().get(0)));
        }
        return top.folders();
    }

    private static List<String> withoutAny(List<String> landmarks, List<String> folders) {
        return folders.stream()
                .filter(folder -> landmarks.stream().noneMatch(landmark -> landmark.startsWith(folder)))
                .toList();
    }

    /**
     * A range for each top-level folder, which is listed by itself, and ranges for what lies between them, whose objects
     * the one answer holds already; a single range when it does not hold all.
     */
    private List<Cursor> folderByFolder(TopLevel top, Instant storeTime, Duration databaseLag) {
        Map<String, String> foldersByEnd = new HashMap<>();
        List<String> cuts = new ArrayList<>();
        for (String folder : top.folders()) {
            String end = new KeySpace(folder).end();
            foldersByEnd.put(end, folder);
            cuts.add(KeySpace.endBefore(folder));
            cuts.add(end);
        }
        List<Range> ranges = keySpace.cutAt(cuts);
        if (!top.isWhole() || ranges.size() != 2 * top.folders().size() + 1) {
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
        return Cursor.atStartOf(range, keySpace.prefix(), top.answeredAt(), databaseLag)
                .listed(objects);
    }

    /**
     * The keys of rows that tell where records are.
     *
     * @param rows with the columns {@code storage_key} and {@code records}
     */
    public static Landmarks landmarks(List<Map<String, Object>> rows) {
        return Landmarks.of(rows);
    }

    /** The workers of a run, for a split that gives each of them its thread; all the same. */
    public List<Integer> workers() {
        return Collections.nCopies(mostRanges, 0);
    }

    /**
     * The next range for a worker; waits until there is one.
     *
     * @param body what it had before: the cursor of a range, or a range whose suspects it verified; anything else at first
     * @return the one or the other; null when there is nothing left to do, or the run was stopped
     */
    public Object next(RunInProgress running, Object body) throws InterruptedException {
        return running.openRanges().next(body instanceof Cursor || body instanceof SuspectedRange ? body : null);
    }

    /** Whether a range is one whose suspects are to be verified, rather than one to be compared. */
    public boolean isSuspected(Object body) {
        return body instanceof SuspectedRange;
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
}
