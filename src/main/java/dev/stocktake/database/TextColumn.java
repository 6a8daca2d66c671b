package dev.stocktake.database;

import java.util.List;
import java.util.function.Function;

/** One property of many things as an array of texts, which a statement takes as a column. */
public final class TextColumn {
    private TextColumn() {}

    /** One element for each thing, in their order; null where it has no such property. */
    public static <T> String[] of(List<T> things, Function<T, Object> property) {
        return things.stream()
                .map(property)
                .map(value -> value == null ? null : value.toString())
                .toArray(String[]::new);
    }
}
