package dev.stocktake.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.stocktake.compare.KeyOrder;
import java.time.Instant;

/**
 * What the bucket holds: objects numbered from 0 in key order, such as {@code folder-017/0000271828-preview.jpg}.
 *
 * @param folders that share the objects evenly, 1 to 1,000
 * @param lastModified of every object
 */
record Layout(long objects, int folders, Instant lastModified) {
    /** Before any grace period. */
    static final Instant LONG_AGO = Instant.parse("2024-01-10T12:00:00Z");

    /** Enough for every worker of the largest parallelism that is measured. */
    static final int MANY_FOLDERS = 64;

    static final int FOLDER_AT = 7;
    static final int FOLDER_DIGITS = 3;
    static final int NUMBER_AT = 11;
    static final int NUMBER_DIGITS = 10;

    private static final byte[] KEY = "folder-000/0000000000-preview.jpg".getBytes(ISO_8859_1);

    /** In {@link #MANY_FOLDERS}, none of them too recent. */
    static Layout spread(long objects) {
        return new Layout(objects, MANY_FOLDERS, LONG_AGO);
    }

    String key(long number) {
        byte[] key = KEY.clone();
        writeKey(number, key, 0);
        return new String(key, ISO_8859_1);
    }

    /** Writes the digits of a key over those of another one that begins there. */
    void writeKey(long number, byte[] bytes, int keyAt) {
        digits(number / objectsAFolder(), FOLDER_DIGITS, bytes, keyAt + FOLDER_AT);
        digits(number, NUMBER_DIGITS, bytes, keyAt + NUMBER_AT);
    }

    /** The key of the number {@code i}, as SQL. */
    String keySql() {
        return "'folder-' || lpad((i / %d)::text, %d, '0') || '/' || lpad(i::text, %d, '0') || '-preview.jpg'"
                .formatted(objectsAFolder(), FOLDER_DIGITS, NUMBER_DIGITS);
    }

    /** The number of the first object whose key is greater than this one, or, when inclusive, equal to it. */
    long firstBehind(String key, boolean inclusive) {
        long low = 0;
        long high = objects;
        while (low < high) {
            long middle = (low + high) >>> 1;
            int order = KeyOrder.UTF_8.compare(key(middle), key);
            if (order < 0 || (order == 0 && !inclusive)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The number behind the last object whose key has this prefix, which the key of the number {@code from} has. */
    long endOf(String prefix, long from) {
        long low = from;
        long high = objects;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (key(middle).startsWith(prefix)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private long objectsAFolder() {
        return Math.max(1, (objects + folders - 1) / folders);
    }

    static void digits(long number, int digits, byte[] bytes, int at) {
        long rest = number;
        for (int i = at + digits - 1; i >= at; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
