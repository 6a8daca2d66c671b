package dev.stocktake.storage;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.run.Checkpoints;
import dev.stocktake.run.Checkpoints.StoredRange;
import dev.stocktake.run.RunInProgress;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
     */
    public List<Cursor> plan(RunInProgress running, Instant storeTime, Duration databaseLag) {
        List<StoredRange> stored = checkpoints.ranges(running);
        if (!stored.isEmpty()) {
            return resume(running, stored, storeTime, databaseLag);
        }
        List<String> prefixes = storage.get().commonPrefixes(keySpace).stream()
                .filter(RangePlanner::isSafeToStartAfter)
                .toList();
        List<Range> ranges = keySpace.cutAt(evenly(prefixes));
        running.planned(ranges.size());
        List<Cursor> cursors = ranges.stream()
                .map(range -> Cursor.atStartOf(range, keySpace.prefix(), storeTime, databaseLag))
                .toList();
        checkpoints.begin(running, cursors);
        return cursors;
    }

    private static List<Cursor> resume(
            RunInProgress running, List<StoredRange> stored, Instant storeTime, Duration databaseLag) {
        running.planned(stored.size());
        List<Cursor> cursors = stored.stream()
                .map(range -> Cursor.at(range.checkpoint(), storeTime, databaseLag, range.turn()))
                .toList();
        cursors.forEach(running::turned);
        return cursors.stream().filter(cursor -> !cursor.isClosed()).toList();
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
    private static boolean isSafeToStartAfter(String key) {
        return key.chars().allMatch(c -> c > ' ' && c < 0x7F && c != '%');
    }
}
