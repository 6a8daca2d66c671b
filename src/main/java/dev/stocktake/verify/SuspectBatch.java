package dev.stocktake.verify;

import dev.stocktake.compare.Finding;
import dev.stocktake.run.Checkpoints.StoredRange;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Suspects of one range that are verified together.
 *
 * @param range as it was last stored
 * @param suspects in key order; none when all of the range are verified
 * @param dense whether one page of the listing is cheaper than asking for each key
 */
public record SuspectBatch(StoredRange range, List<StoredSuspect> suspects, boolean dense) {
    public SuspectBatch {
        suspects = List.copyOf(suspects);
    }

    /** A suspect as it is stored. */
    public record StoredSuspect(long id, Finding finding, long place) {
        String key() {
            return finding.storageKey();
        }

        boolean isFile() {
            return finding.kind() == Finding.Kind.ORPHANED_FILE;
        }
    }

    /** Of the range alone: Camel asks for it whenever a route reads something of the batch. */
    @Override
    public int hashCode() {
        return range.hashCode();
    }

    public boolean isEmpty() {
        return suspects.isEmpty();
    }

    /** Each once. */
    public String[] keys() {
        return suspects.stream().map(StoredSuspect::key).distinct().toArray(String[]::new);
    }

    /** What to ask the store, one key at a time. */
    public List<Question> questions() {
        Set<String> recorded = Set.of(recordKeys());
        return Stream.of(keys())
                .map(key -> new Question(key, recorded.contains(key)))
                .toList();
    }

    /**
     * Whether an object is there.
     *
     * @param recorded whether a record waits for it
     */
    public record Question(String key, boolean recorded) {}

    /** Of the suspected files, each once. */
    public String[] fileKeys() {
        return keys(true);
    }

    private String[] recordKeys() {
        return keys(false);
    }

    /** Of the suspected records, each once. */
    public String[] recordIds() {
        return of(false).map(suspect -> suspect.finding().recordId()).distinct().toArray(String[]::new);
    }

    private String[] keys(boolean files) {
        return of(files).map(StoredSuspect::key).distinct().toArray(String[]::new);
    }

    private Stream<StoredSuspect> of(boolean files) {
        return suspects.stream().filter(suspect -> suspect.isFile() == files);
    }
}
