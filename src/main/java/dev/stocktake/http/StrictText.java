package dev.stocktake.http;

import dev.stocktake.text.Visible;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Text of a request, read in the one way in which the database reads it, too. */
final class StrictText {
    private static final int SHOWN = 80;

    private StrictText() {}

    /** The bytes as UTF-8; empty where they are something else. */
    static Optional<String> of(ByteBuffer bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
        } catch (CharacterCodingException other) {
            return Optional.empty();
        }
    }

    /** Whether PostgreSQL could hold it: without U+0000, and without a half of a surrogate pair, which is no character. */
    static boolean isStorable(String text) {
        return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /** For the sentence that refuses it. */
    static String shown(String text) {
        if (text.codePointCount(0, text.length()) <= SHOWN) {
            return Visible.text(text);
        }
        return Visible.text(text.substring(0, text.offsetByCodePoints(0, SHOWN))) + "…";
    }
}
