package dev.stocktake.cleanup;

import dev.stocktake.cleanup.CleanupFile.Stage;
import dev.stocktake.compare.AssetRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Files of one plan that are moved together: the records are asked about all of them at once. */
public record CleanupBatch(Plan plan, List<CleanupFile> files) {
    public CleanupBatch {
        files = List.copyOf(files);
    }

    /** Of the plan alone: Camel asks for it whenever a route reads something of the batch. */
    @Override
    public int hashCode() {
        return plan.hashCode();
    }

    /** The same batch, its files one step further. */
    public static CleanupBatch with(CleanupBatch before, List<CleanupFile> files) {
        return new CleanupBatch(before.plan, files);
    }

    /** Those whose outcome is known: all, unless the execution was stopped. */
    public List<CleanupFile> ended() {
        return files.stream().filter(file -> !file.isOpen()).toList();
    }

    /** The storage keys that a record could have for one of the files that are still open, exactly or nearly. */
    public String[] keysOfRecords() {
        return files.stream()
                .filter(file -> file.isOpen() && file.stage() != Stage.OUTSIDE)
                .flatMap(file -> NearKeys.of(file.item().storageKey(), plan.bucket()).stream())
                .distinct()
                .toArray(String[]::new);
    }

    /** The same batch, with what the records say. */
    public static CleanupBatch checked(CleanupBatch batch, List<AssetRecord> records) {
        Map<String, Integer> counted = new HashMap<>();
        records.forEach(found -> counted.merge(found.storageKey(), 1, Integer::sum));
        return new CleanupBatch(
                batch.plan,
                batch.files.stream()
                        .map(file -> file.isOpen() && file.stage() != Stage.OUTSIDE
                                ? file.referencedBy(NearKeys.of(file.item().storageKey(), batch.plan.bucket()).stream()
                                        .collect(Collectors.summingInt(key -> counted.getOrDefault(key, 0))))
                                : file)
                        .toList());
    }
}
