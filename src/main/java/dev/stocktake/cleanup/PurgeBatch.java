package dev.stocktake.cleanup;

import dev.stocktake.cleanup.Purges.Waiting;
import dev.stocktake.compare.AssetRecord;
import dev.stocktake.near.Near;
import dev.stocktake.near.NearKeys;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Files of a purge that the records are asked about together.
 *
 * @param bucket whose files they are
 */
public record PurgeBatch(List<Waiting> files, String bucket) {
    public PurgeBatch {
        files = List.copyOf(files);
    }

    /** The storage keys that a record could have for one of the files, exactly or nearly. */
    public String[] keysOfRecords() {
        return files.stream()
                .flatMap(file -> NearKeys.of(file.storageKey(), bucket).stream())
                .distinct()
                .toArray(String[]::new);
    }

    /**
     * The files, each with whether a record names it.
     *
     * @param records that have one of the keys
     * @param named the record that named a file when all were asked, by the file's key
     */
    public static List<Waiting> checked(PurgeBatch batch, List<AssetRecord> records, Map<String, Near> named) {
        Set<String> keys = records.stream().map(AssetRecord::storageKey).collect(Collectors.toSet());
        return batch.files.stream()
                .map(file -> named.containsKey(file.storageKey())
                                || NearKeys.of(file.storageKey(), batch.bucket).stream()
                                        .anyMatch(keys::contains)
                        ? file.withName()
                        : file)
                .toList();
    }
}
