package dev.stocktake.run;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;

/**
 * Aggregates what is done for the ranges of a run side by side. One that failed stops the run: the others end at their next
 * turn, and the failure is the reason that is reported.
 */
public final class StopOnFailure implements AggregationStrategy {
    @Override
    public Exchange aggregate(Exchange collected, Exchange range) {
        if (range.getException() != null) {
            range.getVariable("running", RunInProgress.class).stop(range.getException());
            // what follows in the route is the work of the run, which is not to be passed over
            range.setException(null);
            range.getExchangeExtension().setRedeliveryExhausted(false);
            range.getExchangeExtension().setErrorHandlerHandled(null);
        }
        return collected == null ? range : collected;
    }
}
