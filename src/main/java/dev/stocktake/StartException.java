package dev.stocktake;

/** Stocktake could not start; the message is one line for whoever started it. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1;

    private final int exitStatus;

    StartException(String message, int exitStatus, Throwable cause) {
        super(message, cause);
        this.exitStatus = exitStatus;
    }

    int exitStatus() {
        return exitStatus;
    }
}
