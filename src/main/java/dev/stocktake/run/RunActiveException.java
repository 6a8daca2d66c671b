package dev.stocktake.run;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** Another run of the same bucket and prefix is under way, or files are moved there, in this process or another. */
public final class RunActiveException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final UUID activeRun;

    /**
     * Refused for another one.
     *
     * @param leaseEnds by the clock of the results database, unless it is renewed
     * @param left until then
     */
    RunActiveException(Leases.Claimed active, Instant leaseEnds, Duration left) {
        super(what(active) + " the bucket \"" + active.bucket() + "\""
                + (active.prefix().isEmpty() ? "" : " under the prefix \"" + active.prefix() + "\"")
                + " now; try again when it has ended. If its process was killed, nobody renews its lease, which ends at "
                + leaseEnds.plusSeconds(1).truncatedTo(ChronoUnit.SECONDS) + ", in "
                + left.plusSeconds(1).toSeconds()
                + " s: try again then.");
        this.activeRun = active.runId();
    }

    private static String what(Leases.Claimed active) {
        return switch (active.work()) {
            case RUN -> "Run " + active.runId() + " is comparing";
            case CLEANUP -> "Plan " + active.planId() + " is executed in";
            case RESTORE -> "Plan " + active.planId() + " is undone in";
            case PURGE -> "The quarantine is purged of";
        };
    }

    public UUID activeRun() {
        return activeRun;
    }
}
