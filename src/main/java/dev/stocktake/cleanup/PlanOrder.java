package dev.stocktake.cleanup;

import dev.stocktake.compare.Finding.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * What a plan is asked for.
 *
 * @param runId empty for the newest complete run
 * @param kind of the findings
 * @param permanently whether files are deleted for good rather than moved into quarantine
 * @param keyPrefix only keys that begin with it; empty for all
 * @param names only these; empty for all
 * @param expectedCount exactly so many, which may be more than the limits allow; empty for what the limits allow
 * @param minAgeIsUnsafe whether somebody wants files younger than a day, and said the bucket's name to say so
 * @param acceptsUnconditional whether somebody accepts a store that ignores conditions, and said the bucket's name to say so
 * @param minAge instead of {@code CLEANUP_MIN_AGE}; empty for that
 * @param madeBy who asks
 */
public record PlanOrder(
        Optional<UUID> runId,
        Kind kind,
        boolean permanently,
        String keyPrefix,
        Optional<List<FindingName>> names,
        OptionalLong expectedCount,
        boolean minAgeIsUnsafe,
        boolean acceptsUnconditional,
        Optional<Duration> minAge,
        String madeBy) {

    public boolean isOfRecords() {
        return kind == Kind.ORPHANED_RECORD;
    }
}
