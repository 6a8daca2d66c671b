package dev.stocktake.cleanup;

import dev.stocktake.database.PageByPage;
import dev.stocktake.json.Json;
import dev.stocktake.run.Run;
import dev.stocktake.run.Runs;
import dev.stocktake.settings.CleanupLimits;
import dev.stocktake.text.Sha256;
import dev.stocktake.text.Visible;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes plans from the findings of a run, and reads them. */
public final class Plans {
    private static final int PAGE = 1000;

    /** Those that a plan may name, and why it leaves out the others. */
    private static final String CANDIDATES = """
            WITH candidate AS (
              SELECT storage_key, size, etag, last_modified, first_found_at,
                CASE WHEN near_match IS NOT NULL THEN 'NEAR_MATCH'
                  WHEN last_modified IS NULL OR last_modified > :young OR first_found_at > :young THEN 'TOO_YOUNG'
                  WHEN sightings < :min_sightings THEN 'TOO_FEW_SIGHTINGS' END AS left_out
              FROM stocktake.finding AS found CROSS JOIN LATERAL (
                SELECT count(DISTINCT run.id) AS sightings, min(sighting.found_at) AS first_found_at
                FROM stocktake.run JOIN stocktake.finding AS sighting ON sighting.run_id = run.id
                  AND sighting.storage_key = found.storage_key
                WHERE run.bucket = :bucket AND run.prefix = :prefix AND run.status = 'COMPLETE'
                  AND sighting.kind = found.kind AND sighting.size = found.size
                  AND sighting.etag IS NOT DISTINCT FROM found.etag
                  AND sighting.last_modified = found.last_modified) AS seen
              WHERE run_id = :run_id AND kind = 'orphaned_file' AND starts_with(storage_key, :key_prefix)
                AND (:keys::text[] IS NULL OR storage_key = ANY (:keys::text[])))
            """;

    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private final Runs runs;
    private final CleanupLimits limits;
    private final Supplier<String> recordsQuery;
    private final Clock clock;

    /**
     * The plans of a results database.
     *
     * @param recordsQuery SHA-256 of it as the routes have it now
     */
    public Plans(DataSource results, Runs runs, CleanupLimits limits, Supplier<String> recordsQuery, Clock clock) {
        this.database = JdbcClient.create(results);
        this.transaction = new TransactionTemplate(new DataSourceTransactionManager(results));
        this.runs = runs;
        this.limits = limits;
        this.recordsQuery = recordsQuery;
        this.clock = clock;
    }

    /**
     * Makes a plan and stores it.
     *
     * @param quarantine where its files would be moved to, without the plan's own folder
     * @param objections of the store against any cleanup
     * @throws RefusedException with every reason against it
     */
    public MadePlan make(PlanOrder order, String quarantine, List<String> objections) {
        Run run = order.runId()
                .map(id -> runs.find(id)
                        .orElseThrow(() -> new RefusedException(
                                "There is no run " + id + "; a plan needs a run whose findings somebody has seen.")))
                .or(runs::newestComplete)
                .orElseThrow(() -> new RefusedException(
                        "No run of this bucket and prefix is COMPLETE, and a plan needs one: what was not compared to"
                                + " its end may name live files. Run cleanup-assets first."));
        List<String> refusals = new ArrayList<>(objections);
        refusals.addAll(againstRun(run));
        if (order.minAge().orElse(limits.minAge()).compareTo(CleanupLimits.SAFE_AGE) < 0 && !order.minAgeIsUnsafe()) {
            refusals.add("CLEANUP_MIN_AGE is less than 24h, so that an upload under way may be in the plan; say"
                    + " --unsafe-min-age " + run.bucket() + " if that is what you want.");
        }
        if (!run.isComplete()) {
            throw new RefusedException(refusals);
        }
        return transaction.execute(status -> store(order, run, quarantine, refusals));
    }

