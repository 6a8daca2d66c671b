package dev.stocktake.cleanup;

import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Plausible;
import dev.stocktake.database.PageByPage;
import dev.stocktake.json.Json;
import dev.stocktake.records.RecordsQuery;
import dev.stocktake.run.Run;
import dev.stocktake.run.Runs;
import dev.stocktake.settings.CleanupLimits;
import dev.stocktake.text.Sha256;
import dev.stocktake.text.Visible;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
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
            WITH seen_by AS MATERIALIZED (
              SELECT id, trusted FROM stocktake.run
              WHERE bucket = :bucket AND prefix = :prefix AND status = 'COMPLETE'
                AND (findings_forgotten_at IS NULL OR forgetting)
            ), candidate AS (
              SELECT storage_key, record_id, size, etag, last_modified, first_found_at,
                CASE WHEN near_match IS NOT NULL THEN 'NEAR_MATCH'
                  WHEN first_found_at > now() - :min_age::interval
                    OR (last_modified > :modified_before AND last_modified <= :latest) THEN 'TOO_YOUNG'
                  WHEN last_modified IS NULL AND kind = 'orphaned_file' THEN 'TOO_YOUNG'
                  WHEN sightings < :min_sightings THEN 'TOO_FEW_SIGHTINGS'
                  WHEN octet_length(storage_key) > :longest_key THEN 'NO_ROOM' END AS left_out
              FROM stocktake.finding AS found CROSS JOIN LATERAL (
                SELECT coalesce(sum(times), 0) AS sightings, min(since) AS first_found_at FROM (
                  SELECT trusted::integer + coalesce(max(forgotten_sightings), 0) AS times,
                    least(min(forgotten_since), CASE WHEN trusted THEN min(found_at) END) AS since
                  FROM seen_by JOIN stocktake.finding AS sighting ON sighting.run_id = seen_by.id
                    AND sighting.storage_key = found.storage_key
                  WHERE sighting.kind = found.kind AND sighting.record_id IS NOT DISTINCT FROM found.record_id
                    AND sighting.size IS NOT DISTINCT FROM found.size
                    AND sighting.etag IS NOT DISTINCT FROM found.etag
                    AND sighting.last_modified IS NOT DISTINCT FROM found.last_modified
                  GROUP BY seen_by.id, trusted) AS sighted) AS seen
              WHERE run_id = :run_id AND kind = :kind AND starts_with(storage_key, :key_prefix)
                AND NOT EXISTS (SELECT FROM stocktake.quarantine
                  WHERE bucket = :bucket AND starts_with(found.storage_key, quarantine.prefix))
                AND (:keys::text[] IS NULL OR (storage_key, coalesce(record_id, '')) IN (
                  SELECT wanted.key COLLATE "C", wanted.id FROM unnest(:keys::text[], :record_ids::text[]) AS wanted (key, id))))
            """;

    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private final Runs runs;
    private final CleanupLimits limits;
    private final Supplier<RecordsQuery> recordsQuery;
    private final String recordsDatabase;
    private final Clock clock;

    /**
     * The plans of a results database.
     *
     * @param recordsQuery as the routes have it now
     * @param recordsDatabase {@code host:port/name}, by the settings
     */
    public Plans(
            DataSource results,
            Runs runs,
            CleanupLimits limits,
            Supplier<RecordsQuery> recordsQuery,
            String recordsDatabase,
            Clock clock) {
        this.database = JdbcClient.create(results);
        this.transaction = new TransactionTemplate(new DataSourceTransactionManager(results));
        this.runs = runs;
        this.limits = limits;
        this.recordsQuery = recordsQuery;
        this.recordsDatabase = recordsDatabase;
        this.clock = clock;
    }

    /**
     * What a plan is made by, besides its order.
     *
     * @param action what is to be done about its items
     * @param place where its files are; its quarantine is null where they are not moved to one
     * @param objections of the store against any cleanup
     * @param modifiedAt the time now by the clock that writes when its items were modified
     */
    record Terms(PlannedAction action, Plan.Place place, List<String> objections, Instant modifiedAt) {}

    /**
     * Makes a plan and stores it.
     *
     * @throws RefusedException with every reason against it
     */
    MadePlan make(PlanOrder order, Terms terms) {
        Run run = order.runId()
                .map(id -> runs.find(id)
                        .orElseThrow(() -> new RefusedException(
                                "There is no run " + id + "; a plan needs a run whose findings somebody has seen.")))
                .or(runs::newestComplete)
                .orElseThrow(() -> new RefusedException(
                        "No run of this bucket and prefix is COMPLETE, and a plan needs one: what was not compared to"
                                + " its end may name live files. Run cleanup-assets first."));
        List<String> refusals = new ArrayList<>(terms.objections());
        if (order.kind() == Kind.ORPHANED_FILE) {
            refusals.addAll(againstFilteredRecords());
        }
        refusals.addAll(againstRun(run, now()));
        if (order.minAge().orElse(limits.minAge()).compareTo(CleanupLimits.SAFE_AGE) < 0 && !order.minAgeIsUnsafe()) {
            refusals.add("CLEANUP_MIN_AGE is less than 24h, so that an upload under way may be in the plan; say"
                    + " --unsafe-min-age " + run.bucket() + " if that is what you want.");
        }
        run.forgotten().ifPresent(sentence -> refusals.add(sentence + " Run cleanup-assets again."));
        if (!run.isComplete() || run.forgotten().isPresent()) {
            throw new RefusedException(refusals);
        }
        return transaction.execute(status -> store(order, run, terms, refusals));
    }

    private List<String> againstFilteredRecords() {
        return recordsQuery.get().isFiltered()
                ? List.of(
                        "The records query is said to be filtered, so that a file may have a record that nobody here sees:"
                                + " no file is cleaned up. Read the records as a role that sees all rows, and take the word filtered"
                                + " out of records.camel.yaml.")
                : List.of();
    }

    /**
     * What keeps anything from being done on the word of a run.
     *
     * @param at when that is begun
     */
    private List<String> againstRun(Run run, OffsetDateTime at) {
        List<String> refusals = new ArrayList<>();
        if (!run.isComplete()) {
            refusals.add("Run " + run.id() + " is " + run.status()
                    + " and has no verdict: what was not compared to its end may name live files.");
            return refusals;
        }
        if (!run.isTrusted()) {
            refusals.addAll(suspicious(run, "so that its findings may be live files"));
        }
        runs.newestUntrustedAfter(run)
                .ifPresent(newer -> refusals.addAll(suspicious(
                        newer, "and newer than run " + run.id() + ", whose findings may be live files by now")));
        if (run.finishedAt().isBefore(at.minus(CleanupLimits.VALIDITY))) {
            refusals.add("Run " + run.id() + " ended at " + run.finishedAt().toInstant()
                    + ", more than 24 hours ago: much may have changed since. Run cleanup-assets again.");
        }
        if (!runs.isOfRecordsQuery(run.id(), recordsQuery.get().hash())) {
            refusals.add("The records query has changed since run " + run.id()
                    + ", so that other files are referenced now. Run cleanup-assets again.");
        }
        return refusals;
    }

    private static List<String> suspicious(Run run, String consequence) {
        return Stream.concat(
                        run.suspicions().stream()
                                .map(reason -> "Run " + run.id() + " is suspicious, " + consequence + ": " + reason),
                        Stream.of("If somebody has seen why and it is right: acknowledge --run " + run.id()
                                + " --reason TEXT."))
                .toList();
    }

    /**
     * What keeps what waits in quarantine from being deleted for good: the newest complete run must say that this is still the
     * bucket and the records that it was moved by.
     */
    List<String> againstPurge() {
        List<String> refusals = new ArrayList<>(againstFilteredRecords());
        refusals.addAll(runs.newestComplete()
                .map(run -> againstRun(run, now()))
                .orElseGet(() ->
                        List.of("No run of this bucket and prefix is COMPLETE, and a purge needs a recent one: without"
                                + " it nobody knows whether the records are those by which files were moved. Run cleanup-assets"
                                + " first.")));
        return refusals;
    }

    private MadePlan store(PlanOrder order, Run run, Terms terms, List<String> refusals) {
        keepFindings(run);
        order.names().ifPresent(names -> refusals.addAll(strangers(order, run, names)));
        Map<String, Long> counted = new TreeMap<>();
        long[] bytes = new long[1];
        candidates(
                        CANDIDATES + " SELECT left_out, count(*) AS items, coalesce(sum(size), 0)::bigint AS bytes"
                                + " FROM candidate"
                                + " GROUP BY left_out",
                        order,
                        run,
                        terms)
                .query((row, number) -> {
                    String reason = row.getString("left_out");
                    counted.put(reason == null ? "" : reason, row.getLong("items"));
                    bytes[0] += reason == null ? row.getLong("bytes") : 0;
                    return reason;
                })
                .list();
        long items = counted.getOrDefault("", 0L);
        OptionalLong expected = order.expectedCount();
        // what a run found that is not trusted does not count, so that its number would say nothing
        if (run.isTrusted() && expected.isEmpty()) {
            refusals.addAll(againstLimits(run, order.kind(), items, cleanedUpToday(run.bucket(), order.kind())));
        } else if (run.isTrusted() && expected.getAsLong() != items) {
            refusals.add(planOf(order.kind(), items) + ", and not exactly the " + expected.getAsLong()
                    + " of --expected-count.");
        }
        if (!refusals.isEmpty()) {
            throw new RefusedException(refusals);
        }
        UUID id = UUID.randomUUID();
        candidates(CANDIDATES + """
                        INSERT INTO stocktake.plan_item
                          (plan_id, number, storage_key, record_id, size, etag, last_modified, first_found_at)
                        SELECT :plan_id, row_number() OVER (ORDER BY storage_key, record_id), storage_key, record_id, size, etag, last_modified,
                          first_found_at
                        FROM candidate WHERE left_out IS NULL""", order, run, terms).param("plan_id", id).update();
        Plan plan = new Plan(
                id,
                run.id(),
                terms.action(),
                terms.place().store(),
                run.bucket(),
                run.prefix(),
                terms.action() == PlannedAction.QUARANTINE ? terms.place().quarantine() + id + "/" : null,
                recordsQuery.get().hash(),
                now(),
                order.madeBy(),
                now().plus(CleanupLimits.VALIDITY),
                items,
                bytes[0],
                order.acceptsUnconditional(),
                expected.isPresent(),
                recordsDatabase,
                null);
        Plan hashed = plan.withHash(hash(plan));
        insert(hashed);
        return new MadePlan(
                hashed,
                counted.getOrDefault("NEAR_MATCH", 0L),
                counted.getOrDefault("TOO_YOUNG", 0L),
                counted.getOrDefault("TOO_FEW_SIGHTINGS", 0L),
                counted.getOrDefault("NO_ROOM", 0L));
    }

    /** Until the plan is stored, or refused. */
    private void keepFindings(Run run) {
        boolean kept = database.sql(
                        "SELECT findings_forgotten_at IS NULL FROM stocktake.run WHERE id = ? FOR KEY SHARE")
                .param(run.id())
                .query(Boolean.class)
                .optional()
                .orElse(false);
        if (!kept) {
            throw new RefusedException(
                    "The findings of run " + run.id() + " were forgotten at this moment. Run cleanup-assets again.");
        }
    }

    private List<String> againstLimits(Run run, Kind kind, long items, long before) {
        List<String> refusals = new ArrayList<>();
        boolean ofFiles = kind == Kind.ORPHANED_FILE;
        String plan = planOf(kind, items)
                + (before == 0 ? "" : ", beside the " + before + " that were cleaned up within a day");
        String remedy = "; review them, and say --expected-count " + items + " if it is right.";
        if (items + before > limits.maxCount()) {
            refusals.add(plan + ", more than the " + limits.maxCount() + " of CLEANUP_MAX_COUNT" + remedy);
        }
        long all = ofFiles ? run.counts().objects() : run.counts().records();
        if ((items + before) * 100 > all * limits.maxPercent()) {
            refusals.add(plan + " of the " + all + (ofFiles ? " objects" : " records") + ", more than the "
                    + limits.maxPercent() + " % of CLEANUP_MAX_RATIO" + remedy);
        }
        return refusals;
    }

    private static String planOf(Kind kind, long items) {
        return "The plan would have " + items + (kind == Kind.ORPHANED_FILE ? " files" : " records");
    }

    /** By whichever plans of the bucket: limits that hold for each alone would hold for none of many. */
    private long cleanedUpToday(String bucket, Kind kind) {
        return database.sql("""
                        SELECT count(*) FROM stocktake.plan JOIN stocktake.action ON action.plan_id = plan.id
                          AND action.what = plan.action AND action.what IN ('quarantine', 'delete', 'delete_record', 'mark_record')
                        WHERE plan.bucket = ? AND plan.made_at > now() - interval '3 days'
                          AND (plan.action IN ('delete_record', 'mark_record')) = ?
                          AND action.outcome = 'done' AND action.at > now() - interval '1 day'""")
                .params(bucket, kind == Kind.ORPHANED_RECORD)
                .query(Long.class)
                .single();
    }

    /** What somebody wants in the plan and the run did not find. */
    private List<String> strangers(PlanOrder order, Run run, List<FindingName> names) {
        return database
                .sql("""
                        SELECT DISTINCT wanted.key FROM unnest(:keys::text[], :record_ids::text[]) AS wanted (key, id)
                        WHERE NOT EXISTS (SELECT FROM stocktake.finding
                          WHERE run_id = :run_id AND storage_key = wanted.key COLLATE "C" AND kind = :kind
                            AND coalesce(record_id, '') = wanted.id)
                        LIMIT 10""")
                .param("keys", keys(names))
                .param("record_ids", recordIds(names))
                .param("run_id", run.id())
                .param("kind", order.kind().label())
                .query(String.class)
                .list()
                .stream()
                .map(key -> "\"" + Visible.text(key) + "\" of --keys-from is no "
                        + order.kind().label().replace('_', ' ') + " of run " + run.id() + ": it may be live.")
                .toList();
    }

    private JdbcClient.StatementSpec candidates(String sql, PlanOrder order, Run run, Terms terms) {
        Duration minAge = order.minAge().orElse(limits.minAge());
        return database.sql(sql)
                // each by the clock of who wrote the time
                .param("modified_before", terms.modifiedAt().minus(minAge).atOffset(ZoneOffset.UTC))
                // what is beyond says no age
                .param("latest", Plausible.at(terms.modifiedAt()).latest().atOffset(ZoneOffset.UTC))
                .param("min_age", minAge.toString())
                .param("min_sightings", limits.minSightings())
                .param("longest_key", longestKey(terms))
                .param("bucket", run.bucket())
                .param("prefix", run.prefix())
                .param("run_id", run.id())
                .param("kind", order.kind().label())
                .param("key_prefix", order.keyPrefix())
                .param("keys", order.names().map(Plans::keys).orElse(null))
                .param("record_ids", order.names().map(Plans::recordIds).orElse(null));
    }

    /** In bytes: what leaves room in front for the quarantine's prefix, the plan and a slash. */
    private static int longestKey(Terms terms) {
        if (terms.action() != PlannedAction.QUARANTINE) {
            return KeySpace.LONGEST_KEY;
        }
        String quarantine = terms.place().quarantine();
        String prefix = quarantine.substring(quarantine.indexOf('/') + 1) + new UUID(0, 0) + "/";
        return KeySpace.LONGEST_KEY - prefix.getBytes(StandardCharsets.UTF_8).length;
    }

    private static String[] keys(List<FindingName> names) {
        return names.stream().map(FindingName::storageKey).toArray(String[]::new);
    }

    private static String[] recordIds(List<FindingName> names) {
        return names.stream().map(FindingName::recordId).toArray(String[]::new);
    }

    private void insert(Plan plan) {
        database.sql("""
                        INSERT INTO stocktake.plan (id, run_id, action, store, bucket, prefix, quarantine, records_query, made_at,
                          made_by, expires_at, items, bytes, unconditional, beyond_limits, records_database, hash)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        plan.id(),
                        plan.runId(),
                        plan.action().label(),
                        plan.store(),
                        plan.bucket(),
                        plan.prefix(),
                        plan.quarantine(),
                        plan.recordsQuery(),
                        plan.madeAt(),
                        plan.madeBy(),
                        plan.expiresAt(),
                        plan.items(),
                        plan.bytes(),
                        plan.unconditional(),
                        plan.beyondLimits(),
                        plan.recordsDatabase(),
                        plan.hash())
                .update();
        if (plan.quarantine() != null) {
            int slash = plan.quarantine().indexOf('/');
            database.sql("""
                            INSERT INTO stocktake.quarantine (bucket, prefix, known_by) VALUES (?, ?, 'plan')
                            ON CONFLICT DO NOTHING""")
                    .params(
                            plan.quarantine().substring(0, slash),
                            plan.quarantine()
                                    .substring(
                                            slash + 1,
                                            plan.quarantine().length()
                                                    - plan.id().toString().length()
                                                    - 1))
                    .update();
        }
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
     * What keeps a plan from being executed, or gone on with: it is not what was reviewed, or can no longer be trusted.
     *
     * @param begunAt when it was confirmed for the first time; null where it was not
     * @return one sentence each
     */
    List<String> against(Plan plan, OffsetDateTime begunAt) {
        List<String> refusals = new ArrayList<>();
        if (!hash(plan).equals(plan.hash())) {
            refusals.add("Plan " + plan.id() + " is not what was reviewed: its rows do not have the hash " + plan.hash()
                    + ". Make another one.");
        }
        OffsetDateTime expiresAt = begunAt == null ? plan.expiresAt() : begunAt.plus(CleanupLimits.VALIDITY);
        if (expiresAt.isBefore(now())) {
            refusals.add("Plan " + plan.id()
                    + (begunAt == null ? "" : " was begun at " + begunAt.toInstant() + " and") + " expired at "
                    + expiresAt.toInstant() + ": much may have changed since. Make another one.");
        }
        if (plan.recordsDatabase() != null && !plan.recordsDatabase().equals(recordsDatabase)) {
            refusals.add(
                    "Plan " + plan.id() + " was made by the records database " + Visible.text(plan.recordsDatabase())
                            + ", and DATABASE_URL names " + Visible.text(recordsDatabase)
                            + ": set it back, or make another one.");
        }
        if (!plan.recordsQuery().equals(recordsQuery.get().hash())) {
            refusals.add("The records query has changed since plan " + plan.id()
                    + " was made, so that other files are referenced now. Run cleanup-assets again.");
        }
        Optional<Run> run = runs.find(plan.runId());
        if (run.isEmpty()) {
            refusals.add("The run " + plan.runId() + " that plan " + plan.id()
                    + " was made from is not stored any more. Make another plan.");
        } else {
            // one that may be gone on with was recent enough when it was begun
            refusals.addAll(againstRun(run.get(), begunAt == null ? now() : begunAt));
            if (!plan.beyondLimits() && run.get().isComplete()) {
                Kind kind = plan.action().kind();
                refusals.addAll(againstLimits(run.get(), kind, openItems(plan), cleanedUpToday(plan.bucket(), kind)));
            }
        }
        return refusals;
    }

    private long openItems(Plan plan) {
        return database.sql("""
                        SELECT count(*) FROM stocktake.plan_item AS item WHERE plan_id = ? AND NOT EXISTS (
                          SELECT FROM stocktake.action WHERE plan_id = item.plan_id AND what = ? AND action.item = item.number)""")
                .params(plan.id(), plan.action().label())
                .query(Long.class)
                .single();
    }

    /** All items, page by page as they are read. */
    private Iterator<PlanItem> items(UUID planId) {
        return new PageByPage<>(PAGE, last -> items(planId, last == null ? 0 : last.number(), PAGE));
    }

    /**
     * A page of items in key order.
     *
     * @param after the number behind which it begins; 0 for the start
     */
    public List<PlanItem> items(UUID planId, long after, int limit) {
        return database.sql(
                        "SELECT * FROM stocktake.plan_item WHERE plan_id = ? AND number > ? ORDER BY number LIMIT ?")
                .params(planId, after, limit)
                .query(Plans::toItem)
                .list();
    }

    /** The next items that nothing was done about. */
    List<PlanItem> open(Plan plan, long after, int limit) {
        return database.sql("""
                        SELECT * FROM stocktake.plan_item AS item WHERE plan_id = ? AND number > ? AND NOT EXISTS (
                          SELECT FROM stocktake.action WHERE plan_id = item.plan_id AND what = ? AND action.item = item.number)
                        ORDER BY number LIMIT ?""")
                .params(plan.id(), after, plan.action().label(), limit)
                .query(Plans::toItem)
                .list();
    }

    /** The next items that were moved into quarantine, and neither brought back nor purged since. */
    List<PlanItem> moved(Plan plan, long after, int limit) {
        return database.sql("""
                        SELECT * FROM stocktake.plan_item AS item WHERE plan_id = ? AND number > ?
                          AND EXISTS (SELECT FROM stocktake.action WHERE plan_id = item.plan_id AND what = 'quarantine'
                            AND action.item = item.number AND outcome = 'done')
                          AND NOT EXISTS (SELECT FROM stocktake.action WHERE plan_id = item.plan_id
                            AND what IN ('restore', 'purge') AND action.item = item.number AND outcome = 'done')
                        ORDER BY number LIMIT ?""")
                .params(plan.id(), after, limit)
                .query(Plans::toItem)
                .list();
    }

    /** The files that were moved into quarantine and not purged since: of each a copy is there, also where it was brought back. */
    List<PlanItem> waiting(Plan plan) {
        return database.sql("""
                        SELECT * FROM stocktake.plan_item AS item WHERE plan_id = ?
                          AND EXISTS (SELECT FROM stocktake.action WHERE plan_id = item.plan_id AND what = 'quarantine'
                            AND action.item = item.number AND outcome = 'done')
                          AND NOT EXISTS (SELECT FROM stocktake.action WHERE plan_id = item.plan_id AND what = 'purge'
                            AND action.item = item.number AND outcome = 'done')
                        ORDER BY number""").param(plan.id()).query(Plans::toItem).list();
    }

    /**
     * What of a plan can be brought back: the files that were moved into quarantine, or may have been, also those that were
     * brought back before, to see that they are there: a copy stays until it is purged; and the records whose rows were saved.
     */
    List<Kept> kept(Plan plan) {
        return database.sql("""
                        SELECT item.*, saved.row FROM stocktake.plan_item AS item CROSS JOIN LATERAL (
                          SELECT seen ->> 'row' AS row FROM stocktake.action
                          WHERE plan_id = item.plan_id AND action.item = item.number
                            AND (what = 'save' OR (what = 'quarantine' AND outcome IN ('done', 'failed')))
                          ORDER BY action.number DESC LIMIT 1) AS saved
                        WHERE plan_id = ?
                          AND NOT EXISTS (SELECT FROM stocktake.action WHERE plan_id = item.plan_id
                            AND what = 'restore' AND saved.row IS NOT NULL
                            AND action.item = item.number AND outcome = 'done')
                          AND (NOT EXISTS (SELECT FROM stocktake.action WHERE plan_id = item.plan_id
                              AND what = 'purge' AND action.item = item.number AND outcome = 'done')
                            OR EXISTS (SELECT FROM stocktake.action WHERE plan_id = item.plan_id
                              AND action.item = item.number
                              AND ((what = 'restore' AND outcome = 'done') OR (what = 'quarantine' AND outcome = 'failed'))))
                        ORDER BY number""")
                .param(plan.id())
                .query((row, number) -> new Kept(toItem(row, number), row.getString("row")))
                .list();
    }

    /** Whether a plan has a file that is larger, in bytes. */
    boolean hasLarger(Plan plan, long size) {
        return database.sql("SELECT EXISTS (SELECT FROM stocktake.plan_item WHERE plan_id = ? AND size > ?)")
                .params(plan.id(), size)
                .query(Boolean.class)
                .single();
    }

    /** The numbers of a plan's files by their storage keys; none where the database does not know the plan. */
    Map<String, Long> numbers(UUID planId) {
        Map<String, Long> numbers = new HashMap<>();
        database.sql("SELECT storage_key, number FROM stocktake.plan_item WHERE plan_id = ? AND record_id IS NULL")
                .param(planId)
                .query((row, number) -> numbers.put(row.getString("storage_key"), row.getLong("number")))
                .list();
        return numbers;
    }

    /** The storage keys of all items of a plan that were looked at, whatever became of them. */
    Set<String> looked(Plan plan) {
        return Set.copyOf(database.sql("""
                        SELECT DISTINCT storage_key FROM stocktake.action
                        WHERE plan_id = ? AND what IN ('quarantine', 'restore', 'purge')""").param(plan.id()).query(String.class).list());
    }

    /**
     * An item that can be brought back.
     *
     * @param row of a record, all its columns as a JSON object; null for a file, which waits in quarantine
     */
    public record Kept(PlanItem item, String row) {
        /** Its key as a person or a terminal may read it. */
        public String visibleKey() {
            return Visible.text(item.storageKey());
        }
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

    /** How many items and bytes there are in each first folder, most items first. */
    List<Folder> folders(UUID planId, int limit) {
        return database.sql("""
                        SELECT CASE WHEN strpos(storage_key, '/') = 0 THEN ''
                          ELSE left(storage_key, strpos(storage_key, '/')) END AS folder,
                          count(*) AS items, coalesce(sum(size), 0)::bigint AS bytes
                        FROM stocktake.plan_item WHERE plan_id = ? GROUP BY folder ORDER BY items DESC, folder LIMIT ?""")
                .params(planId, limit)
                .query((row, number) -> new Folder(row.getString("folder"), row.getLong("items"), row.getLong("bytes")))
                .list();
    }

    /**
     * What a plan holds of one folder.
     *
     * @param folder up to its first slash; empty for what lies in none
     */
    record Folder(String folder, long items, long bytes) {}

    /**
     * A plan, and what its run found besides.
     *
     * @param nearMatches left out because they are probably an asset under another key
     * @param tooYoung left out because they are younger than CLEANUP_MIN_AGE
     * @param tooFewSightings left out because too few trusted runs found them
     * @param noRoom left out because their keys have no room in front for the quarantine's prefix
     */
    public record MadePlan(Plan plan, long nearMatches, long tooYoung, long tooFewSightings, long noRoom) {}

    private OffsetDateTime now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    private static Plan toPlan(ResultSet row, int number) throws SQLException {
        return new Plan(
                row.getObject("id", UUID.class),
                row.getObject("run_id", UUID.class),
                PlannedAction.of(row.getString("action")),
                row.getString("store"),
                row.getString("bucket"),
                row.getString("prefix"),
                row.getString("quarantine"),
                row.getString("records_query"),
                utc(row, "made_at"),
                row.getString("made_by"),
                utc(row, "expires_at"),
                row.getLong("items"),
                row.getLong("bytes"),
                row.getBoolean("unconditional"),
                row.getBoolean("beyond_limits"),
                row.getString("records_database"),
                row.getString("hash"));
    }

    private static PlanItem toItem(ResultSet row, int number) throws SQLException {
        return new PlanItem(
                row.getLong("number"),
                row.getString("storage_key"),
                row.getString("record_id"),
                row.getObject("size", Long.class),
                row.getString("etag"),
                utc(row, "last_modified"),
                utc(row, "first_found_at"));
    }

    private static OffsetDateTime utc(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.withOffsetSameInstant(ZoneOffset.UTC);
    }
}
