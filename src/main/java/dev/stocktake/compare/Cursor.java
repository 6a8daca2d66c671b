package dev.stocktake.compare;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntSupplier;

/**
 * How far the comparison of one range has come: what has been read of either side and not yet been compared, where
 * either side goes on, and what the turns so far have counted. Immutable; every turn of {@link Merge} makes the next.
 *
 * @param range what is compared
 * @param prefix that every key begins with
 * @param firstKey that was read of either side; null until then, and again where an interrupted comparison goes on
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
 * @param rests cut off since the last checkpoint, for other workers; in key order, behind the range
 * @param turns since the last checkpoint
 * @param checkpoints stored so far
 */
public record Cursor(
        Range range,
        String prefix,
        String firstKey,
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
        List<Range> rests,
        int turns,
        long checkpoints) {
    /** So many pages are read again at the most when a run is resumed. */
    private static final int MOST_TURNS = 10;

    private static final int MOST_SUSPECTS = 1000;

    public Cursor {
        objects = List.copyOf(objects);
        records = List.copyOf(records);
        suspects = List.copyOf(suspects);
        rests = List.copyOf(rests);
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
                        Tally.ZERO),
                storageTime,
                databaseLag,
                0);
    }

    /**
     * The same, with the whole listing of the range known already.
     *
     * @param all its objects, in key order
     */
    public Cursor listed(List<StoredObject> all) {
        return new Cursor(
                range,
                prefix,
                firstKey,
                all,
                null,
                comparedObject,
                records,
                recordsFrom,
                comparedRecord,
                matchedKey,
                storageTime,
                databaseLag,
                tally,
                suspects,
                rests,
                turns,
                checkpoints);
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
                null,
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
        return isClosed() || turns >= MOST_TURNS || suspects.size() >= MOST_SUSPECTS || !rests.isEmpty();
    }

    /** From where this comparison could be taken up again; what was read and not compared is read again then. */
    public Checkpoint checkpoint() {
        return new Checkpoint(
                range,
                prefix,
                objects.isEmpty() ? storageFrom : StorageMarker.after(comparedObject),
                records.isEmpty() ? recordsFrom : comparedRecord,
                matchedKey,
                tally);
    }

    /** After its checkpoint was stored with its suspects. */
    public Cursor stored() {
        return new Cursor(
                range,
                prefix,
                firstKey,
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
                List.of(),
                0,
                checkpoints + 1);
    }

    /** Of few of the components: Camel asks for it whenever an expression reads one. */
    @Override
    public int hashCode() {
        return Objects.hash(range, checkpoints, turns);
    }

    /** The key that was read last, of the side that goes on; of the listing, when both do. */
    public String lastRead() {
        return storageFrom != null ? storageFrom.after() : recordsFrom.storageKey();
    }

    /**
     * The part up to the first of the cuts; what is behind it becomes ranges of their own, which begin anew. What was read
     * beyond is read again there.
     *
     * @param cuts in key order, all behind {@link #lastRead()} and before the end of the range
     * @param numbers for the new ranges
     */
    public Cursor dividedAt(List<String> cuts, IntSupplier numbers) {
        List<Range> cutOff = new ArrayList<>();
        for (int i = 0; i < cuts.size(); i++) {
            cutOff.add(
                    new Range(numbers.getAsInt(), cuts.get(i), i + 1 < cuts.size() ? cuts.get(i + 1) : range.upTo()));
        }
        String upTo = cuts.get(0);
        List<StoredObject> objectsKept = objects.stream()
                .filter(object -> KeyOrder.UTF_8.compare(object.key(), upTo) <= 0)
                .toList();
        List<AssetRecord> recordsKept = records.stream()
                .filter(row -> KeyOrder.UTF_8.compare(row.storageKey(), upTo) <= 0)
                .toList();
        boolean listed = storageFrom == null
                || objectsKept.size() < objects.size()
                || KeyOrder.UTF_8.compare(storageFrom.after(), upTo) >= 0;
        // records of the very key of the cut may still come
        boolean queried = recordsFrom == null
                || recordsKept.size() < records.size()
                || KeyOrder.UTF_8.compare(recordsFrom.storageKey(), upTo) > 0;
        return new Cursor(
                new Range(range.number(), range.after(), upTo),
                prefix,
                firstKey,
                objectsKept,
                listed ? null : storageFrom,
                comparedObject,
                recordsKept,
                queried ? null : recordsFrom,
                comparedRecord,
                matchedKey,
                storageTime,
                databaseLag,
                tally,
                suspects,
                cutOff,
                turns,
                checkpoints);
    }

    /** Before the first page of each range that was cut off. */
    public List<Cursor> beginRests() {
        return rests.stream()
                .map(rest -> atStartOf(rest, prefix, storageTime, databaseLag))
                .toList();
    }
}
