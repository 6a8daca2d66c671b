package dev.stocktake.run;

import dev.stocktake.compare.Cursor;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * The ranges of a run that are not closed: those that wait for a worker and those that have one. Workers that find none
 * waiting stay, because a range under way may be divided for them.
 */
public final class OpenRanges {
    private final Deque<Cursor> waiting;
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
     */
    public OpenRanges(Collection<Cursor> ranges, int nextNumber) {
        this.waiting = new ArrayDeque<>(ranges);
        this.nextNumber = nextNumber;
    }

    /**
     * The next range for a worker; waits until there is one.
     *
     * @param isDoneWithOne whether the worker had a range before
     * @return null when all ranges are closed, or the run was stopped
     */
    public synchronized Cursor next(boolean isDoneWithOne) throws InterruptedException {
        if (isDoneWithOne) {
            underWay--;
            notifyAll();
        }
        idleWorkers++;
        try {
            while (waiting.isEmpty() && underWay > 0 && !stopped) {
                wait();
            }
        } finally {
            idleWorkers--;
        }
        if (waiting.isEmpty() || stopped) {
            return null;
        }
        underWay++;
        return waiting.poll();
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
}
