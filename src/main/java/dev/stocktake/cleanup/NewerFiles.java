package dev.stocktake.cleanup;

import dev.stocktake.cleanup.Plan.Place;
import dev.stocktake.storage.Quarantine;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Files that were moved after others of the same key. To bring the older one back would pass it off as what the application
 * uploaded last.
 */
public final class NewerFiles {
    private final JdbcClient database;
    private final Quarantine quarantine;
    private final Place place;

    /**
     * Asks the results database, and the quarantine of one place.
     *
     * @param place where its files are
     */
    public NewerFiles(DataSource results, Quarantine quarantine, Place place) {
        this.database = JdbcClient.create(results);
        this.quarantine = quarantine;
        this.place = place;
    }

    /** A plan whose files wait somewhere, and whether the actions say that it moved this one. */
    private record Mover(UUID planId, String quarantine, boolean isTold) {}

    /** The plan that moved a newer file of an item's key, other than the item's own; its copy waits for that plan's undoing. */
    Optional<UUID> movedBy(Plan plan, PlanItem item) {
        return database
                .sql("""
                        SELECT plan.id, plan.quarantine, told.outcome IS NOT NULL AS is_told
                        FROM stocktake.plan_item AS other JOIN stocktake.plan ON plan.id = other.plan_id
                        LEFT JOIN stocktake.action AS told
                          ON told.plan_id = other.plan_id AND told.item = other.number AND told.what = 'quarantine'
                        WHERE other.storage_key = :key COLLATE "C" AND (other.etag IS DISTINCT FROM :etag OR other.etag IS NULL)
                          AND plan.id <> :plan_id AND plan.bucket = :bucket AND plan.action = 'quarantine'
                          AND (plan.made_at > :made_at OR other.last_modified > :last_modified::timestamptz)
                          AND (told.outcome IN ('done', 'failed') OR (told.outcome IS NULL AND EXISTS (
                            SELECT FROM stocktake.action WHERE plan_id = plan.id AND what = 'confirm' AND item IS NULL)))
                          AND NOT EXISTS (SELECT FROM stocktake.action WHERE plan_id = other.plan_id AND item = other.number
                            AND what IN ('restore', 'purge') AND outcome = 'done')
                        ORDER BY plan.made_at DESC""")
                .param("key", item.storageKey())
                .param("etag", item.etag())
                .param("plan_id", plan.id())
                .param("bucket", plan.bucket())
                .param("made_at", plan.madeAt())
                .param("last_modified", item.lastModified())
                .query((row, number) -> new Mover(
                        row.getObject("id", UUID.class), row.getString("quarantine"), row.getBoolean("is_told")))
                .list()
                .stream()
                .filter(mover -> mover.isTold() || mayHaveMoved(mover, item.storageKey()))
                .map(Mover::planId)
                .findFirst();
    }

    /** What the plan that moved a newer file has done, and what to do about it. */
    static String advice(UUID newer) {
        return "plan " + newer + " has moved a newer file of its key: restore --plan " + newer
                + " brings that one back";
    }

    /** It was begun, and ended before it could say what it did. */
    private boolean mayHaveMoved(Mover mover, String key) {
        boolean isHere = mover.quarantine().equals(place.quarantine() + mover.planId() + "/");
        return !isHere
                || quarantine.inside(quarantine.keyOf(mover.planId(), key)).isPresent();
    }
}
