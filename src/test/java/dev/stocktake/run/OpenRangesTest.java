package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.Verified;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class OpenRangesTest {
    private static final Cursor FIRST = Cursor.atStartOf(new Range(0, "", "m"), "", null, Duration.ZERO);
    private static final Cursor SECOND = Cursor.atStartOf(new Range(1, "m", "z"), "", null, Duration.ZERO);
    private static final Verified ONE = new Verified(1, 0, 3, 0, 0, 0, 0);

    private final ExecutorService worker = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        worker.shutdownNow();
    }

    @Test
    void comparisonComesBeforeVerification() throws Exception {
        OpenRanges ranges = new OpenRanges(List.of(FIRST, SECOND), 2, Duration.ZERO);

        assertThat(ranges.next(null)).isEqualTo(FIRST);
        ranges.suspect(0);
        assertThat(ranges.next(null)).isEqualTo(SECOND);
        assertThat(ranges.next(null)).isEqualTo(SuspectedRange.unverified(0));
    }

    @Test
    void aRangeIsVerifiedWhileItIsStillCompared() throws Exception {
        OpenRanges ranges = new OpenRanges(List.of(FIRST), 1, Duration.ZERO);
        ranges.next(null);
        ranges.suspect(0);

        Object settled = ranges.next(null);

        assertThat(settled).isEqualTo(SuspectedRange.unverified(0));
    }

    @Test
    void aRangeIsVerifiedByOneWorkerAtATimeWhichGoesOnFromTheLast() throws Exception {
        OpenRanges ranges = new OpenRanges(List.of(FIRST), 1, Duration.ZERO);
        ranges.next(null);
        ranges.suspect(0);
        SuspectedRange verified = (SuspectedRange) ranges.next(null);
        ranges.suspect(0);

        Future<Object> other = worker.submit(() -> ranges.next(null));
        ranges.suspect(1);

        assertThat(other.get(10, TimeUnit.SECONDS)).isEqualTo(SuspectedRange.unverified(1));
        SuspectedRange more = verified.plus(ONE);
        assertThat(ranges.next(more)).isEqualTo(more);
        assertThat(more.turn()).isEqualTo(1);
    }

    @Test
    void whatHasSettledTogetherIsVerifiedTogether() throws Exception {
        OpenRanges ranges = new OpenRanges(List.of(), 1, Duration.ZERO);
        ranges.suspect(0);
        ranges.suspect(1);
        ranges.suspect(0);

        Object first = ranges.next(null);
        Object second = ranges.next(first);

        assertThat(List.of(first, second)).containsExactly(SuspectedRange.unverified(0), SuspectedRange.unverified(1));
        assertThat(ranges.next(second)).isNull();
    }

    @Test
    void aWorkerStaysUntilTheLastSuspectHasSettled() throws Exception {
        OpenRanges ranges = new OpenRanges(List.of(), 1, Duration.ofMillis(300));
        ranges.suspect(0);
        long before = System.nanoTime();

        Object settled = ranges.next(null);

        assertThat(settled).isEqualTo(SuspectedRange.unverified(0));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(299));
        assertThat(ranges.next(settled)).isNull();
    }

    @Test
    void workersThatWaitForSuspectsToSettleGoHomeWhenTheRunIsStopped() throws Exception {
        OpenRanges ranges = new OpenRanges(List.of(), 1, Duration.ofDays(1));
        ranges.suspect(0);
        CompletableFuture<Object> waiting = CompletableFuture.supplyAsync(() -> next(ranges), worker);

        ranges.stop();

        assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo("home");
    }

    @Test
    void whatIsToBeVerifiedAtTheEndKeepsNobody() throws Exception {
        OpenRanges ranges = new OpenRanges(List.of(FIRST), 1, null);
        Object first = ranges.next(null);
        ranges.suspect(0);

        assertThat(ranges.next(first)).isNull();
    }

    private static Object next(OpenRanges ranges) {
        try {
            Object next = ranges.next(null);
            return next == null ? "home" : next;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
