package dev.stocktake.compare;

/**
 * What a comparison has counted.
 *
 * @param objects listed
 * @param records read
 * @param matched objects with at least one record
 * @param matchedRecords records with their object
 * @param orphanedFiles objects without a record
 * @param orphanedRecords records without an object
 * @param orphanedBytes of the orphaned files together
 * @param tooRecentObjects objects without a record, too young to judge
 * @param tooRecentRecords records without an object, too young to judge
 * @param directoryMarkers empty objects without a record whose key ends in {@code /}
 */
public record Tally(
        long objects,
        long records,
        long matched,
        long matchedRecords,
        long orphanedFiles,
        long orphanedRecords,
        long orphanedBytes,
        long tooRecentObjects,
        long tooRecentRecords,
        long directoryMarkers) {
    public static final Tally ZERO = new Tally(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public Tally plus(Tally other) {
        return new Tally(
                objects + other.objects,
                records + other.records,
                matched + other.matched,
                matchedRecords + other.matchedRecords,
                orphanedFiles + other.orphanedFiles,
                orphanedRecords + other.orphanedRecords,
                orphanedBytes + other.orphanedBytes,
                tooRecentObjects + other.tooRecentObjects,
                tooRecentRecords + other.tooRecentRecords,
                directoryMarkers + other.directoryMarkers);
    }

    public long tooRecent() {
        return tooRecentObjects + tooRecentRecords;
    }

    public long findings() {
        return orphanedFiles + orphanedRecords;
    }

    /** Whether every object and every record went into exactly one of the other counts. */
    public boolean balances() {
        return objects == matched + orphanedFiles + tooRecentObjects + directoryMarkers
                && records == matchedRecords + orphanedRecords + tooRecentRecords;
    }
}
