package dev.stocktake.cleanup;

import dev.stocktake.cleanup.CleanupFile.Stage;
import dev.stocktake.compare.AssetRecord;
import dev.stocktake.near.NearKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Files of one plan: the records are asked about all of them at once.
 *
 * @param isSettled whether they were moved before, and are only looked at once more
 */
public record FileBatch(Plan plan, List<CleanupFile> items, boolean isSettled) implements CleanupBatch {
    public FileBatch {
        items = List.copyOf(items);
    }

    /** Of the plan alone: Camel asks for it whenever a route reads something of the batch. */
    @Override
    public int hashCode() {
        return plan.hashCode();
    }

    /** The same batch, its files one step further. */
    public static FileBatch with(FileBatch before, List<CleanupFile> files) {
        return new FileBatch(before.plan, files, before.isSettled);
    }

    /** The storage keys that a record could have for one of the files that are still open, exactly or nearly. */
    public String[] keysOfRecords() {
        return items.stream()
                .filter(FileBatch::isAskedAbout)
                .flatMap(file -> NearKeys.of(file.item().storageKey(), plan.bucket()).stream())
                .distinct()
                .toArray(String[]::new);
    }

    /** The same batch, with what the records say. */
    public static FileBatch checked(FileBatch batch, List<AssetRecord> records) {
        Map<String, Integer> counted = new HashMap<>();
        records.forEach(found -> counted.merge(found.storageKey(), 1, Integer::sum));
        return new FileBatch(
                batch.plan,
                batch.items.stream()
                        .map(file -> isAskedAbout(file)
                                ? file.referencedBy(NearKeys.of(file.item().storageKey(), batch.plan.bucket()).stream()
                                        .collect(Collectors.summingInt(key -> counted.getOrDefault(key, 0))))
                                : file)
                        .toList(),
                batch.isSettled);
    }

    private static boolean isAskedAbout(CleanupFile file) {
        return file.isOpen() && file.stage() != Stage.OUTSIDE;
    }
}
