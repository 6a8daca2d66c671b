package dev.stocktake.text;

import java.util.Locale;

/** Text from outside, as a person or a terminal may safely read it. */
public final class Visible {
    private Visible() {}

    /**
     * The text with everything escaped that would break the line, move the cursor or turn the direction of the text:
     * {@code \n}, {@code \t}, {@code \r}, and a backslash, {@code u} and the code point in hexadecimal for the rest.
     */
    public static String text(String raw) {
        int plain = 0;
        while (plain < raw.length() && isPlain(raw.charAt(plain))) {
            plain++;
        }
        if (plain == raw.length()) {
            return raw;
        }
        StringBuilder shown = new StringBuilder(raw.length() + 16).append(raw, 0, plain);
        raw.substring(plain).codePoints().forEach(character -> append(shown, character));
        return shown.toString();
    }

    private static boolean isPlain(char character) {
        return character >= ' ' && character < 0x7F;
    }

    private static void append(StringBuilder shown, int character) {
        switch (character) {
            case '\n' -> shown.append("\\n");
            case '\t' -> shown.append("\\t");
            case '\r' -> shown.append("\\r");
            default -> {
                switch (Character.getType(character)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SURROGATE ->
                        shown.append(String.format(Locale.ROOT, character > 0xFFFF ? "\\u{%X}" : "\\u%04X", character));
                    default -> shown.appendCodePoint(character);
                }
            }
        }
    }
}
