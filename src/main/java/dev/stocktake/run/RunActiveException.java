package dev.stocktake.run;

import java.util.UUID;

/** Another run of the same bucket and prefix is under way, in this process or another. */
public final class RunActiveException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final UUID activeRun;

    RunActiveException(String bucket, String prefix, UUID activeRun) {
        super("Run " + activeRun + " is comparing the bucket \"" + bucket + "\""
                + (prefix.isEmpty() ? "" : " under the prefix \"" + prefix + "\"")
                + " now; try again when it has ended.");
        this.activeRun = activeRun;
    }

    public UUID activeRun() {
        return activeRun;
    }
}
