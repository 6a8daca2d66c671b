package dev.stocktake.run;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.Tally;
import java.util.ArrayList;
import java.util.List;

/**
 * What the ranges of a run brought together.
 *
 * @param closed the ranges that both sides were read to the end of, in no order
 * @param tally of all ranges, closed or not
 */
public record Ledger(List<Range> closed, Tally tally) {
    public static final Ledger EMPTY = new Ledger(List.of(), Tally.ZERO);

    public Ledger {
        closed = List.copyOf(closed);
    }

    /** With one more range, as its last turn left it. */
    public Ledger with(Cursor cursor) {
        List<Range> nowClosed = new ArrayList<>(closed);
        if (cursor.isClosed()) {
            nowClosed.add(cursor.range());
        }
        return new Ledger(nowClosed, tally.plus(cursor.tally()));
    }
}
