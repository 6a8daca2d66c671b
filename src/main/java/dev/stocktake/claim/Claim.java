package dev.stocktake.claim;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.stocktake.text.Visible;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * One records database's claim on the keys of a bucket that begin alike.
 *
 * @param prefix {@code S3_PREFIX}; empty for the whole bucket
 * @param results the id of the results schema that its cleanups are stored in; a copy of that schema has it, too
 * @param renewal made anew with each cleanup and kept in the results schema as well, so that an older copy of it does not know
 *     it
 * @param claimedBy who said that no other database references files there
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Claim(
        String bucket,
        String prefix,
        ClaimedDatabase database,
        UUID results,
        UUID renewal,
        Instant claimedAt,
        String claimedBy,
        Instant renewedAt) {
    private static final int LONGEST_SHOWN = 200;

    @JsonIgnore
    boolean isWhole() {
        return bucket != null
                && prefix != null
                && database != null
                && database.isWhole()
                && results != null
                && renewal != null
                && claimedAt != null
                && claimedBy != null
                && renewedAt != null;
    }

    /** Whether some key may belong to both. */
    boolean overlaps(String otherPrefix) {
        return covers(otherPrefix) || prefix.startsWith(otherPrefix);
    }

    /** Whether every key with that prefix belongs to it. */
    boolean covers(String otherPrefix) {
        return otherPrefix.startsWith(prefix);
    }

    Claim renewedAs(UUID other, ClaimedDatabase asItIsNow, Instant at) {
        return new Claim(bucket, prefix, asItIsNow, results, other, claimedAt, claimedBy, at);
    }

    /** For people: whose it is, since when and by whom. */
    public String display() {
        return database.display() + (prefix.isEmpty() ? "" : " for the prefix \"" + shown(prefix) + "\"")
                + " (claimed " + claimedAt.truncatedTo(ChronoUnit.SECONDS) + " by " + shown(claimedBy)
                + ", last cleanup "
                + renewedAt.truncatedTo(ChronoUnit.SECONDS) + ")";
    }

    /** What somebody may have written into the bucket, on one line of bearable length. */
    static String shown(String text) {
        return text.length() <= LONGEST_SHOWN
                ? Visible.text(text)
                : Visible.text(text.substring(0, text.offsetByCodePoints(0, LONGEST_SHOWN / 2))) + "…";
    }
}
