package dev.stocktake.storage;

import dev.stocktake.text.Visible;

/** The store does not say whether there is an object; asking again would not help. */
public final class UnknownPresenceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    UnknownPresenceException(String key, String question, int status, String remedy) {
        super("Whether the object \"" + Visible.text(key) + "\" exists is unknown: the store answered " + status
                + " to " + question + ". " + remedy);
        this.status = status;
    }

    /** The HTTP status that the store answered. */
    int status() {
        return status;
    }
}
