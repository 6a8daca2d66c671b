package dev.stocktake.settings;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them in settings: {@code 0s}, {@code 30m}, {@code 1h30m}, {@code 2d}. */
public final class TimeSpan {
    private static final Pattern FORM = Pattern.compile(
            "(?=[0-9])(?:(?<d>[0-9]{1,9})d)?(?:(?<h>[0-9]{1,9})h)?(?:(?<m>[0-9]{1,9})m)?(?:(?<s>[0-9]{1,9})s)?");

    /** A longer one would leave the range of a database's timestamps when it is taken from now. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private TimeSpan() {}

    /**
     * From its text.
     *
     * @throws IllegalArgumentException when it is not of that form or is longer than 36500 days; its message reads on after
     *     the name of the setting or option
     */
    public static Duration parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "must be a duration like 0s, 30m, 1h30m or 2d, of whole numbers" + ShownText.was(text));
        }
        Duration duration = Duration.ofDays(number(parts, "d"))
                .plusHours(number(parts, "h"))
                .plusMinutes(number(parts, "m"))
                .plusSeconds(number(parts, "s"));
        if (duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("must be at most " + LONGEST.toDays() + "d" + ShownText.was(text));
        }
        return duration;
    }

    /** The shortest form that {@link #parse} reads as {@code duration}, which is of whole seconds. */
    static String format(Duration duration) {
        String text = part(duration.toDays(), "d")
                + part(duration.toHoursPart(), "h")
                + part(duration.toMinutesPart(), "m")
                + part(duration.toSecondsPart(), "s");
        return text.isEmpty() ? "0s" : text;
    }

    private static String part(long number, String unit) {
        return number == 0 ? "" : number + unit;
    }

    private static long number(Matcher parts, String unit) {
        return Optional.ofNullable(parts.group(unit)).map(Long::parseLong).orElse(0L);
    }
}
