package dev.stocktake.cleanup;

import dev.stocktake.claim.Hold;
import dev.stocktake.run.Leases;
import dev.stocktake.storage.Conditions;
import dev.stocktake.storage.Quarantine;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** One execution of a plan, from its confirmation to its end. */
public final class CleanupInProgress extends LeasedWork {
    /** So many failures one after another are no longer those of single files. */
    private static final int MOST_FAILURES_IN_A_ROW = 10;

    private final Plan plan;
    private final String confirmedBy;
    private final Conditions conditions;
    private final boolean goesOn;
    private final Deque<Settling> settling = new ArrayDeque<>();
    private long handedOut;
    private long lookedAtAgain;
    private int failuresInARow;

    /**
     * One that has no lease yet.
     *
     * @param conditions that the store minds
     * @param hold on the claim of the bucket; null where records are cleaned up
     * @param goesOn whether it was begun before, and interrupted
     */
    CleanupInProgress(Plan plan, String confirmedBy, Conditions conditions, Hold hold, boolean goesOn, Leases leases) {
        super("plan " + plan.id(), hold, leases);
        this.plan = plan;
        this.confirmedBy = confirmedBy;
        this.conditions = conditions;
        this.goesOn = goesOn;
    }

    /**
     * Files that were moved, and are to be looked at once more.
     *
     * @param dueAt by {@link System#nanoTime}
     */
    record Settling(FileBatch batch, long dueAt) {}

    public Plan plan() {
        return plan;
    }

    public String confirmedBy() {
        return confirmedBy;
    }

    /** That the store minds. */
    Conditions conditions() {
        return conditions;
    }

    /** Whether it was begun before, and interrupted. */
    boolean goesOn() {
        return goesOn;
    }

    /** Lets these be looked at once more when that time has come. */
    synchronized void settle(Settling moved) {
        settling.add(moved);
    }

    /** Those that wait longest; null for none. */
    synchronized Settling nextSettling() {
        return settling.peek();
    }

    /** Takes those that wait longest if their time has come; null where it has not, or there are none. */
    synchronized FileBatch takeSettled() {
        return settling.isEmpty() || settling.peek().dueAt() - System.nanoTime() > 0
                ? null
                : settling.remove().batch();
    }

    /** The number behind which the next of those begins that an execution before this one moved. */
    synchronized long lookedAtAgain() {
        return lookedAtAgain;
    }

    synchronized void lookAgain(List<PlanItem> items) {
        lookedAtAgain = items.get(items.size() - 1).number();
    }

    /** The number behind which the next batch begins. */
    synchronized long handedOut() {
        return handedOut;
    }

    /** Before the first of these is moved, the claim of the bucket is looked at. */
    synchronized void handOut(List<PlanItem> items) {
        lookAtClaimAgain();
        handedOut = items.get(items.size() - 1).number();
    }

    /** Takes note of an item that went one step further. */
    synchronized void worked() {
        failuresInARow = 0;
    }

    /** Takes note of an item that could not. */
    synchronized void failed(String reason, Exception failure) {
        failuresInARow++;
        if (Quarantine.isForbidden(failure)) {
            stop("the store forbids it: " + reason);
        } else if (failuresInARow >= MOST_FAILURES_IN_A_ROW) {
            stop(failuresInARow + " " + plan.action().items() + " one after another failed, the last one because "
                    + reason);
        }
    }
}
