package dev.stocktake.verify;

import dev.stocktake.compare.Finding;
import dev.stocktake.run.SuspectedRange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Suspects of one range that are verified together.
 *
 * @param range with what is verified of it so far
 * @param suspects in key order; none when all of the range are verified
 * @param dense whether one page of the listing is cheaper than asking for each key
 */
public record SuspectBatch(SuspectedRange range, List<StoredSuspect> suspects, boolean dense) {
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
        Map<String, Question> byKey = new LinkedHashMap<>();
        for (StoredSuspect suspect : suspects) {
            Question question = new Question(suspect.key(), suspect.isFile() ? suspect.finding() : null);
            byKey.merge(suspect.key(), question, (first, next) -> first.listed() != null ? first : next);
        }
        return List.copyOf(byKey.values());
    }

    /**
     * Whether an object is there.
     *
     * @param listed as the listing had it; null when it had none
     */
    public record Question(String key, Finding listed) {}

    /** Of the suspected files, each once. */
    public String[] fileKeys() {
        return of(true).map(StoredSuspect::key).distinct().toArray(String[]::new);
    }

    /** Of the suspected records, each once. */
    public String[] recordIds() {
        return of(false).map(suspect -> suspect.finding().recordId()).distinct().toArray(String[]::new);
    }

    private Stream<StoredSuspect> of(boolean files) {
        return suspects.stream().filter(suspect -> suspect.isFile() == files);
    }
}
