package dev.stocktake.run;

/**
 * An orphaned file, and a record without a file or one that was not compared, that are probably one asset.
 *
 * @param recordId null where the record was not compared
 * @param by the steps by which the two keys agree, as {@code leading_slash} or {@code leading_slash,case}
 */
public record NearMatch(String fileKey, String recordKey, String recordId, String by) {}
