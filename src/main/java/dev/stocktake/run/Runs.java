package dev.stocktake.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.stocktake.json.Json;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The runs of {@code stocktake.run}: opens them one at a time, ends what a dead process left, and reads them. */
public final class Runs {
    private static final TypeReference<List<Proof.Line>> PROOF_LINES = new TypeReference<>() {};
    private static final TypeReference<List<ForeignFolder>> FOREIGN_FOLDERS = new TypeReference<>() {};

    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private final String bucket;
    private final String prefix;
    private final Supplier<String> comparing;
    private final Supplier<String> recordsQuery;
    private final Duration resumeLimit;
    private final Clock clock;

    /**
     * The runs of a results database.
     *
     * @param comparing what a run must have in common with an interrupted one to resume it, asked when a run is opened
     * @param recordsQuery SHA-256 of it as the routes have it, asked when a run is opened
     * @param resumeLimit an interrupted run that began longer ago is not resumed
     */
    public Runs(
            DataSource results,
            String bucket,
            String prefix,
            Supplier<String> comparing,
            Supplier<String> recordsQuery,
            Duration resumeLimit,
            Clock clock) {
        this.database = JdbcClient.create(results);
        this.transaction = new TransactionTemplate(new DataSourceTransactionManager(results));
        this.bucket = bucket;
        this.prefix = prefix;
        this.comparing = comparing;
        this.recordsQuery = recordsQuery;
        this.resumeLimit = resumeLimit;
        this.clock = clock;
    }

    /**
     * Opens a run: takes the lease of its bucket and prefix, and resumes the run of the same trigger that was interrupted,
     * or stores a new one as {@code RUNNING}.
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
                null,
                null,
                null,
                null,
                null);
        return transaction.execute(status -> {
            UUID holder = UUID.randomUUID();
            Leases.take(
                    database, new Leases.Claimed(Leases.Work.RUN, run.bucket(), run.prefix(), run.id(), null), holder);
            RunInProgress opened = resume(run, holder).orElseGet(() -> begin(run, holder));
            endAbandonedRuns(opened.run());
            return opened;
        });
    }

    private Optional<RunInProgress> resume(Run run, UUID holder) {
        Optional<RunInProgress> resumed = database.sql("""
                        UPDATE stocktake.run SET resumed = resumed + 1
                        WHERE id = (SELECT id FROM stocktake.run
                          WHERE bucket = ? AND prefix = ? AND status = 'RUNNING' AND trigger = ? AND comparing = ?
                            AND started_at > ? AND EXISTS (SELECT FROM stocktake.range WHERE run_id = run.id)
                          ORDER BY started_at DESC, id LIMIT 1)
                        RETURNING *""")
                .params(
                        run.bucket(),
                        run.prefix(),
                        run.trigger().label(),
                        comparing.get(),
                        run.startedAt().minus(resumeLimit))
                .query((row, number) -> new RunInProgress(toRun(row, number), row.getInt("resumed"), holder))
                .optional();
        resumed.ifPresent(interrupted -> database.sql("UPDATE stocktake.lease SET run_id = ? WHERE holder = ?")
                .params(interrupted.id(), holder)
                .update());
        return resumed;
    }

    private RunInProgress begin(Run run, UUID holder) {
        database.sql("""
                        INSERT INTO stocktake.run (id, trigger, status, started_at, bucket, prefix, comparing,
                          records_query)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        run.id(),
                        run.trigger().label(),
                        run.status().name(),
                        run.startedAt(),
                        run.bucket(),
                        run.prefix(),
                        comparing.get(),
                        recordsQuery.get())
                .update();
        return new RunInProgress(run, 0, holder);
    }

    private void endAbandonedRuns(Run run) {
        List<UUID> abandoned = database.sql("""
                        UPDATE stocktake.run
                        SET status = 'INCOMPLETE', finished_at = ?, failure = ?
                        WHERE bucket = ? AND prefix = ? AND status = 'RUNNING' AND id <> ?
                        RETURNING id""")
                .params(
                        clock.instant().truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC),
                        "The process that made this run ended, or lost its database, before the run was closed, and no"
                                + " other took it up in time.",
                        run.bucket(),
                        run.prefix(),
                        run.id())
                .query(UUID.class)
                .list();
        for (UUID id : abandoned) {
            database.sql("DELETE FROM stocktake.finding WHERE run_id = ?")
                    .param(id)
                    .update();
        }
        // also of a run whose process died just after it had stored the verdict
        database.sql("""
                        DELETE FROM stocktake.range USING stocktake.run
                        WHERE run_id = run.id AND bucket = ? AND prefix = ? AND status <> 'RUNNING'""").params(run.bucket(), run.prefix()).update();
    }

    /** The run, or empty where there is none of this id. */
    public Optional<Run> find(UUID id) {
        return database.sql("SELECT * FROM stocktake.run WHERE id = ?")
                .param(id)
                .query(Runs::toRun)
                .optional();
    }