    private List<String> againstRun(Run run) {
        List<String> refusals = new ArrayList<>();
        if (!run.isComplete()) {
            refusals.add("Run " + run.id() + " is " + run.status()
                    + " and has no verdict: what was not compared to its end may name live files.");
            return refusals;
        }
        run.suspicions()
                .forEach(reason -> refusals.add(
                        "Run " + run.id() + " is suspicious, so that its findings may be live" + " files: " + reason));
        if (run.finishedAt().isBefore(now().minus(CleanupLimits.VALIDITY))) {
            refusals.add("Run " + run.id() + " ended at " + run.finishedAt().toInstant()
                    + ", more than 24 hours ago: much may have changed since. Run cleanup-assets again.");
        }
        if (!runs.isOfRecordsQuery(run.id(), recordsQuery.get())) {
            refusals.add("The records query has changed since run " + run.id()
                    + ", so that other files are referenced now. Run cleanup-assets again.");
        }
        return refusals;
    }

    private MadePlan store(PlanOrder order, Run run, String quarantine, List<String> refusals) {
        order.keys().ifPresent(keys -> refusals.addAll(strangers(run, keys)));
        Map<String, Long> counted = new TreeMap<>();
        long[] bytes = new long[1];
        candidates(
                        CANDIDATES + " SELECT left_out, count(*) AS files, sum(size)::bigint AS bytes FROM candidate"
                                + " GROUP BY left_out",
                        order,
                        run)
                .query((row, number) -> {
                    String reason = row.getString("left_out");
                    counted.put(reason == null ? "" : reason, row.getLong("files"));
                    bytes[0] += reason == null ? row.getLong("bytes") : 0;
                    return reason;
                })
                .list();
        long files = counted.getOrDefault("", 0L);
        refusals.addAll(againstSize(order, run, files));
        if (!refusals.isEmpty()) {
            throw new RefusedException(refusals);
        }
        UUID id = UUID.randomUUID();
        candidates(CANDIDATES + """
                        INSERT INTO stocktake.plan_item
                          (plan_id, number, storage_key, size, etag, last_modified, first_found_at)
                        SELECT :plan_id, row_number() OVER (ORDER BY storage_key), storage_key, size, etag, last_modified,
                          first_found_at
                        FROM candidate WHERE left_out IS NULL""", order, run).param("plan_id", id).update();
        Plan plan = new Plan(
                id,
                run.id(),
                run.bucket(),
                run.prefix(),
                quarantine + id + "/",
                recordsQuery.get(),
                now(),
                order.madeBy(),
                now().plus(CleanupLimits.VALIDITY),
                files,
                bytes[0],
                null);
        Plan hashed = plan.withHash(hash(plan));
        insert(hashed);
        return new MadePlan(
                hashed,
                counted.getOrDefault("NEAR_MATCH", 0L),
                counted.getOrDefault("TOO_YOUNG", 0L),
                counted.getOrDefault("TOO_FEW_SIGHTINGS", 0L));
    }

    private List<String> againstSize(PlanOrder order, Run run, long files) {
        List<String> refusals = new ArrayList<>();
        if (order.expectedFiles().isPresent()) {
            if (order.expectedFiles().getAsLong() != files) {
                refusals.add("The plan would have " + files + " files, and not exactly the "
                        + order.expectedFiles().getAsLong() + " of --expected-files.");
            }
            return refusals;
        }
        if (files > limits.maxFiles()) {
            refusals.add("The plan would have " + files + " files, more than the " + limits.maxFiles()
                    + " of CLEANUP_MAX_COUNT; review them, and say --expected-files " + files + " if it is right.");
        }
        long objects = run.counts().objects();
        if (files * 100 > objects * limits.maxPercent()) {
            refusals.add("The plan would have " + files + " of the " + objects + " objects, more than the "
                    + limits.maxPercent() + " % of CLEANUP_MAX_RATIO; review them, and say --expected-files " + files
                    + " if it is right.");
        }
        return refusals;
    }

