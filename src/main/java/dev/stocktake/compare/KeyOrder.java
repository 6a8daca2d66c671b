package dev.stocktake.compare;

import java.util.Comparator;

/**
 * The order of storage keys: UTF-8 byte order, in which S3 lists and PostgreSQL sorts with {@code COLLATE "C"}.
 *
 * <p>It differs from {@link String#compareTo}, which is UTF-16 order: there an emoji (a surrogate pair) stands before
 * U+E000 to U+FFFF, in UTF-8 after them.
 */
public final class KeyOrder {
    /** Compares as above; no bytes are made. */
    public static final Comparator<String> UTF_8 = KeyOrder::compare;

    private KeyOrder() {}

    private static int compare(String left, String right) {
        int shared = Math.min(left.length(), right.length());
        for (int i = 0; i < shared; i++) {
            char l = left.charAt(i);
            char r = right.charAt(i);
            if (l != r) {
                boolean leftIsSurrogate = Character.isSurrogate(l);
                return leftIsSurrogate == Character.isSurrogate(r) ? l - r : leftIsSurrogate ? 1 : -1;
            }
        }
        return left.length() - right.length();
    }
}
