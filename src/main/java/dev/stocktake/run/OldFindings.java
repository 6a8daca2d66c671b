package dev.stocktake.run;

import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Deletes the findings of runs that ended longer ago than {@code KEEP_FINDINGS}, a batch in each transaction. The runs stay, and
 * so does what cleanups need: how often and since when trusted runs found something is handed on to a later complete run that
 * found the very same. Kept are the findings of the newest complete run of each bucket and prefix, of the newest trusted
 * one, and of those that a plan came from which may still be executed or of which a file waits in quarantine.
 */
public final class OldFindings {
    /** One process at a time in all of the database; whoever comes meanwhile leaves it to that one. */
    private static final String ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('stocktake.forget', 0))";

    /** Else a batch is joined with all findings where the database knows too little of them. */
    private static final String BY_INDEX = """
            SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
              set_config('enable_seqscan', 'off', true)""";

    /** The runs whose findings may go; those first with which somebody had begun. */
    private static final String DUE = """
            SELECT id FROM (
              SELECT id, started_at, finished_at, bucket, prefix, status, trusted, forgetting, findings_forgotten_at,
                orphaned_files + orphaned_records AS findings,
                row_number() OVER (PARTITION BY bucket, prefix, status ORDER BY started_at DESC, id) AS of_status,
                row_number() OVER (PARTITION BY bucket, prefix, trusted ORDER BY started_at DESC, id) AS of_trust
              FROM stocktake.run) AS each
            WHERE status = 'COMPLETE' AND (forgetting OR findings > 0 AND findings_forgotten_at IS NULL
              AND of_status > 1 AND NOT (trusted AND of_trust = 1)
              AND finished_at < least(now(), :now) - (SELECT findings FROM stocktake.keeping
                WHERE bucket = each.bucket AND prefix = each.prefix)
              AND NOT EXISTS (SELECT FROM stocktake.plan WHERE run_id = each.id
                AND (expires_at > now() - interval '1 day'
                  OR EXISTS (SELECT FROM stocktake.action AS moved WHERE moved.plan_id = plan.id
                    AND moved.what = 'quarantine' AND moved.outcome = 'done' AND NOT EXISTS (
                      SELECT FROM stocktake.action AS purged WHERE purged.plan_id = moved.plan_id AND purged.item = moved.item
                        AND purged.what = 'purge' AND purged.outcome = 'done')))))
            """;

    /**
     * One run bears the sightings of all that are forgotten while it is there itself: else what is found every night would be
     * written every night.
     */
    private static final String FIND_BEARER = """
            UPDATE stocktake.keeping SET bearer = newest.id
            FROM stocktake.run AS forgotten CROSS JOIN LATERAL (
              SELECT id FROM stocktake.run
              WHERE bucket = forgotten.bucket AND prefix = forgotten.prefix AND status = 'COMPLETE'
              ORDER BY started_at DESC, id LIMIT 1) AS newest
            WHERE forgotten.id = ? AND keeping.bucket = forgotten.bucket AND keeping.prefix = forgotten.prefix
              AND NOT EXISTS (SELECT FROM stocktake.run WHERE run.id = keeping.bearer AND run.findings_forgotten_at IS NULL)""";

    /**
     * Deletes up to a key, and hands on the sightings; a run that nobody answers for hands on only those of others. No plan asks
     * for more than a hundred.
     */
    private static final String FORGET = """
            WITH forgotten AS (
              SELECT * FROM stocktake.run WHERE id = :run_id
            ), gone AS (
              DELETE FROM stocktake.finding WHERE run_id = :run_id AND storage_key > :after AND storage_key <= :up_to
              RETURNING *
            ), sighting AS (
              SELECT gone.kind, storage_key, record_id, size, etag, last_modified,
                coalesce(max(forgotten_sightings), 0) + trusted::integer AS times,
                least(min(forgotten_since), CASE WHEN trusted THEN min(found_at) END) AS since
              FROM gone CROSS JOIN forgotten
              GROUP BY gone.kind, storage_key, record_id, size, etag, last_modified, trusted
            ), later AS MATERIALIZED (
              SELECT run.id, row_number() OVER (
                ORDER BY run.id IS NOT DISTINCT FROM bearer DESC, run.started_at DESC, run.id) AS place
              FROM forgotten JOIN stocktake.run USING (bucket, prefix) LEFT JOIN stocktake.keeping USING (bucket, prefix)
              WHERE run.status = 'COMPLETE' AND run.findings_forgotten_at IS NULL
                AND (run.started_at, run.id) > (forgotten.started_at, forgotten.id)
              ORDER BY place
            ), heir AS MATERIALIZED (
              SELECT sighting.*, found.id AS run_id
              FROM sighting CROSS JOIN LATERAL (
                SELECT later.id FROM later CROSS JOIN LATERAL (
                  SELECT FROM stocktake.finding AS same
                  WHERE same.run_id = later.id AND same.storage_key = sighting.storage_key AND %1$s LIMIT 1) AS one
                ORDER BY place LIMIT 1) AS found
              WHERE times > 0
            ), handed_on AS (
              UPDATE stocktake.finding AS same
              SET forgotten_sightings = coalesce(forgotten_sightings, 0) + sighting.times,
                forgotten_since = least(forgotten_since, sighting.since)
              FROM heir AS sighting
              WHERE same.run_id = sighting.run_id AND same.storage_key = sighting.storage_key AND %1$s
                AND (coalesce(same.forgotten_sightings, 0) < 100 OR same.forgotten_since > sighting.since)
            )
            SELECT count(*) FROM gone""".formatted("""
                    same.kind = sighting.kind AND same.record_id IS NOT DISTINCT FROM sighting.record_id
                      AND same.size IS NOT DISTINCT FROM sighting.size AND same.etag IS NOT DISTINCT FROM sighting.etag
                      AND same.last_modified IS NOT DISTINCT FROM sighting.last_modified""");

    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private final String bucket;
    private final String prefix;
    private final Optional<Duration> keep;
    private final int batch;
    private final Clock clock;

    /**
     * The old findings of a results database.
     *
     * @param keep of the runs of this bucket and prefix, after their end; empty for ever. Those of others are kept for as long
     *     as their own settings say
     * @param batch so many findings a transaction, and all others of the key of the last
     */
    public OldFindings(
            DataSource results, String bucket, String prefix, Optional<Duration> keep, int batch, Clock clock) {
        this.database = JdbcClient.create(results);
        this.transaction = new TransactionTemplate(new DataSourceTransactionManager(results));
        this.bucket = bucket;
        this.prefix = prefix;
        this.keep = keep;
        this.batch = batch;
        this.clock = clock;
    }

    /**
     * How far the findings of a run are forgotten.
     *
     * @param after the key up to which they are gone; empty for the start
     * @param findings how many are gone by now
     * @param isOver whether all are
     */
    public record Forgetting(UUID runId, String after, long findings, boolean isOver) {}

    /**
     * The next run whose findings may go, from now on forgotten to everybody, whether they are still there or not.
     *
     * @return null where there is none, or another process is at it
     */
    public Forgetting begin() {
        return transaction.execute(status -> isAlone() ? due() : null);
    }

    private Forgetting due() {
        database.sql("""
                        INSERT INTO stocktake.keeping (bucket, prefix, findings) VALUES (?, ?, ?::interval)
                        ON CONFLICT (bucket, prefix) DO UPDATE SET findings = excluded.findings
                        WHERE keeping.findings IS DISTINCT FROM excluded.findings""")
                .params(bucket, prefix, keep.map(Duration::toString).orElse(null))
                .update();
        // one from which a plan is being made is locked, and not waited for
        Optional<UUID> next = database.sql("SELECT id FROM stocktake.run WHERE id IN (" + DUE
                        + ") ORDER BY forgetting DESC, started_at, id LIMIT 1 FOR UPDATE SKIP LOCKED")
                .param("now", now())
                .query(UUID.class)
                .optional();
        // a plan may have been made of it until it was locked
        Optional<UUID> begun = next.filter(id -> database.sql(
                                "UPDATE stocktake.run SET forgetting = true, findings_forgotten_at = coalesce(findings_forgotten_at, :now)"
                                        + " WHERE id = :id AND id IN (" + DUE + ")")
                        .param("now", now())
                        .param("id", id)
                        .update()
                == 1);
        begun.ifPresent(id -> database.sql(FIND_BEARER).param(id).update());
        return begun.map(id -> new Forgetting(id, "", 0, false)).orElse(null);
    }

    /**
     * Deletes the next batch of findings.
     *
     * @return null where another process is at it
     */
    public Forgetting goOn(Forgetting so) {
        return transaction.execute(status -> isAlone() ? forget(so) : null);
    }

    private Forgetting forget(Forgetting so) {
        Optional<String> upTo = database.sql("""
                        SELECT max(storage_key) FROM (
                          SELECT storage_key FROM stocktake.finding WHERE run_id = ? AND storage_key > ?
                          ORDER BY storage_key LIMIT ?) AS batch""")
                .params(so.runId(), so.after(), batch)
                .query((row, number) -> Optional.ofNullable(row.getString(1)))
                .single();
        if (upTo.isEmpty()) {
            database.sql("UPDATE stocktake.run SET forgetting = false WHERE id = ?")
                    .param(so.runId())
                    .update();
            return new Forgetting(so.runId(), so.after(), so.findings(), true);
        }
        database.sql(BY_INDEX).query().singleRow();
        long gone = database.sql(FORGET)
                .param("run_id", so.runId())
                .param("after", so.after())
                .param("up_to", upTo.get())
                .query(Long.class)
                .single();
        return new Forgetting(so.runId(), upTo.get(), so.findings() + gone, false);
    }

    private boolean isAlone() {
        return database.sql(ALONE).query(Boolean.class).single();
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }
}
