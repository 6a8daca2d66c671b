package dev.stocktake.storage;

import dev.stocktake.text.Visible;

/** The store does not say whether there is an object; asking again would not help. */
public final class UnknownPresenceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnknownPresenceException(String key, String answer, String remedy) {
        super("Whether the object \"" + Visible.text(key) + "\" exists is unknown: " + answer + ". " + remedy);
    }
}
