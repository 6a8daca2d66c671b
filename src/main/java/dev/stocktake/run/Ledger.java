package dev.stocktake.run;

import dev.stocktake.compare.Checkpoint;
import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.Tally;
import dev.stocktake.compare.Verified;
import java.util.Comparator;
import java.util.List;

/**
 * What the ranges of a run brought together.
 *
 * @param ranges in no order, each as it was last stored
 * @param verified what became of their suspects
 */
public record Ledger(List<Checkpoint> ranges, Verified verified) {
    public Ledger {
        ranges = List.copyOf(ranges);
    }

    /** Those that both sides were read to the end of, in key order. */
    List<Range> closed() {
        return ranges.stream()
                .filter(Checkpoint::isClosed)
                .map(Checkpoint::range)
                .sorted(Comparator.comparing(Range::after, KeyOrder.UTF_8))
                .toList();
    }

    Tally tally() {
        return ranges.stream().map(Checkpoint::tally).reduce(Tally.ZERO, Tally::plus);
    }
}
