package dev.stocktake.cleanup;

import dev.stocktake.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** What became of the files of a batch as columns of {@code stocktake.action}, each an array of texts. */
@SuppressWarnings("ArrayRecordComponent") // only handed on to the driver
public record ActionColumns(
        String[] items, String[] storageKeys, String[] seen, String[] outcomes, String[] reasons, String[] millis) {

    /** One element a file in each array, null where it has no such property. */
    public static ActionColumns of(CleanupBatch batch) {
        long now = System.nanoTime();
        List<CleanupFile> files = batch.files();
        return new ActionColumns(
                column(files, file -> file.item().number()),
                column(files, file -> file.item().storageKey()),
                column(files, file -> Json.write(file.seen())),
                column(files, file -> file.outcome().name().toLowerCase(Locale.ROOT)),
                column(files, CleanupFile::reason),
                column(files, file -> TimeUnit.NANOSECONDS.toMillis(now - file.begunAt())));
    }

    private static String[] column(List<CleanupFile> files, Function<CleanupFile, Object> property) {
        return files.stream()
                .map(property)
                .map(value -> value == null ? null : value.toString())
                .toArray(String[]::new);
    }
}
