package dev.stocktake.compare;

import java.util.List;

/**
 * One answer of the database to the records query.
 *
 * @param from where it was asked to go on from
 * @param records in order of storage key, then record id; none means that the range has no more
 */
public record RecordsPage(RecordsMarker from, List<AssetRecord> records) {}
