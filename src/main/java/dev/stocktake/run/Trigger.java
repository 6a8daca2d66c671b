package dev.stocktake.run;

import java.util.Locale;

/** What started a run. */
public enum Trigger {
    SCHEDULE,
    HTTP,
    CLI;

    /** As columns, JSON and routes have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * By its label.
     *
     * @throws IllegalArgumentException for anything but {@code schedule}, {@code http} and {@code cli}
     */
    public static Trigger of(String label) {
        for (Trigger trigger : values()) {
            if (trigger.label().equals(label)) {
                return trigger;
            }
        }
        throw new IllegalArgumentException("trigger must be schedule, http or cli, was: \"" + label + "\"");
    }
}
