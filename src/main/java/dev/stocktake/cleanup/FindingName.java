package dev.stocktake.cleanup;

/**
 * What tells one finding of a run from every other of its kind.
 *
 * @param recordId empty for an orphaned file
 */
public record FindingName(String storageKey, String recordId) {
    /** Of an orphaned file. */
    public static FindingName ofFile(String storageKey) {
        return new FindingName(storageKey, "");
    }
}
