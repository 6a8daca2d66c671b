package dev.stocktake.run;

import dev.stocktake.compare.Cursor;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;

/**
 * Aggregates the ranges of a run into its {@link Ledger}. A range that failed stops the run: the others end at their next
 * turn, and the failure is the reason that is reported.
 */
public final class CollectRanges implements AggregationStrategy {
    @Override
    public Exchange aggregate(Exchange collected, Exchange range) {
        RunInProgress running = range.getVariable("running", RunInProgress.class);
        Ledger ledger = collected == null ? Ledger.EMPTY : collected.getIn().getBody(Ledger.class);
        if (range.getException() != null) {
            running.stop(range.getException());
            // what follows in the route is the work of the run, which is not to be passed over
            range.setException(null);
            range.getExchangeExtension().setRedeliveryExhausted(false);
            range.getExchangeExtension().setErrorHandlerHandled(null);
        } else {
            ledger = ledger.with(range.getIn().getBody(Cursor.class));
        }
        Exchange result = collected == null ? range : collected;
        result.getIn().setBody(ledger);
        return result;
    }
}
