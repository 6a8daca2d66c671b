package dev.stocktake.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/**
 * How large and how often; system properties beginning with {@code bench.} change it.
 *
 * @param only names of figures, {@code bench.only}, by commas; all when empty
 * @param objects of most figures, {@code bench.objects}; others are a multiple or a fraction
 * @param runs that each figure is the median of, {@code bench.runs}
 */
record Scale(List<String> only, long objects, int runs) {
    /** What a list request takes where nothing else is said: a store in the same region. */
    static final Duration LATENCY = Duration.ofMillis(50);

    private static final double MILLION = 1e6;

    static Scale of(Properties properties) {
        List<String> only = Arrays.stream(
                        properties.getProperty("bench.only", "").split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        return new Scale(
                only, number(properties, "bench.objects", 1_000_000), (int) number(properties, "bench.runs", 3));
    }

    /** Such as "1 M" or "0.1 M". */
    static String millions(long count) {
        String text = String.format(java.util.Locale.ROOT, "%.2f", count / MILLION);
        return text.replaceFirst("\\.?0+$", "") + " M";
    }

    private static long number(Properties properties, String name, long otherwise) {
        String text = properties.getProperty(name, "").strip();
        long number = text.isEmpty() ? otherwise : Long.parseLong(text);
        if (number < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, was: " + text);
        }
        return number;
    }
}
