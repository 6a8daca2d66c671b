package dev.stocktake.cleanup;

import dev.stocktake.failure.Explanation;
import dev.stocktake.storage.Quarantine;
import dev.stocktake.text.Sha256;
import dev.stocktake.text.Visible;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Deletes for good what has waited in quarantine long enough. */
public final class Purges {
    private final JdbcClient database;
    private final Actions actions;
    private final Quarantine quarantine;
    private final Explanation explanation;
    private final String bucket;
    private final Clock clock;

    /** For the quarantined files of one bucket. */
    public Purges(
            DataSource results,
            Actions actions,
            Quarantine quarantine,
            Explanation explanation,
            String bucket,
            Clock clock) {
        this.database = JdbcClient.create(results);
        this.actions = actions;
        this.quarantine = quarantine;
        this.explanation = explanation;
        this.bucket = bucket;
        this.clock = clock;
    }

    /**
     * A file that waits in quarantine.
     *
     * @param quarantined its key there
     */
    public record Waiting(UUID planId, String planHash, long item, String storageKey, String quarantined, long size) {
        /** Its key outside, as a person or a terminal may read it. */
        public String visibleKey() {
            return Visible.text(storageKey);
        }
    }

    /** What would be deleted. */
    public record Purge(List<Waiting> files) {
        public Purge {
            files = List.copyOf(files);
        }

        public long bytes() {
            return files.stream().mapToLong(Waiting::size).sum();
        }

        /** What tells it from every other one; whoever confirms it gives it. */
        public String hash() {
            return Sha256.ofLines(files.stream().map(Waiting::quarantined).iterator());
        }
    }

    /** What has waited in this quarantine for so long, and was neither restored nor purged. */
    public Purge due(Duration olderThan) {
        return new Purge(database.sql("""
                        SELECT plan.id, plan.hash, item.number, item.storage_key, item.size
                        FROM stocktake.action AS moved
                        JOIN stocktake.plan ON plan.id = moved.plan_id
                        JOIN stocktake.plan_item AS item ON item.plan_id = plan.id AND item.number = moved.item
                        WHERE plan.bucket = ? AND plan.quarantine = ?::text || plan.id::text || '/'
                          AND moved.what = 'quarantine' AND moved.outcome = 'done' AND moved.at <= ?
                          AND NOT EXISTS (SELECT FROM stocktake.action AS later WHERE later.plan_id = moved.plan_id
                            AND later.item = moved.item AND later.what IN ('restore', 'purge') AND later.outcome = 'done')
                        ORDER BY moved.number""")
                .params(
                        bucket,
                        quarantine.place(),
                        clock.instant().minus(olderThan).atOffset(ZoneOffset.UTC))
                .query((row, number) -> new Waiting(
                        row.getObject("id", UUID.class),
                        row.getString("hash"),
                        row.getLong("number"),
                        row.getString("storage_key"),
                        quarantine.keyOf(row.getObject("id", UUID.class), row.getString("storage_key")),
                        row.getLong("size")))
                .list());
    }

    /**
     * What became of a file, and why.
     *
     * @param reason null where it is done
     */
    public record Purged(Waiting file, Outcome outcome, String reason) {}

    /** Deletes a file from quarantine. */
    public Purged delete(Waiting file) {
        quarantine.deleteInside(file.quarantined());
        return new Purged(file, Outcome.DONE, null);
    }

    /** What became of a file that could not be deleted; it stays in quarantine. */
    public Purged fail(Waiting file, Exception failure) {
        return new Purged(file, Outcome.FAILED, explanation.of(failure));
    }

    /** Adds it to the actions. */
    public void store(String by, Purged purged) {
        Waiting file = purged.file();
        actions.ofItem(
                file.planId(),
                file.planHash(),
                by,
                "purge",
                file.item(),
                file.storageKey(),
                purged.outcome(),
                purged.reason());
    }
}
