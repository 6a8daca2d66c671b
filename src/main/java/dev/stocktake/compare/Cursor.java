package dev.stocktake.compare;

import java.time.Instant;
import java.util.List;

/**
 * How far the comparison of one range has come: what has been read of either side and not yet been compared, where
 * either side goes on, and what the turns so far have counted. Immutable; every turn of {@link Merge} makes the next.
 *
 * @param range what is compared
 * @param prefix that every key begins with
 * @param objects read but not compared, in key order
 * @param storageFrom where the listing of the range goes on; null when it has ended
 * @param records read but not compared, in order
 * @param recordsFrom where the records of the range go on; null when they have ended
 * @param matchedKey the last key that both sides had, whose object may wait here for more records; null at first
 * @param storageTime the store's clock at its last answer; null until it told
 * @param tally of all turns so far
 * @param findings of the last turn, in key order
 */
public record Cursor(
        Range range,
        String prefix,
        List<StoredObject> objects,
        StorageMarker storageFrom,
        List<AssetRecord> records,
        RecordsMarker recordsFrom,
        String matchedKey,
        Instant storageTime,
        Tally tally,
        List<Finding> findings) {

    public Cursor {
        objects = List.copyOf(objects);
        records = List.copyOf(records);
        findings = List.copyOf(findings);
    }

    /** Before the first page of either side. */
    public static Cursor atStartOf(Range range, KeySpace keySpace) {
        return new Cursor(
                range,
                keySpace.prefix(),
                List.of(),
                StorageMarker.after(range.after()),
                List.of(),
                new RecordsMarker(range.after(), null),
                null,
                null,
                Tally.ZERO,
                List.of());
    }

    /** Whether the next turn needs a page of the listing. */
    public boolean needsObjects() {
        return storageFrom != null && objects.isEmpty();
    }

    /** Whether the next turn needs a page of records. */
    public boolean needsRecords() {
        return recordsFrom != null && records.isEmpty();
    }

    /** Whether both sides were read to the end of the range and everything read was compared. */
    public boolean isClosed() {
        return storageFrom == null && recordsFrom == null && objects.isEmpty() && records.isEmpty();
    }

    public boolean hasFindings() {
        return !findings.isEmpty();
    }
}
