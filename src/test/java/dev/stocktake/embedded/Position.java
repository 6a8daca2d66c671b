package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;

/**
 * Where a page begins: at the first key that is greater than {@code key}, or, when inclusive, equal to it.
 *
 * <p>As a continuation token it is hexadecimal, because S3 never encodes tokens and a raw key may not survive XML.
 */
record Position(String key, boolean inclusive) {
    static final Position START = from("");

    private static final char FROM = 'f';
    private static final char AFTER = 'a';

    static Position from(String key) {
        return new Position(key, true);
    }

    static Position after(String key) {
        return new Position(key, false);
    }

    /** The position in a token, which may have any number of dots added to it to tell it from others. */
    static Position ofToken(String token) {
        int end = token.length();
        while (end > 0 && token.charAt(end - 1) == '.') {
            end--;
        }
        if (end == 0 || (token.charAt(0) != FROM && token.charAt(0) != AFTER)) {
            throw new IllegalArgumentException("Not a continuation token of this store, was: " + token);
        }
        return new Position(new String(HexFormat.of().parseHex(token, 1, end), UTF_8), token.charAt(0) == FROM);
    }

    String token() {
        return (inclusive ? FROM : AFTER) + HexFormat.of().formatHex(key.getBytes(UTF_8));
    }

    /** The later of the two. */
    Position max(Position other) {
        int order = Utf8Order.INSTANCE.compare(key, other.key);
        return order > 0 || (order == 0 && !inclusive) ? this : other;
    }
}
