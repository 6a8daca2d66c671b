package dev.stocktake.run;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The runs of {@code stocktake.run}: opens them one at a time, ends what a dead process left, and reads them. */
public final class Runs {
    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private final String bucket;
    private final String prefix;
    private final Clock clock;

    public Runs(DataSource results, String bucket, String prefix, Clock clock) {
        this.database = JdbcClient.create(results);
        this.transaction = new TransactionTemplate(new DataSourceTransactionManager(results));
        this.bucket = bucket;
        this.prefix = prefix;
        this.clock = clock;
    }

    /**
     * Opens a run: takes the lease of its bucket and prefix, and stores it as {@code RUNNING}.
     *
     * @param trigger {@code schedule}, {@code http} or {@code cli}
     * @throws RunActiveException when another run holds the lease
     */
    public RunInProgress open(String trigger) {
        Run run = new Run(
                UUID.randomUUID(),
                Trigger.of(trigger),
                Run.Status.RUNNING,
                clock.instant().truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC),
                null,
                bucket,
                prefix,
                null,
                null);
        transaction.executeWithoutResult(status -> {
            takeLease(run);
            endAbandonedRuns(run);
            database.sql("""
                            INSERT INTO stocktake.run (id, trigger, status, started_at, bucket, prefix)
                            VALUES (?, ?, ?, ?, ?, ?)""")
                    .params(
                            run.id(),
                            run.trigger().label(),
                            run.status().name(),
                            run.startedAt(),
                            run.bucket(),
                            run.prefix())
                    .update();
        });
        return new RunInProgress(run);
    }

    private void takeLease(Run run) {
        // the database's clock, which all processes share
        int taken = database.sql("""
                        INSERT INTO stocktake.lease (bucket, prefix, run_id, expires_at)
                        VALUES (?, ?, ?, now() + make_interval(secs => ?))
                        ON CONFLICT (bucket, prefix) DO UPDATE
                        SET run_id = excluded.run_id, expires_at = excluded.expires_at
                        WHERE lease.expires_at < now()""")
                .params(run.bucket(), run.prefix(), run.id(), Leases.LENGTH.toSeconds())
                .update();
        if (taken == 0) {
            UUID active = database.sql("SELECT run_id FROM stocktake.lease WHERE bucket = ? AND prefix = ?")
                    .params(run.bucket(), run.prefix())
                    .query(UUID.class)
                    .optional()
                    .orElse(null);
            throw new RunActiveException(run.bucket(), run.prefix(), active);
        }
    }

    private void endAbandonedRuns(Run run) {
        List<UUID> abandoned = database.sql("""
                        UPDATE stocktake.run
                        SET status = 'INCOMPLETE', finished_at = ?, failure = ?
                        WHERE bucket = ? AND prefix = ? AND status = 'RUNNING'
                        RETURNING id""")
                .params(
                        run.startedAt(),
                        "The process that made this run ended, or lost its database, before the run was closed.",
                        run.bucket(),
                        run.prefix())
                .query(UUID.class)
                .list();
        for (UUID id : abandoned) {
            database.sql("DELETE FROM stocktake.finding WHERE run_id = ?")
                    .param(id)
                    .update();
        }
    }

    /** The run, or empty where there is none of this id. */
    public Optional<Run> find(UUID id) {
        return database.sql("SELECT * FROM stocktake.run WHERE id = ?")
                .param(id)
                .query(Runs::toRun)
                .optional();
    }

    /** The newest runs of every bucket and prefix, newest first. */
    public List<Run> newest(int limit) {
        return database.sql("SELECT * FROM stocktake.run ORDER BY started_at DESC, id LIMIT ?")
                .param(limit)
                .query(Runs::toRun)
                .list();
    }

    private static Run toRun(ResultSet row, int number) throws SQLException {
        Run.Status status = Run.Status.valueOf(row.getString("status"));
        Run.Counts counts = status != Run.Status.COMPLETE
                ? null
                : new Run.Counts(
                        row.getLong("objects"),
                        row.getLong("records"),
                        row.getLong("matched"),
                        row.getLong("matched_records"),
                        row.getLong("orphaned_files"),
                        row.getLong("orphaned_records"),
                        row.getLong("too_recent"),
                        row.getLong("directory_markers"),
                        row.getLong("invalid"),
                        row.getLong("orphaned_bytes"));
        return new Run(
                row.getObject("id", UUID.class),
                Trigger.of(row.getString("trigger")),
                status,
                utc(row, "started_at"),
                utc(row, "finished_at"),
                row.getString("bucket"),
                row.getString("prefix"),
                counts,
                row.getString("failure"));
    }

    private static OffsetDateTime utc(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.withOffsetSameInstant(ZoneOffset.UTC);
    }
}
