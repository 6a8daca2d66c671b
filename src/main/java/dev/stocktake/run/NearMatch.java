package dev.stocktake.run;

/**
 * An orphaned file and an orphaned record that are probably one asset.
 *
 * @param by the one step by which the two keys agree, as {@code leading_slash}
 */
public record NearMatch(String fileKey, String recordKey, String recordId, String by) {}
