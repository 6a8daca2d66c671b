package dev.stocktake.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The one way to write a path, so that nobody who reads it takes it for another one. */
final class NormalPath {
    /** What RFC 3986 allows in a path, but for the semicolon, at which some end a segment. */
    private static final Pattern CHARACTERS = Pattern.compile("/[A-Za-z0-9._~!$&'()*+,=:@%/-]*");

    private static final Pattern ABNORMAL = Pattern.compile("//|/\\.\\.?(?:/|$)|%(?![0-9A-Fa-f]{2})");
    private static final Pattern ENCODED = Pattern.compile("(?:%[0-9A-Fa-f]{2})++");
    private static final Pattern NEEDLESSLY_ENCODED = Pattern.compile("[A-Za-z0-9._~/\\\\;-]|\\p{Cntrl}");

    private NormalPath() {}

    /** Whether a path, as it was sent, is in that form. */
    static boolean matches(String path) {
        if (!CHARACTERS.matcher(path).matches() || ABNORMAL.matcher(path).find()) {
            return false;
        }
        for (Matcher encoded = ENCODED.matcher(path); encoded.find(); ) {
            if (!isNormal(encoded.group())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNormal(String encoded) {
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length() / 3);
        for (int at = 0; at < encoded.length(); at += 3) {
            bytes.put((byte) Integer.parseInt(encoded.substring(at + 1, at + 3), 16));
        }
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
            return !NEEDLESSLY_ENCODED.matcher(text).find();
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }
}
