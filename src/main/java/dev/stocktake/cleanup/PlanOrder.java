package dev.stocktake.cleanup;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * What a plan is asked for.
 *
 * @param runId empty for the newest complete run
 * @param keyPrefix only keys that begin with it; empty for all
 * @param keys only these; empty for all
 * @param expectedFiles exactly so many, which may be more than the limits allow; empty for what the limits allow
 * @param minAgeIsUnsafe whether somebody wants files younger than a day, and said the bucket's name to say so
 * @param minAge instead of {@code CLEANUP_MIN_AGE}; empty for that
 * @param madeBy who asks
 */
public record PlanOrder(
        Optional<UUID> runId,
        String keyPrefix,
        Optional<List<String>> keys,
        OptionalLong expectedFiles,
        boolean minAgeIsUnsafe,
        Optional<Duration> minAge,
        String madeBy) {}
