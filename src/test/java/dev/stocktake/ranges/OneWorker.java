package dev.stocktake.ranges;

import dev.stocktake.compare.Cursor;
import dev.stocktake.run.OpenRanges;
import java.util.ArrayList;
import java.util.List;

/** Takes all ranges that wait, one after the other, and compares nothing. */
final class OneWorker {
    private OneWorker() {}

    static List<Cursor> takeAll(OpenRanges ranges) {
        List<Cursor> taken = new ArrayList<>();
        try {
            for (Object next = ranges.next(null); next != null; next = ranges.next(next)) {
                taken.add((Cursor) next);
            }
        } catch (InterruptedException impossible) {
            throw new IllegalStateException(impossible);
        }
        return taken;
    }
}
