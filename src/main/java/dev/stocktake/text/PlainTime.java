package dev.stocktake.text;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Times in the forms that S3 and PostgreSQL usually write, read in one pass: every entry of both sides has one, and the
 * parsers of the libraries, which know every form, took a quarter of a comparison.
 */
public final class PlainTime {
    private static final int FRACTION_AT = 19;
    private static final int MOST_DIGITS = 9;
    private static final int NANOS = 1_000_000_000;

    private PlainTime() {}

    /**
     * A time such as {@code 2024-01-14T09:20:30.123Z} or {@code 2024-01-14 10:20:30.123456+01}; with or without a fraction
     * and minutes of the offset; UTC where it has no offset.
     *
     * @param separator between date and time
     * @return null for any other text, be it a time or not
     */
    public static Instant of(String text, char separator) {
        if (text.length() < FRACTION_AT
                || text.charAt(4) != '-'
                || text.charAt(7) != '-'
                || text.charAt(10) != separator
                || text.charAt(13) != ':'
                || text.charAt(16) != ':') {
            return null;
        }
        int at = FRACTION_AT;
        int nanos = 0;
        if (at < text.length() && text.charAt(at) == '.') {
            int end = endOfDigits(text, at + 1);
            int digits = end - at - 1;
            if (digits < 1 || digits > MOST_DIGITS) {
                return null;
            }
            nanos = number(text, at + 1, end);
            for (int i = digits; i < MOST_DIGITS; i++) {
                nanos *= 10;
            }
            at = end;
        }
        int year = number(text, 0, 4);
        int month = number(text, 5, 7);
        int day = number(text, 8, 10);
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, FRACTION_AT);
        ZoneOffset offset = offset(text, at);
        if (offset == null || (year | month | day | hour | minute | second) < 0 || nanos >= NANOS) {
            return null;
        }
        try {
            return LocalDateTime.of(year, month, day, hour, minute, second, nanos)
                    .toInstant(offset);
        } catch (DateTimeException impossible) {
            return null;
        }
    }

    /** The rest of the text as an offset; null when it is none. */
    private static ZoneOffset offset(String text, int at) {
        int length = text.length() - at;
        if (length == 0 || (length == 1 && text.charAt(at) == 'Z')) {
            return ZoneOffset.UTC;
        }
        char sign = text.charAt(at);
        if ((sign != '+' && sign != '-') || (length != 3 && (length != 6 || text.charAt(at + 3) != ':'))) {
            return null;
        }
        int hours = number(text, at + 1, at + 3);
        int minutes = length == 3 ? 0 : number(text, at + 4, at + 6);
        if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) {
            return null;
        }
        int seconds = (hours * 60 + minutes) * 60;
        return ZoneOffset.ofTotalSeconds(sign == '+' ? seconds : -seconds);
    }

    private static int endOfDigits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    /** At most nine digits as a number; less than 0 when there is anything else among them. */
    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
