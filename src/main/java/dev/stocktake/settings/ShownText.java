package dev.stocktake.settings;

import dev.stocktake.text.Visible;

/** How a value from outside is shown in a message: on one line, in quotes, not too long, with nothing invisible. */
final class ShownText {
    private static final int LONGEST = 200;

    private ShownText() {}

    /** The end of a message about a wrong value: {@code , was: "value"}. */
    static String was(String value) {
        return ", was: " + quoted(value);
    }

    static String quoted(String value) {
        boolean tooLong = value.codePointCount(0, value.length()) > LONGEST;
        String shown = tooLong ? value.substring(0, value.offsetByCodePoints(0, LONGEST)) : value;
        return '"' + Visible.text(shown) + (tooLong ? "…" : "") + '"';
    }
}
