package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.OffsetDateTime;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class StopOnFailureTest {
    private final CamelContext context = new DefaultCamelContext();
    private final StopOnFailure aggregation = new StopOnFailure();
    private final RunInProgress running = new RunInProgress(
            new Run(
                    UUID.randomUUID(),
                    Trigger.CLI,
                    Run.Status.RUNNING,
                    OffsetDateTime.parse("2024-01-15T03:00:00Z"),
                    null,
                    "photos",
                    "",
                    null,
                    null,
                    null,
                    null,
                    null,
                    null),
            0,
            UUID.randomUUID());

    @Test
    void rangesThatEndedDoNotStopTheRun() {
        Exchange collected = aggregation.aggregate(null, range());
        aggregation.aggregate(collected, range());

        assertThat(running.isStopped()).isFalse();
    }

    @Test
    void aRangeThatFailedStopsTheRun() {
        IllegalStateException reason = new IllegalStateException("the store is gone");

        Exchange collected = aggregation.aggregate(null, range());
        collected = aggregation.aggregate(collected, failed(reason));
        collected = aggregation.aggregate(collected, range());

        assertThat(running.stopReason()).isSameAs(reason);
        assertThat(running.isInterrupted()).isFalse();
        assertThat(collected.isFailed()).isFalse();
    }

    @Test
    void theFirstFailureIsTheReason() {
        IllegalStateException first = new IllegalStateException("first");

        Exchange collected = aggregation.aggregate(null, failed(first));
        aggregation.aggregate(collected, failed(new IllegalStateException("second")));

        assertThat(running.stopReason()).isSameAs(first);
    }

    @Test
    void aFailureDoesNotEndTheExchangeThatGoesOn() {
        Exchange failed = failed(new IllegalStateException("first"));
        failed.getExchangeExtension().setRedeliveryExhausted(true);
        failed.getExchangeExtension().setErrorHandlerHandled(true);

        Exchange collected = aggregation.aggregate(null, failed);

        assertThat(collected.isFailed()).isFalse();
        assertThat(collected.getExchangeExtension().isRedeliveryExhausted()).isFalse();
        assertThat(collected.getExchangeExtension().isErrorHandlerHandledSet()).isFalse();
    }

    private Exchange failed(Exception reason) {
        Exchange range = range();
        range.setException(reason);
        return range;
    }

    private Exchange range() {
        Exchange exchange = new DefaultExchange(context);
        exchange.setVariable("running", running);
        return exchange;
    }
}
