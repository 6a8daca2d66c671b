package dev.stocktake.compare;

/**
 * What became of suspects when both sides were asked about them again.
 *
 * @param orphanedFiles objects that have no record
 * @param orphanedRecords records that have no object
 * @param orphanedBytes of the orphaned files together
 * @param vanishedObjects objects that are gone by now, or have a record
 * @param vanishedRecords records that are gone by now, or have an object
 * @param tooRecentObjects objects that were replaced, too young to judge
 * @param tooRecentRecords records that were changed, too young to judge
 */
public record Verified(
        long orphanedFiles,
        long orphanedRecords,
        long orphanedBytes,
        long vanishedObjects,
        long vanishedRecords,
        long tooRecentObjects,
        long tooRecentRecords) {
    public static final Verified NONE = new Verified(0, 0, 0, 0, 0, 0, 0);

    public Verified plus(Verified other) {
        return new Verified(
                orphanedFiles + other.orphanedFiles,
                orphanedRecords + other.orphanedRecords,
                orphanedBytes + other.orphanedBytes,
                vanishedObjects + other.vanishedObjects,
                vanishedRecords + other.vanishedRecords,
                tooRecentObjects + other.tooRecentObjects,
                tooRecentRecords + other.tooRecentRecords);
    }
}
