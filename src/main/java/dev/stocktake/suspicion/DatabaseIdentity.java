package dev.stocktake.suspicion;

import dev.stocktake.records.RecordsDatabase;
import java.util.Optional;

/**
 * Which database answered: a copy restored from a backup, or a standby that took over, is another one.
 *
 * @param systemIdentifier of the database cluster, given once when it is made; null where unknown
 * @param timeline one more after each failover or restoration to a point in time; null where unknown
 */
public record DatabaseIdentity(String systemIdentifier, Integer timeline) {
    public static final DatabaseIdentity UNKNOWN = new DatabaseIdentity(null, null);

    /**
     * Of the database that the records are read from.
     *
     * @param database null where it is not known
     */
    public static DatabaseIdentity of(RecordsDatabase database) {
        return database == null ? UNKNOWN : new DatabaseIdentity(database.systemIdentifier(), database.timeline());
    }

    /** What tells this database from an earlier one; empty where nothing does, or one of them is not known. */
    Optional<String> changeSince(DatabaseIdentity earlier) {
        if (systemIdentifier == null || earlier.systemIdentifier == null) {
            return timelineChange(earlier);
        }
        if (!systemIdentifier.equals(earlier.systemIdentifier)) {
            return Optional.of("its system identifier was " + earlier.systemIdentifier + " and is " + systemIdentifier);
        }
        return timelineChange(earlier);
    }

    private Optional<String> timelineChange(DatabaseIdentity earlier) {
        return timeline == null || earlier.timeline == null || timeline.equals(earlier.timeline)
                ? Optional.empty()
                : Optional.of("its timeline was " + earlier.timeline + " and is " + timeline);
    }
}
