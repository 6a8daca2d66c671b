package dev.stocktake.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The same thing measured several times. */
final class Samples {
    private final List<Double> values = new ArrayList<>();

    void add(double value) {
        values.add(value);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    /** The lower one of the middle two where there is none in the middle. */
    double median() {
        return values.stream().sorted().toList().get((values.size() - 1) / 2);
    }

    double last() {
        return values.get(values.size() - 1);
    }

    /** In the order in which they were measured. */
    List<Double> values() {
        return List.copyOf(values);
    }

    /** What is measured on some systems only. */
    String orNotMeasured() {
        return values.isEmpty() ? "(not measured)" : toString();
    }

    /** The median, and all of them in brackets. */
    @Override
    public String toString() {
        return text(median()) + values.stream().map(Samples::text).collect(Collectors.joining(", ", " (", ")"));
    }

    /** Three digits that count. */
    static String text(double value) {
        int decimals = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
