package dev.stocktake.settings;

import java.util.Locale;

/** How a value from outside is shown in a message: on one line, in quotes, not too long, with nothing invisible. */
final class ShownText {
    private static final int LONGEST = 200;

    private ShownText() {}

    /** The end of a message about a wrong value: {@code , was: "value"}. */
    static String was(String value) {
        return ", was: " + quoted(value);
    }

    static String quoted(String value) {
        StringBuilder shown = new StringBuilder("\"");
        value.codePoints().limit(LONGEST).forEach(character -> append(shown, character));
        if (value.codePointCount(0, value.length()) > LONGEST) {
            shown.append('…');
        }
        return shown.append('"').toString();
    }

    private static void append(StringBuilder shown, int character) {
        switch (Character.getType(character)) {
                // what would break the line, move the cursor or change the direction of the text
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> shown.append(String.format(Locale.ROOT, "\\u%04X", character));
            default -> shown.appendCodePoint(character);
        }
    }
}
