package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.Tally;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class CollectRangesTest {
    private static final List<Range> RANGES = new KeySpace("").cutAt(List.of("g", "m"));
    private static final Tally TWO = new Tally(2, 2, 2, 2, 0, 0, 0, 0, 0, 0);
    private static final Tally FIVE = new Tally(5, 4, 4, 4, 1, 0, 9, 0, 0, 0);

    private final CamelContext context = new DefaultCamelContext();
    private final CollectRanges collect = new CollectRanges();
    private final RunInProgress running = new RunInProgress(new Run(
            UUID.randomUUID(),
            Trigger.CLI,
            Run.Status.RUNNING,
            OffsetDateTime.parse("2024-01-15T03:00:00Z"),
            null,
            "photos",
            "",
            null,
            null));

    @Test
    void rangesThatEndedAddUp() {
        Exchange collected = collect.aggregate(null, closed(0, TWO));
        collected = collect.aggregate(collected, closed(2, FIVE));
        collected = collect.aggregate(collected, closed(1, TWO));

        Ledger ledger = collected.getIn().getBody(Ledger.class);
        assertThat(ledger.closed()).containsExactly(RANGES.get(0), RANGES.get(2), RANGES.get(1));
        assertThat(ledger.tally()).isEqualTo(TWO.plus(FIVE).plus(TWO));
        assertThat(running.isStopped()).isFalse();
    }

    @Test
    void aRangeThatWasNotReadToItsEndIsNotClosed() {
        Exchange open = exchange(cursor(1, TWO, StorageMarker.after("h")));

        Ledger ledger = collect.aggregate(null, open).getIn().getBody(Ledger.class);

        assertThat(ledger.closed()).isEmpty();
        assertThat(ledger.tally()).isEqualTo(TWO);
    }

    @Test
    void aRangeThatFailedStopsTheRunAndTheOthersStillCount() {
        IllegalStateException reason = new IllegalStateException("the store is gone");

        Exchange collected = collect.aggregate(null, closed(0, TWO));
        collected = collect.aggregate(collected, failed(reason));
        collected = collect.aggregate(collected, closed(2, FIVE));

        assertThat(running.stopReason()).isSameAs(reason);
        Ledger ledger = collected.getIn().getBody(Ledger.class);
        assertThat(ledger.closed()).containsExactly(RANGES.get(0), RANGES.get(2));
        assertThat(ledger.tally()).isEqualTo(TWO.plus(FIVE));
    }

    @Test
    void theFirstFailureIsTheReason() {
        IllegalStateException first = new IllegalStateException("first");

        Exchange collected = collect.aggregate(null, failed(first));
        collect.aggregate(collected, failed(new IllegalStateException("second")));

        assertThat(running.stopReason()).isSameAs(first);
    }

    @Test
    void aFailureDoesNotEndTheExchangeThatGoesOn() {
        Exchange failed = failed(new IllegalStateException("first"));
        failed.getExchangeExtension().setRedeliveryExhausted(true);
        failed.getExchangeExtension().setErrorHandlerHandled(true);

        Exchange collected = collect.aggregate(null, failed);

        assertThat(collected.isFailed()).isFalse();
        assertThat(collected.getExchangeExtension().isRedeliveryExhausted()).isFalse();
        assertThat(collected.getExchangeExtension().isErrorHandlerHandledSet()).isFalse();
        assertThat(collected.getIn().getBody()).isEqualTo(Ledger.EMPTY);
    }

    private Exchange closed(int range, Tally tally) {
        return exchange(cursor(range, tally, null));
    }

    private Exchange failed(Exception reason) {
        Exchange range = exchange(cursor(1, FIVE, StorageMarker.after("h")));
        range.setException(reason);
        return range;
    }

    private Exchange exchange(Cursor cursor) {
        Exchange exchange = new DefaultExchange(context);
        exchange.setVariable("running", running);
        exchange.getIn().setBody(cursor);
        return exchange;
    }

    private static Cursor cursor(int range, Tally tally, StorageMarker storageFrom) {
        return new Cursor(RANGES.get(range), "", List.of(), storageFrom, List.of(), null, null, null, tally, List.of());
    }
}
