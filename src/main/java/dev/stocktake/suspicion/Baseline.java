package dev.stocktake.suspicion;

import dev.stocktake.records.RecordsDatabase.Relation;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/**
 * The previous trusted run of the same bucket and prefix, to measure a new one by.
 *
 * @param orphans of both kinds
 * @param database as the last trusted run that could tell saw it; {@link DatabaseIdentity#UNKNOWN} where none could
 * @param relations that the last trusted run with the same records query read; none where none is known
 */
record Baseline(Instant startedAt, long records, long orphans, DatabaseIdentity database, List<Relation> relations) {
    /**
     * From a row of {@code started_at}, {@code records} and {@code orphans}, and where they are known
     * {@code system_identifier}, {@code timeline} and {@code relations}.
     */
    static Baseline of(Map<String, Object> row) {
        Number timeline = (Number) row.get("timeline");
        return new Baseline(
                ((Timestamp) row.get("started_at")).toInstant(),
                ((Number) row.get("records")).longValue(),
                ((Number) row.get("orphans")).longValue(),
                new DatabaseIdentity(
                        (String) row.get("system_identifier"), timeline == null ? null : timeline.intValue()),
                RelationChange.parse((String) row.get("relations")));
    }

    @Override
    public String toString() {
        return "the previous trusted run (" + startedAt.truncatedTo(ChronoUnit.SECONDS) + ")";
    }
}
