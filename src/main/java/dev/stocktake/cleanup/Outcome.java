package dev.stocktake.cleanup;

import java.util.Locale;

/** What became of an item. */
public enum Outcome {
    DONE,
    SKIPPED,
    FAILED;

    /** As it is stored. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The outcome of this label. */
    static Outcome of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
