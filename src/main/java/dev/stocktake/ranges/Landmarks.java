package dev.stocktake.ranges;

import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.KeySpace;
import java.util.List;
import java.util.Map;

/**
 * Keys that lie about evenly among the records, as the database's planner keeps them, or as a sample gave them.
 *
 * @param keys plain ones, in UTF-8 byte order
 * @param records how many there are, about; 0 when it is not known
 */
public record Landmarks(List<String> keys, long records) {
    /** Of records that nothing is known of. */
    public static final Landmarks NONE = new Landmarks(List.of(), 0);

    public Landmarks {
        keys = List.copyOf(keys);
    }

    /**
     * From rows with the columns {@code storage_key} and {@code records}.
     */
    static Landmarks of(List<Map<String, Object>> rows) {
        List<String> keys = rows.stream()
                .map(row -> (String) row.get("storage_key"))
                .filter(KeySpace::isPossible)
                .distinct()
                .sorted(KeyOrder.UTF_8)
                .toList();
        long records = rows.stream()
                .mapToLong(row -> ((Number) row.get("records")).longValue())
                .max()
                .orElse(0);
        return new Landmarks(keys, records);
    }

    /** Those behind one key and before another. */
    List<String> between(String after, String before) {
        return keys.subList(firstBehind(after), Math.max(firstBehind(after), firstAtOrBehind(before)));
    }

    private int firstBehind(String key) {
        int place = firstAtOrBehind(key);
        return place < keys.size() && keys.get(place).equals(key) ? place + 1 : place;
    }

    private int firstAtOrBehind(String key) {
        int low = 0;
        int high = keys.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (KeyOrder.UTF_8.compare(keys.get(middle), key) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
