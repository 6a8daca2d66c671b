package dev.stocktake.suspicion;

import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/**
 * The previous trusted run of the same bucket and prefix, to measure a new one by.
 *
 * @param orphans of both kinds
 * @param database as the last trusted run that could tell saw it; {@link DatabaseIdentity#UNKNOWN} where none could
 */
record Baseline(Instant startedAt, long records, long orphans, DatabaseIdentity database) {
    /**
     * From a row of {@code started_at}, {@code records} and {@code orphans}, and where they are known
     * {@code system_identifier} and {@code timeline}.
     */
    static Baseline of(Map<String, Object> row) {
        Number timeline = (Number) row.get("timeline");
        return new Baseline(
                ((Timestamp) row.get("started_at")).toInstant(),
                ((Number) row.get("records")).longValue(),
                ((Number) row.get("orphans")).longValue(),
                new DatabaseIdentity(
                        (String) row.get("system_identifier"), timeline == null ? null : timeline.intValue()));
    }

    @Override
    public String toString() {
        return "the previous trusted run (" + startedAt.truncatedTo(ChronoUnit.SECONDS) + ")";
    }
}
