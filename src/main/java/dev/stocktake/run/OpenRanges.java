package dev.stocktake.run;

import dev.stocktake.compare.Cursor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What there is to do for a run: the ranges that are not closed, which wait for a worker or have one, and those whose
 * suspects have settled or will. Workers that find nothing to do stay, because a range under way may be divided for them,
 * and suspects settle.
 */
public final class OpenRanges {
    private final Deque<Cursor> waiting;
    private final Duration settlePeriod;
    private final Deque<Settling> settling = new ArrayDeque<>();
    private final Map<Integer, SuspectedRange> verifiedBefore = new HashMap<>();
    private final Set<Integer> underVerification = new HashSet<>();
    private final Map<Integer, Long> lookedAt = new HashMap<>();
    private int nextNumber;
    private int underWay;
    private int idleWorkers;
    private int promised;
    private boolean stopped;

    /**
     * Before the first worker comes.
     *
     * @param ranges in the order in which they are to be begun
     * @param nextNumber greater than that of any range of the run
     * @param settlePeriod how long a difference must have lasted when it is verified; null when none is to be verified
     *     while others are compared
     */
    public OpenRanges(Collection<Cursor> ranges, int nextNumber, Duration settlePeriod) {
        this.waiting = new ArrayDeque<>(ranges);
        this.nextNumber = nextNumber;
        this.settlePeriod = settlePeriod;
    }

    /**
     * What a worker is to do next; waits until there is something. To compare comes first, because that takes longest.
     *
     * @param done what the worker had before; null at first
     * @return a {@link Cursor} to compare to its end, or a {@link SuspectedRange} whose suspects have settled; null when
     *     all ranges are closed and no suspect is left that will settle, or the run was stopped
     */
    public synchronized Object next(Object done) throws InterruptedException {
        giveBack(done);
        idleWorkers++;
        try {
            while (!stopped) {
                if (!waiting.isEmpty()) {
                    underWay++;
                    return waiting.poll();
                }
                SuspectedRange settled = nextSettled(System.nanoTime());
                if (settled != null) {
                    return settled;
                }
                if (underWay == 0 && settling.isEmpty()) {
                    return null;
                }
                // for ever where it is 0
                wait(untilNextSettles());
            }
            return null;
        } finally {
            idleWorkers--;
        }
    }

    private void giveBack(Object done) {
        if (done instanceof SuspectedRange verified) {
            verifiedBefore.put(verified.number(), verified);
            underVerification.remove(verified.number());
            notifyAll();
        } else if (done != null) {
            underWay--;
            notifyAll();
        }
    }

    /** A range that nobody is verifying, with all that has settled of it; null when there is none. */
    private SuspectedRange nextSettled(long now) {
        for (Settling first : settling) {
            if (first.at() - now > 0) {
                return null;
            }
            if (underVerification.add(first.range())) {
                settling.removeIf(other -> other.range() == first.range() && other.at() - now <= 0);
                return verifiedBefore.getOrDefault(first.range(), SuspectedRange.unverified(first.range()));
            }
        }
        return null;
    }

    /** In how many thousandths of a second the next suspects settle; 0 for none. */
    private long untilNextSettles() {
        long now = System.nanoTime();
        return settling.stream()
                .filter(later -> later.at() - now > 0)
                .findFirst()
                .map(next -> 1 + TimeUnit.NANOSECONDS.toMillis(next.at() - now))
                .orElse(0L);
    }

    /** Tells that suspects of a range were stored, which settle from now on. */
    public synchronized void suspect(SuspectedRange range) {
        verifiedBefore.putIfAbsent(range.number(), range);
        suspect(range.number());
    }

    /** Tells that suspects of a range were stored, which settle from now on. */
    public synchronized void suspect(int range) {
        if (settlePeriod != null) {
            settling.add(new Settling(range, System.nanoTime() + settlePeriod.toNanos()));
            notifyAll();
        }
    }

    /** Whether there are workers with nothing to do that nobody has promised a range. */
    public synchronized boolean isWorkerFree() {
        return freeWorkers() > 0;
    }

    /** Promises every worker that is free a range, so that nobody else does. */
    public synchronized int promise() {
        int free = Math.max(0, freeWorkers());
        promised += free;
        return free;
    }

    /** Takes back so many promises. */
    public synchronized void takeBack(int promises) {
        promised -= promises;
    }

    /** Keeps as many promises as there are ranges. */
    public synchronized void add(Collection<Cursor> ranges) {
        promised -= ranges.size();
        waiting.addAll(ranges);
        notifyAll();
    }

    /** How much of a range was compared when it was last looked at for a division; 0 at first. */
    public synchronized long lookedAt(int range) {
        return lookedAt.getOrDefault(range, 0L);
    }

    /** Remembers how much of a range is compared now that it is looked at for a division. */
    public synchronized void look(int range, long compared) {
        lookedAt.put(range, compared);
    }

    private int freeWorkers() {
        return idleWorkers - waiting.size() - promised;
    }

    /** A number that no range of the run has yet. */
    public synchronized int nextNumber() {
        return nextNumber++;
    }

    /** Sends all workers home. */
    synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    /**
     * Suspects of one checkpoint.
     *
     * @param at when they will have settled, by {@link System#nanoTime()}
     */
    private record Settling(int range, long at) {}
}