    /** Keys that somebody wants in the plan and that the run did not find. */
    private List<String> strangers(Run run, List<String> keys) {
        List<String> strangers = database.sql("""
                        SELECT DISTINCT key FROM unnest(:keys::text[]) AS key
                        WHERE NOT EXISTS (SELECT FROM stocktake.finding
                          WHERE run_id = :run_id AND storage_key = key COLLATE "C" AND kind = 'orphaned_file')
                        LIMIT 10""")
                .param("keys", keys.toArray(String[]::new))
                .param("run_id", run.id())
                .query(String.class)
                .list();
        return strangers.stream()
                .map(key -> "\"" + Visible.text(key) + "\" of --keys-from is no orphaned file of run " + run.id()
                        + ": it may be live.")
                .toList();
    }

    private JdbcClient.StatementSpec candidates(String sql, PlanOrder order, Run run) {
        return database.sql(sql)
                .param("young", now().minus(order.minAge().orElse(limits.minAge())))
                .param("min_sightings", limits.minSightings())
                .param("bucket", run.bucket())
                .param("prefix", run.prefix())
                .param("run_id", run.id())
                .param("key_prefix", order.keyPrefix())
                .param(
                        "keys",
                        order.keys().map(keys -> keys.toArray(String[]::new)).orElse(null));
    }

