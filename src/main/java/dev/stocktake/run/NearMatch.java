package dev.stocktake.run;

/**
 * An orphaned file and an orphaned record that are probably one asset.
 *
 * @param by the steps by which the two keys agree, as {@code leading_slash} or {@code leading_slash,case}
 */
public record NearMatch(String fileKey, String recordKey, String recordId, String by) {}
