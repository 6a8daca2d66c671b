package dev.stocktake.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;

/** SHA-256, in hexadecimal. */
public final class Sha256 {
    private Sha256() {}

    /** Of a text, as UTF-8. */
    public static String of(String text) {
        return HexFormat.of().formatHex(digest().digest(text.getBytes(UTF_8)));
    }

    /** Of many lines, as UTF-8, each ended by a line feed; they are read as they come. */
    public static String ofLines(Iterator<String> lines) {
        MessageDigest digest = digest();
        lines.forEachRemaining(line -> digest.update((line + "\n").getBytes(UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