    private void insert(Plan plan) {
        database.sql("""
                        INSERT INTO stocktake.plan (id, run_id, bucket, prefix, quarantine, records_query, made_at, made_by,
                          expires_at, files, bytes, hash)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        plan.id(),
                        plan.runId(),
                        plan.bucket(),
                        plan.prefix(),
                        plan.quarantine(),
                        plan.recordsQuery(),
                        plan.madeAt(),
                        plan.madeBy(),
                        plan.expiresAt(),
                        plan.files(),
                        plan.bytes(),
                        plan.hash())
                .update();
    }

    /** SHA-256 of one line of JSON for the plan, whose own hash does not count, and one for each item. */
    private String hash(Plan plan) {
        Iterator<PlanItem> items = items(plan.id());
        return Sha256.ofLines(Stream.concat(
                        Stream.of(plan.withHash(null)),
                        StreamSupport.stream(Spliterators.spliteratorUnknownSize(items, Spliterator.ORDERED), false))
                .map(Json::write)
                .iterator());
    }

    /** The plan that has this hash. */
    public Optional<Plan> findByHash(String hash) {
        return database.sql("SELECT * FROM stocktake.plan WHERE hash = ?")
                .param(hash)
                .query(Plans::toPlan)
                .optional();
    }

    /** The plan of this id. */
    public Optional<Plan> find(UUID id) {
        return database.sql("SELECT * FROM stocktake.plan WHERE id = ?")
                .param(id)
                .query(Plans::toPlan)
                .optional();
    }

    /**
     * Refuses a plan that is not what was reviewed, or can no longer be trusted.
     *
     * @param begun whether it was confirmed before and is to be brought to its end
     * @throws RefusedException with every reason against it
     */
    void refuseUnlessSound(Plan plan, boolean begun) {
        List<String> refusals = new ArrayList<>();
        if (!hash(plan).equals(plan.hash())) {
            refusals.add("Plan " + plan.id() + " is not what was reviewed: its rows do not have the hash " + plan.hash()
                    + ". Make another one.");
        }
        if (!begun && plan.expiresAt().isBefore(now())) {
            refusals.add("Plan " + plan.id() + " expired at " + plan.expiresAt().toInstant()
                    + ": much may have changed since. Make another one.");
        }
        if (!plan.recordsQuery().equals(recordsQuery.get())) {
            refusals.add("The records query has changed since plan " + plan.id()
                    + " was made, so that other files are referenced now. Run cleanup-assets again.");
        }
        if (!begun) {
            runs.find(plan.runId()).ifPresent(run -> refusals.addAll(againstRun(run)));
        }
        if (!refusals.isEmpty()) {
            throw new RefusedException(refusals);
        }
    }

    /** All items, page by page as they are read. */
    Iterator<PlanItem> items(UUID planId) {
        return new PageByPage<>(
                PAGE,
                last -> database.sql(
                                "SELECT * FROM stocktake.plan_item WHERE plan_id = ? AND number > ? ORDER BY number LIMIT ?")
                        .params(planId, last == null ? 0 : last.number(), PAGE)
                        .query(Plans::toItem)
                        .list());
    }

    /** The next items that nothing was done about. */
    List<PlanItem> open(UUID planId, long after, int limit) {
        return database.sql("""
                        SELECT * FROM stocktake.plan_item AS item WHERE plan_id = ? AND number > ? AND NOT EXISTS (
                          SELECT FROM stocktake.action WHERE plan_id = item.plan_id AND what = 'quarantine'
                            AND action.item = item.number)
                        ORDER BY number LIMIT ?""")
                .params(planId, after, limit)
                .query(Plans::toItem)
                .list();
    }

    /** The items that were moved into quarantine, or may have been, and were neither restored nor purged. */
    List<PlanItem> quarantined(UUID planId) {
        return database.sql("""
                        SELECT * FROM stocktake.plan_item AS item WHERE plan_id = ?
                          AND EXISTS (SELECT FROM stocktake.action WHERE plan_id = item.plan_id AND what = 'quarantine'
                            AND action.item = item.number AND outcome IN ('done', 'failed'))
                          AND NOT EXISTS (SELECT FROM stocktake.action WHERE plan_id = item.plan_id
                            AND what IN ('restore', 'purge') AND action.item = item.number AND outcome = 'done')
                        ORDER BY number""").param(planId).query(Plans::toItem).list();
    }

    /**
     * The first items by an order.
     *
     * @param order of columns of {@code stocktake.plan_item}
     */
    List<PlanItem> first(UUID planId, String order, int limit) {
        return database.sql("SELECT * FROM stocktake.plan_item WHERE plan_id = ? ORDER BY " + order + " LIMIT ?")
                .params(planId, limit)
                .query(Plans::toItem)
                .list();
    }

    /** How many files and bytes there are in each first folder, most files first. */
    List<Folder> folders(UUID planId, int limit) {
        return database.sql("""
                        SELECT CASE WHEN strpos(storage_key, '/') = 0 THEN ''
                          ELSE left(storage_key, strpos(storage_key, '/')) END AS folder,
                          count(*) AS files, sum(size)::bigint AS bytes
                        FROM stocktake.plan_item WHERE plan_id = ? GROUP BY folder ORDER BY files DESC, folder LIMIT ?""")
                .params(planId, limit)
                .query((row, number) -> new Folder(row.getString("folder"), row.getLong("files"), row.getLong("bytes")))
                .list();
    }

    /**
     * What a plan holds of one folder.
     *
     * @param folder up to its first slash; empty for what lies in none
     */
    record Folder(String folder, long files, long bytes) {}

    /**
     * A plan, and what its run found besides.
     *
     * @param nearMatches left out because they are probably an asset under another key
     * @param tooYoung left out because they are younger than CLEANUP_MIN_AGE
     * @param tooFewSightings left out because too few complete runs found them
     */
    public record MadePlan(Plan plan, long nearMatches, long tooYoung, long tooFewSightings) {}

    private OffsetDateTime now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    private static Plan toPlan(ResultSet row, int number) throws SQLException {
        return new Plan(
                row.getObject("id", UUID.class),
                row.getObject("run_id", UUID.class),
                row.getString("bucket"),
                row.getString("prefix"),
                row.getString("quarantine"),
                row.getString("records_query"),
                utc(row, "made_at"),
                row.getString("made_by"),
                utc(row, "expires_at"),
                row.getLong("files"),
                row.getLong("bytes"),
                row.getString("hash"));
    }

    private static PlanItem toItem(ResultSet row, int number) throws SQLException {
        return new PlanItem(
                row.getLong("number"),
                row.getString("storage_key"),
                row.getLong("size"),
                row.getString("etag"),
                utc(row, "last_modified"),
                utc(row, "first_found_at"));
    }

    private static OffsetDateTime utc(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC);
    }
}
