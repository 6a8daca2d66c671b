package dev.stocktake.compare;

import java.util.List;
import java.util.Map;

/**
 * The first key behind another one, on one side.
 *
 * @param key null when there is none
 */
public record KeyBehind(String key) {
    /** From an answer of at most one row with one column. */
    public static KeyBehind ofRows(List<Map<String, Object>> rows) {
        return new KeyBehind(
                rows.isEmpty() ? null : (String) rows.get(0).values().iterator().next());
    }
}
