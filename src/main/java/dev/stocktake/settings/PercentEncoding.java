package dev.stocktake.settings;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding in URLs. Not {@link java.net.URLDecoder}, which turns {@code +} into a space and hides bad UTF-8. */
final class PercentEncoding {
    private PercentEncoding() {}

    /** @throws IllegalArgumentException for a stray %, bytes that are not UTF-8, or a NUL; the text is not shown */
    static String decode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int index = 0; index < bytes.length; index++) {
            if (bytes[index] == '%') {
                int high = index + 2 < bytes.length ? Character.digit(bytes[index + 1], 16) : -1;
                int low = index + 2 < bytes.length ? Character.digit(bytes[index + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw new IllegalArgumentException(
                            "has a % that is not followed by two hexadecimal digits: write % as %25");
                }
                decoded.write(high * 16 + low);
                index += 2;
            } else {
                decoded.write(bytes[index]);
            }
        }
        try {
            String result = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
            if (result.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("must not contain %00");
            }
            return result;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("has percent-encoded bytes that are not UTF-8", e);
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
