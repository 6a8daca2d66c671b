package dev.stocktake.storage;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.run.RunInProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Cuts the key space of a run into ranges that can be compared side by side. */
public final class RangePlanner {
    private final Supplier<StorageLister> storage;
    private final KeySpace keySpace;
    private final int mostRanges;

    /**
     * Plans with the store's help.
     *
     * @param storage asked when a plan is made: the route files say what it lists
     * @param mostRanges how many ranges there may be at the most; at least 1
     */
    public RangePlanner(Supplier<StorageLister> storage, KeySpace keySpace, int mostRanges) {
        this.storage = storage;
        this.keySpace = keySpace;
        this.mostRanges = mostRanges;
    }

    /** Where the comparison of each range starts; together they tile the key space. */
    public List<Cursor> plan(RunInProgress running) {
        List<String> prefixes = storage.get().commonPrefixes(keySpace).stream()
                .filter(RangePlanner::isSafeToStartAfter)
                .toList();
        List<Range> ranges = keySpace.cutAt(evenly(prefixes));
        running.planned(ranges.size());
        return ranges.stream().map(range -> Cursor.atStartOf(range, keySpace)).toList();
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
