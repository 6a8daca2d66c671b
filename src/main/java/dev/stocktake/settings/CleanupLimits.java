package dev.stocktake.settings;

import java.time.Duration;

/**
 * What a plan may hold without anybody saying otherwise.
 *
 * @param minSightings {@code CLEANUP_MIN_SIGHTINGS}: in how many complete runs a file must have been found, the same each time; at least 1
 * @param minAge {@code CLEANUP_MIN_AGE}: since a file was last modified, and since it was found for the first time
 * @param maxPercent {@code CLEANUP_MAX_RATIO}: of the objects of the bucket, 0 to 100
 * @param maxCount {@code CLEANUP_MAX_COUNT}: of one plan
 */
public record CleanupLimits(int minSightings, Duration minAge, int maxPercent, int maxCount) {
    /** Less takes somebody who says the bucket's name. */
    public static final Duration SAFE_AGE = Duration.ofDays(1);

    /** How old the run of a plan may be, and how long a plan can be confirmed. */
    public static final Duration VALIDITY = Duration.ofDays(1);
}
