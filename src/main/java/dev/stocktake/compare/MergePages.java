package dev.stocktake.compare;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;

/**
 * Aggregates the two branches of a turn: the pages that they brought, or the cursor itself from a branch whose side needed
 * none, become the next cursor.
 */
public final class MergePages implements AggregationStrategy {
    private final Merge merge;

    public MergePages(Merge merge) {
        this.merge = merge;
    }

    @Override
    public Exchange aggregate(Exchange first, Exchange second) {
        throw new UnsupportedOperationException("needs the exchange that both branches came from");
    }

    @Override
    public Exchange aggregate(Exchange first, Exchange second, Exchange input) {
        if (first == null) {
            return second;
        }
        Object one = first.getIn().getBody();
        Object other = second.getIn().getBody();
        Cursor next = merge.turn(
                input.getIn().getBody(Cursor.class),
                only(StoragePage.class, one, other),
                only(RecordsPage.class, one, other));
        second.getIn().setBody(next);
        return second;
    }

    private static <T> T only(Class<T> kind, Object one, Object other) {
        if (kind.isInstance(one) && kind.isInstance(other)) {
            throw new PageException("Both branches of a turn brought a " + kind.getSimpleName());
        }
        return kind.isInstance(one) ? kind.cast(one) : kind.isInstance(other) ? kind.cast(other) : null;
    }
}
