package dev.stocktake.compare;

/**
 * What a comparison has counted. Every object and every record goes into exactly one of the other counts of its side.
 *
 * @param objects listed
 * @param records read
 * @param matched objects with at least one record
 * @param matchedRecords records with their object
 * @param suspectedFiles objects without a record, to be verified
 * @param suspectedRecords records without an object, to be verified
 * @param tooRecentObjects objects without a record, too young to judge
 * @param tooRecentRecords records without an object, too young to judge
 * @param directoryMarkers empty objects without a record whose key ends in {@code /}
 * @param implausibleObjects of the objects, those whose last-modified is not plausible
 * @param implausibleRecords of the records, those with a time that is not plausible
 * @param secondsAhead by how much the plausible time of a record was beyond the clock of its database, at the most
 */
public record Tally(
        long objects,
        long records,
        long matched,
        long matchedRecords,
        long suspectedFiles,
        long suspectedRecords,
        long tooRecentObjects,
        long tooRecentRecords,
        long directoryMarkers,
        long implausibleObjects,
        long implausibleRecords,
        long secondsAhead) {
    public static final Tally ZERO = new Tally(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Of a comparison whose times are all plausible and past. */
    public Tally(
            long objects,
            long records,
            long matched,
            long matchedRecords,
            long suspectedFiles,
            long suspectedRecords,
            long tooRecentObjects,
            long tooRecentRecords,
            long directoryMarkers) {
        this(
                objects,
                records,
                matched,
                matchedRecords,
                suspectedFiles,
                suspectedRecords,
                tooRecentObjects,
                tooRecentRecords,
                directoryMarkers,
                0,
                0,
                0);
    }

    public Tally plus(Tally other) {
        return new Tally(
                objects + other.objects,
                records + other.records,
                matched + other.matched,
                matchedRecords + other.matchedRecords,
                suspectedFiles + other.suspectedFiles,
                suspectedRecords + other.suspectedRecords,
                tooRecentObjects + other.tooRecentObjects,
                tooRecentRecords + other.tooRecentRecords,
                directoryMarkers + other.directoryMarkers,
                implausibleObjects + other.implausibleObjects,
                implausibleRecords + other.implausibleRecords,
                Math.max(secondsAhead, other.secondsAhead));
    }
}
