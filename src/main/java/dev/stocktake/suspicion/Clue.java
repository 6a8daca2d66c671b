package dev.stocktake.suspicion;

import dev.stocktake.near.Step;
import java.util.Map;

/**
 * What may keep the keys of the two sides apart.
 *
 * @param side which kind of finding has the prefix; null for a step
 * @param change a prefix, or a step as {@code near_match_by} names it
 * @param explained how many keys agree once it is undone
 * @param asked how many keys were asked
 */
record Clue(String side, String change, long explained, long asked) {
    static Clue of(Map<String, Object> row) {
        return new Clue(
                (String) row.get("side"),
                (String) row.get("change"),
                ((Number) row.get("explained")).longValue(),
                ((Number) row.get("asked")).longValue());
    }

    boolean explainsMost() {
        return 2 * explained > asked;
    }

    /** Whether it names no prefix where a prefix is what keeps the keys apart. */
    boolean isVague() {
        return change.equals("bucket_or_host_prefix");
    }

    /** What to do about it. */
    String advice() {
        if (side == null) {
            return "most keys agree but for " + Step.spoken(change) + ": make up for it in the records query";
        }
        boolean ofFiles = side.equals("orphaned_file");
        return "the keys of the " + (ofFiles ? "files" : "records") + " begin with " + Suspicion.quoted(change)
                + " and those of the " + (ofFiles ? "records" : "files") + " do not: "
                + (ofFiles ? "put it before the key" : "take it off") + " in the records query";
    }
}
