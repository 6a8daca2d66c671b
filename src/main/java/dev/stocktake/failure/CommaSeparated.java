package dev.stocktake.failure;

import java.util.Arrays;
import java.util.List;

/** A list as a route file has it. */
final class CommaSeparated {
    private CommaSeparated() {}

    static List<String> list(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }
}
