package dev.stocktake.cleanup;

import dev.stocktake.claim.Hold;
import dev.stocktake.run.LeaseHolder;
import dev.stocktake.run.Leases;
import dev.stocktake.storage.Fence;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/** Something that moves files or deletes them, and is alone at its bucket and prefix as long as it holds the lease. */
abstract class LeasedWork implements LeaseHolder, Fence {
    private final String called;
    private final Leases leases;
    private final Hold hold;
    private final UUID holder = UUID.randomUUID();
    private String stopReason;

    /** @param hold on the claim of the bucket; null where it may go on whoever has that */
    LeasedWork(String called, Hold hold, Leases leases) {
        this.called = called;
        this.hold = hold;
        this.leases = leases;
    }

    @Override
    public final UUID holder() {
        return holder;
    }

    @Override
    public final String called() {
        return called;
    }

    @Override
    public final void leaseLost(String why) {
        stop("it lost its lease on the bucket: " + why);
    }

    @Override
    public final void shutDown() {
        stop("Stocktake was stopped");
    }

    @Override
    public final Duration left() {
        Duration left = leases.left(this);
        return hold == null ? left : Collections.min(List.of(left, hold.left()));
    }

    @Override
    public final void lookAgain() {
        if (hold != null && hold.isDue()) {
            isStopped();
        }
    }

    /** The claim may be another's by now: looks at once, however little time has passed. */
    final void lookAtClaimAgain() {
        if (hold != null) {
            hold.lookAgain();
        }
    }

    final void release() {
        leases.release(this);
    }

    /** Why it goes no further; null while it goes on. */
    final synchronized String stopReason() {
        return stopReason;
    }

    /** Whether it goes no further, also because another database has the claim of the bucket by now, or nobody has. */
    final boolean isStopped() {
        if (stopReason() == null && hold != null) {
            hold.lost().ifPresent(this::stop);
        }
        return stopReason() != null;
    }

    /** Goes no further: what is open stays so. */
    final synchronized void stop(String reason) {
        if (stopReason == null) {
            stopReason = reason;
        }
        notifyAll();
    }

    /** Goes no further where a request was not sent because lease or claim had too little time left; returns whether that is why. */
    final boolean stopIfFenced(Throwable failure) {
        boolean fenced = Fence.held(failure);
        if (fenced) {
            stop("its lease on the bucket could not be renewed in time, or its claim not be looked at");
        }
        return fenced;
    }
}
