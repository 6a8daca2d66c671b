package dev.stocktake.embedded;

/** What may go wrong between Stocktake and a PostgreSQL server. */
public enum DatabaseFault {
    REFUSED("connection refused"),
    UNKNOWN_HOST("DNS failure"),
    STARTING_UP("57P03 starting up"),
    RESET_IN_START("reset while connecting"),
    RESET_IN_REQUEST("reset within a request"),
    RESET_IN_ANSWER("reset within an answer"),
    LOST_ACKNOWLEDGEMENT("done, acknowledgement lost"),
    TERMINATED("57P01 backend terminated"),
    RECOVERY_CONFLICT("40001 recovery conflict"),
    DEADLOCK("40P01 deadlock"),
    READ_ONLY("25006 standby after failover"),
    SILENT("no answer at all");

    private final String label;

    DatabaseFault(String label) {
        this.label = label;
    }

    /** Whether it hits connections that are being made, rather than statements. */
    boolean isOfConnecting() {
        return this == REFUSED || this == UNKNOWN_HOST || this == STARTING_UP || this == RESET_IN_START;
    }

    @Override
    public String toString() {
        return label;
    }
}
