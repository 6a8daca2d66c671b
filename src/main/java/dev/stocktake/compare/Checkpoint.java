package dev.stocktake.compare;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * Where the comparison of one range can be taken up again, and what it had counted until there.
 *
 * @param prefix that every key begins with
 * @param storageFrom where the listing goes on; null when it has ended
 * @param recordsFrom where the records go on; null when they have ended
 * @param matchedKey the last key that both sides had; null when there was none
 * @param tally of all turns so far
 */
public record Checkpoint(
        Range range,
        String prefix,
        StorageMarker storageFrom,
        RecordsMarker recordsFrom,
        String matchedKey,
        Tally tally) {
    /** Whether both sides were read to the end of the range and everything read was compared. */
    @JsonIgnore
    public boolean isClosed() {
        return storageFrom == null && recordsFrom == null;
    }
}
