package dev.stocktake.cleanup;

import dev.stocktake.run.LeaseHolder;
import dev.stocktake.storage.Quarantine;
import java.util.List;
import java.util.UUID;

/** One execution of a plan, from its confirmation to its end. */
public final class CleanupInProgress implements LeaseHolder {
    /** So many failures one after another are no longer those of single files. */
    private static final int MOST_FAILURES_IN_A_ROW = 10;

    private final Plan plan;
    private final String confirmedBy;
    private final boolean conditional;
    private final UUID holder = UUID.randomUUID();
    private long handedOut;
    private int failuresInARow;
    private String stopReason;

    CleanupInProgress(Plan plan, String confirmedBy, boolean conditional) {
        this.plan = plan;
        this.confirmedBy = confirmedBy;
        this.conditional = conditional;
    }

    public Plan plan() {
        return plan;
    }

    public String confirmedBy() {
        return confirmedBy;
    }

    @Override
    public UUID holder() {
        return holder;
    }

    @Override
    public String called() {
        return "plan " + plan.id();
    }

    @Override
    public void leaseLost(String why) {
        stop("it lost its lease on the bucket: " + why);
    }

    @Override
    public void shutDown() {
        stop("Stocktake was stopped");
    }

    /** Whether the store minds the condition of a deletion. */
    boolean isConditional() {
        return conditional;
    }

    /** Why it goes no further; null while it goes on. */
    synchronized String stopReason() {
        return stopReason;
    }

    /** Goes no further: what is open stays so. */
    synchronized void stop(String reason) {
        if (stopReason == null) {
            stopReason = reason;
        }
    }

    /** The number behind which the next batch begins. */
    synchronized long handedOut() {
        return handedOut;
    }

    synchronized void handOut(List<PlanItem> items) {
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
