package dev.stocktake.compare;

import java.time.Duration;
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
 * @param comparedObject the key of the last object compared, or where the range begins
 * @param records read but not compared, in order
 * @param recordsFrom where the records of the range go on; null when they have ended
 * @param comparedRecord the last record compared, or where the range begins
 * @param matchedKey the last key that both sides had, whose object may wait here for more records; null at first
 * @param storageTime the store's clock at its last answer; null until it told
 * @param databaseLag by how much the clock of the records is behind the store's; not negative
 * @param tally of all turns so far
 * @param suspects of the turns since the last checkpoint, in key order
 * @param turns since the last checkpoint
 * @param checkpoints stored so far
 */
public record Cursor(
        Range range,
        String prefix,
        List<StoredObject> objects,
        StorageMarker storageFrom,
        String comparedObject,
        List<AssetRecord> records,
        RecordsMarker recordsFrom,
        RecordsMarker comparedRecord,
        String matchedKey,
        Instant storageTime,
        Duration databaseLag,
        Tally tally,
        List<Suspect> suspects,
        int turns,
        long checkpoints) {
    /** So many pages are read again at the most when a run is resumed. */
    private static final int MOST_TURNS = 10;

    private static final int MOST_SUSPECTS = 1000;

    public Cursor {
        objects = List.copyOf(objects);
        records = List.copyOf(records);
        suspects = List.copyOf(suspects);
    }

    /** Before the first page of either side. */
    public static Cursor atStartOf(Range range, String prefix, Instant storageTime, Duration databaseLag) {
        return at(
                new Checkpoint(
                        range,
                        prefix,
                        StorageMarker.after(range.after()),
                        new RecordsMarker(range.after(), null),
                        null,
                        Tally.ZERO,
                        Verified.NONE),
                storageTime,
                databaseLag,
                0);
    }

    /**
     * Where an interrupted comparison goes on.
     *
     * @param checkpoints stored so far
     */
    public static Cursor at(Checkpoint checkpoint, Instant storageTime, Duration databaseLag, long checkpoints) {
        return new Cursor(
                checkpoint.range(),
                checkpoint.prefix(),
                List.of(),
                checkpoint.storageFrom(),
                checkpoint.storageFrom() == null
                        ? checkpoint.range().upTo()
                        : checkpoint.storageFrom().after(),
                List.of(),
                checkpoint.recordsFrom(),
                checkpoint.recordsFrom(),
                checkpoint.matchedKey(),
                storageTime,
                databaseLag,
                checkpoint.tally(),
                List.of(),
                0,
                checkpoints);
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

    /** Whether so much has come together that it is time to store it. */
    public boolean isCheckpointDue() {
        return isClosed() || turns >= MOST_TURNS || suspects.size() >= MOST_SUSPECTS;
    }

    /** From where this comparison could be taken up again; what was read and not compared is read again then. */
    public Checkpoint checkpoint() {
        return new Checkpoint(
                range,
                prefix,
                objects.isEmpty() ? storageFrom : StorageMarker.after(comparedObject),
                records.isEmpty() ? recordsFrom : comparedRecord,
                matchedKey,
                tally,
                Verified.NONE);
    }

    /** After its checkpoint was stored with its suspects. */
    public Cursor stored() {
        return new Cursor(
                range,
                prefix,
                objects,
                storageFrom,
                comparedObject,
                records,
                recordsFrom,
                comparedRecord,
                matchedKey,
                storageTime,
                databaseLag,
                tally,
                List.of(),
                0,
                checkpoints + 1);
    }
}
