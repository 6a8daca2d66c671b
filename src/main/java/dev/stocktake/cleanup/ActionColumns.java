package dev.stocktake.cleanup;

import dev.stocktake.database.TextColumn;
import dev.stocktake.json.Json;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What was done about the items of a batch as columns of {@code stocktake.action}, each an array of texts. */
@SuppressWarnings("ArrayRecordComponent") // only handed on to the driver
public record ActionColumns(
        String[] items, String[] storageKeys, String[] seen, String[] outcomes, String[] reasons, String[] millis) {

    /** What became of those whose outcome is known. */
    public static ActionColumns of(CleanupBatch batch) {
        return of(batch.ended(), CleanupItem::outcome);
    }

    /** That the rows of records were saved. */
    public static ActionColumns ofSaved(RecordBatch batch) {
        return of(batch.read(), record -> Outcome.DONE);
    }

    /** One element an item in each array, null where it has no such property. */
    private static ActionColumns of(List<? extends CleanupItem> items, Function<CleanupItem, Outcome> outcome) {
        long now = System.nanoTime();
        return new ActionColumns(
                TextColumn.of(items, item -> item.item().number()),
                TextColumn.of(items, item -> item.item().storageKey()),
                TextColumn.of(items, item -> Json.write(item.seen())),
                TextColumn.of(items, item -> outcome.apply(item).label()),
                TextColumn.of(items, CleanupItem::reason),
                TextColumn.of(items, item -> TimeUnit.NANOSECONDS.toMillis(now - item.begunAt())));
    }

    /** The same, item by item. */
    List<ActionEntry> entries() {
        return IntStream.range(0, items.length)
                .mapToObj(i -> new ActionEntry(
                        Long.valueOf(items[i]),
                        storageKeys[i],
                        seen[i],
                        Outcome.of(outcomes[i]),
                        reasons[i],
                        Long.parseLong(millis[i])))
                .toList();
    }
}