    /** The newest complete run of this bucket and prefix, trusted or not; empty where there is none. */
    public Optional<Run> newestComplete() {
        return database.sql("""
                        SELECT * FROM stocktake.run WHERE bucket = ? AND prefix = ? AND status = 'COMPLETE'
                        ORDER BY started_at DESC, id LIMIT 1""").params(bucket, prefix).query(Runs::toRun).optional();
    }

    /** The newest complete run that began after another one, at the same bucket and prefix, and is not trusted. */
    public Optional<Run> newestUntrustedAfter(Run run) {
        return database.sql("""
                        SELECT * FROM stocktake.run WHERE bucket = ? AND prefix = ? AND started_at > ?
                          AND status = 'COMPLETE' AND NOT trusted
                        ORDER BY started_at DESC, id LIMIT 1""")
                .params(run.bucket(), run.prefix(), run.startedAt())
                .query(Runs::toRun)
                .optional();
    }

    /**
     * Stores that somebody answers for the suspicious verdict of a run of this bucket and prefix.
     *
     * @return the run as it is then; empty where it is no such run, or was acknowledged already
     */
    public Optional<Run> acknowledge(UUID id, Acknowledgement acknowledgement) {
        return database.sql("""
                        UPDATE stocktake.run
                        SET acknowledged_at = ?, acknowledged_by = ?, acknowledged_reason = ?
                        WHERE id = ? AND bucket = ? AND prefix = ? AND status = 'COMPLETE' AND NOT trusted
                        RETURNING *""")
                .params(acknowledgement.at(), acknowledgement.by(), acknowledgement.reason(), id, bucket, prefix)
                .query(Runs::toRun)
                .optional();
    }

    /** Whether a run compared the bucket and prefix that are compared here. */
    public boolean isOfHere(Run run) {
        return run.bucket().equals(bucket) && run.prefix().equals(prefix);
    }

    /**
     * Whether a run read the records by the very query.
     *
     * @param hash SHA-256 of the query, in hexadecimal
     */
    public boolean isOfRecordsQuery(UUID id, String hash) {
        return database.sql("SELECT records_query = ? FROM stocktake.run WHERE id = ? AND records_query IS NOT NULL")
                .params(hash, id)
                .query(Boolean.class)
                .optional()
                .orElse(false);
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
                        row.getLong("vanished"),
                        row.getLong("directory_markers"),
                        row.getLong("invalid"),
                        row.getLong("near_matches"),
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
                toUsage(row),
                row.getString("suspicious"),
                row.getString("failure"),
                row.getString("remarks"),
                toProof(row.getString("proof")),
                toAcknowledgement(row),
                toForeignFolders(row.getString("foreign_folders")),
                utc(row, "findings_forgotten_at"));
    }

    private static Acknowledgement toAcknowledgement(ResultSet row) throws SQLException {
        OffsetDateTime at = utc(row, "acknowledged_at");
        return at == null
                ? null
                : new Acknowledgement(at, row.getString("acknowledged_by"), row.getString("acknowledged_reason"));
    }

    private static List<ForeignFolder> toForeignFolders(String json) throws SQLException {
        try {
            return json == null ? List.of() : Json.MAPPER.readValue(json, FOREIGN_FOLDERS);
        } catch (JsonProcessingException unreadable) {
            throw new SQLException("Foreign folders cannot be read", unreadable);
        }
    }

    private static Usage toUsage(ResultSet row) throws SQLException {
        BigDecimal cost = row.getBigDecimal("cost");
        return cost == null
                ? null
                : new Usage(
                        row.getLong("list_requests"),
                        row.getLong("head_requests"),
                        row.getLong("store_retries"),
                        row.getLong("database_retries"),
                        cost);
    }

    private static Proof toProof(String json) throws SQLException {
        try {
            return json == null ? null : new Proof(Json.MAPPER.readValue(json, PROOF_LINES));
        } catch (JsonProcessingException unreadable) {
            throw new SQLException("A proof cannot be read", unreadable);
        }
    }

    private static OffsetDateTime utc(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.withOffsetSameInstant(ZoneOffset.UTC);
    }
}
