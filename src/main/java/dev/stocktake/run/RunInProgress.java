package dev.stocktake.run;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.Tally;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A run under way: what it has counted so far, for whoever watches, and the one switch that ends it early. */
public final class RunInProgress implements LeaseHolder {
    private final Run run;
    private final int resumed;
    private final UUID holder;
    private final Map<Integer, Tally> talliesByRange = new ConcurrentHashMap<>();
    private final AtomicInteger ranges = new AtomicInteger();
    private final AtomicInteger rangesClosed = new AtomicInteger();
    private final CompletableFuture<Optional<Run>> ended = new CompletableFuture<>();
    private final AtomicReference<Exception> stopReason = new AtomicReference<>();
    private final AtomicReference<OpenRanges> openRanges = new AtomicReference<>();

    /**
     * A run that was opened.
     *
     * @param resumed how often it was interrupted before
     * @param holder by which it took the lease
     */
    RunInProgress(Run run, int resumed, UUID holder) {
        this.run = run;
        this.resumed = resumed;
        this.holder = holder;
    }

    public Run run() {
        return run;
    }

    public UUID id() {
        return run.id();
    }

    /** How often the run was resumed; tells this process from one before it that may not know that it is taken for dead. */
    public int resumed() {
        return resumed;
    }

    @Override
    public UUID holder() {
        return holder;
    }

    @Override
    public String called() {
        return "run " + run.id();
    }

    @Override
    public void leaseLost(String why) {
        stop(new Leases.LeaseLostException(why));
    }

    @Override
    public void shutDown() {
        stop(new RunStoppedException());
    }

    /** Lets every range end at its next turn, so that the run becomes incomplete; the first reason stays. */
    public void stop(Exception reason) {
        stopReason.compareAndSet(null, reason);
        sendWorkersHome();
    }

    private void sendWorkersHome() {
        OpenRanges ranges = openRanges.get();
        if (ranges != null) {
            ranges.stop();
        }
    }

    /** Lets a run that failed begin again in another way, unless it was interrupted. */
    public static void beginAgain(RunInProgress running) {
        running.stopReason.updateAndGet(reason -> reason instanceof RunStoppedException ? reason : null);
        running.talliesByRange.clear();
        running.rangesClosed.set(0);
    }

    public boolean isStopped() {
        return stopReason.get() != null;
    }

    /** Whether the run may be resumed from its checkpoints: somebody stopped Stocktake. */
    public boolean isInterrupted() {
        return stopReason.get() instanceof RunStoppedException;
    }

    /** Null while nothing stopped the run. */
    public Exception stopReason() {
        return stopReason.get();
    }

    /**
     * Tells that the run is over, its report handed on.
     *
     * @param closed as it was stored; null when something kept it from being closed
     */
    public void ended(Run closed) {
        ended.complete(Optional.ofNullable(closed));
    }

    /** The run as it ended; empty when it has not within this time, or could not be closed. */
    public Optional<Run> await(Duration atMost) throws InterruptedException {
        try {
            return ended.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException goesOn) {
            return Optional.empty();
        } catch (ExecutionException never) {
            throw new IllegalStateException(never);
        }
    }

    /**
     * Tells what there is to compare.
     *
     * @param numberOfRanges of the whole run, closed ones included
     */
    public void planned(OpenRanges open, int numberOfRanges) {
        ranges.set(numberOfRanges);
        openRanges.set(open);
        if (isStopped()) {
            sendWorkersHome();
        }
    }

    /** Tells that a range under way was divided. */
    public void divided(int more) {
        ranges.addAndGet(more);
    }

    /** Null until the run is planned. */
    public OpenRanges openRanges() {
        return openRanges.get();
    }

    /** Tells how far a range has come; its earlier news is replaced, so that a page read twice counts once. */
    public void turned(Cursor cursor) {
        talliesByRange.put(cursor.range().number(), cursor.tally());
        if (cursor.isClosed()) {
            rangesClosed.incrementAndGet();
        }
    }

    /** What has been compared so far; no verdict. */
    public Tally soFar() {
        return talliesByRange.values().stream().reduce(Tally.ZERO, Tally::plus);
    }

    public int ranges() {
        return ranges.get();
    }

    public int rangesClosed() {
        return rangesClosed.get();
    }
}
