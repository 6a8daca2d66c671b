package dev.stocktake.cleanup;

import dev.stocktake.database.TextColumn;
import dev.stocktake.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What became of the files of a batch as columns of {@code stocktake.action}, each an array of texts. */
@SuppressWarnings("ArrayRecordComponent") // only handed on to the driver
public record ActionColumns(
        String[] items, String[] storageKeys, String[] seen, String[] outcomes, String[] reasons, String[] millis) {

    /** One element a file in each array, null where it has no such property. */
    public static ActionColumns of(CleanupBatch batch) {
        long now = System.nanoTime();
        List<CleanupFile> files = batch.ended();
        return new ActionColumns(
                TextColumn.of(files, file -> file.item().number()),
                TextColumn.of(files, file -> file.item().storageKey()),
                TextColumn.of(files, file -> Json.write(file.seen())),
                TextColumn.of(files, file -> file.outcome().name().toLowerCase(Locale.ROOT)),
                TextColumn.of(files, CleanupFile::reason),
                TextColumn.of(files, file -> TimeUnit.NANOSECONDS.toMillis(now - file.begunAt())));
    }
}
