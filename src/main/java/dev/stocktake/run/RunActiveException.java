package dev.stocktake.run;

import java.util.UUID;

/** Another run of the same bucket and prefix is under way, in this process or another. */
public final class RunActiveException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final UUID activeRun;

    /**
     * Refused for what is under way.
     *
     * @param activePlan the plan that is executed; null where it is a run
     */
    RunActiveException(String bucket, String prefix, UUID activeRun, UUID activePlan) {
        super((activePlan == null ? "Run " + activeRun + " is comparing" : "Plan " + activePlan + " is executed in")
                + " the bucket \"" + bucket + "\""
                + (prefix.isEmpty() ? "" : " under the prefix \"" + prefix + "\"")
                + " now; try again when it has ended.");
        this.activeRun = activeRun;
    }

    public UUID activeRun() {
        return activeRun;
    }
}
