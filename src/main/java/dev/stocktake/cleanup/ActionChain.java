package dev.stocktake.cleanup;

import dev.stocktake.text.Sha256;
import java.math.BigDecimal;
import java.time.OffsetDateTime;

/**
 * How the rows of {@code stocktake.action} are chained: the hash of each is the SHA-256, in hexadecimal, of a text in UTF-8 that
 * holds the hash of the row before it and all its other columns.
 *
 * <p>That text is a JSON array, its elements separated by a comma and a space: {@code previous_hash}, {@code number},
 * {@code at}, {@code made_by}, {@code plan_id}, {@code plan_hash}, {@code what}, {@code item}, {@code storage_key}, {@code seen},
 * {@code outcome}, {@code reason}, {@code millis}. Numbers are bare and NULL is {@code null}; all else is a string, {@code seen}
 * as it is stored and {@code at} as seconds since 1970 in UTC with six decimals. Of the characters of a string only the
 * quotation mark, the backslash and those below U+0020 are escaped. It is what PostgreSQL's {@code json_build_array} makes.
 */
final class ActionChain {
    /** Stands for the hash before the first row. */
    static final String START = "";

    private static final int MICROS = 6;
    private static final int NANOS_A_MICRO = 1000;

    private ActionChain() {}

    /**
     * What the hash of a row must be.
     *
     * @throws IllegalArgumentException when its time is infinite
     */
    static String hash(String previousHash, ActionRow row) {
        return Sha256.of(text(previousHash, row, seconds(row.at())));
    }

    /** Whether the hash of a row is what it must be. */
    static boolean isHash(String hash, String previousHash, ActionRow row) {
        if (!isFinite(row.at())) {
            return false;
        }
        String seconds = seconds(row.at());
        return Sha256.of(text(previousHash, row, seconds)).equals(hash)
                // PostgreSQL 13 has seconds as a floating-point number, and that of two rows is as different
                || Sha256.of(text(previousHash, row, withoutZeros(seconds))).equals(hash);
    }

    /** What is hashed. */
    static String text(String previousHash, ActionRow row) {
        return text(previousHash, row, seconds(row.at()));
    }

    private static String text(String previousHash, ActionRow row, String seconds) {
        StringBuilder json = new StringBuilder(512);
        string(json.append('['), previousHash);
        json.append(", ").append(row.number());
        string(json.append(", "), seconds);
        string(json.append(", "), row.madeBy());
        string(json.append(", "), row.planId() == null ? null : row.planId().toString());
        string(json.append(", "), row.planHash());
        string(json.append(", "), row.what());
        json.append(", ").append(row.item());
        string(json.append(", "), row.storageKey());
        string(json.append(", "), row.seen());
        string(json.append(", "), row.outcome());
        string(json.append(", "), row.reason());
        return json.append(", ").append(row.millis()).append(']').toString();
    }

    private static void string(StringBuilder json, String text) {
        if (text == null) {
            json.append("null");
            return;
        }
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char next = text.charAt(i);
            switch (next) {
                case '"', '\\' -> json.append('\\').append(next);
                case '\b' -> json.append("\\b");
                case '\f' -> json.append("\\f");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (next < ' ') {
                        json.append(String.format("\\u%04x", (int) next));
                    } else {
                        json.append(next);
                    }
                }
            }
        }
        json.append('"');
    }

    private static String seconds(OffsetDateTime at) {
        if (!isFinite(at)) {
            throw new IllegalArgumentException("The time of an action must be finite, was: " + at);
        }
        // the seconds of the last years that PostgreSQL knows do not fit into a long as microseconds
        return at == null
                ? null
                : BigDecimal.valueOf(at.toEpochSecond())
                        .add(BigDecimal.valueOf(at.getNano() / NANOS_A_MICRO, MICROS))
                        .toPlainString();
    }

    private static String withoutZeros(String seconds) {
        return seconds == null ? null : seconds.replaceFirst("\\.?0+$", "");
    }

    /** The driver has these for PostgreSQL's {@code infinity} and {@code -infinity}. */
    private static boolean isFinite(OffsetDateTime at) {
        return !OffsetDateTime.MAX.equals(at) && !OffsetDateTime.MIN.equals(at);
    }
}
