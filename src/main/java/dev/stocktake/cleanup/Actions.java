package dev.stocktake.cleanup;

import dev.stocktake.cleanup.ChainCheck.Chain;
import dev.stocktake.cleanup.CleanupResult.Failure;
import dev.stocktake.json.Json;
import dev.stocktake.text.Visible;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What was done: {@code stocktake.action}, which is only ever added to, each row chained to the one before. */
public final class Actions {
    private static final Logger LOG = LoggerFactory.getLogger("stocktake.actions");

    private final DataSource results;
    private final JdbcClient database;
    private final ChainedInsert chain;
    private final AtomicBoolean hasNews = new AtomicBoolean();

    public Actions(DataSource results) {
        this.results = results;
        this.database = JdbcClient.create(results);
        this.chain = new ChainedInsert(results);
    }

    /** Adds what was done about a whole plan, and says so in the log. */
    public void ofPlan(Plan plan, String by, String what, String reason) {
        ofPlan(plan.id(), plan.hash(), by, what, reason);
    }

    /** Adds what was done about a whole plan, and says so in the log. */
    void ofPlan(UUID planId, String planHash, String by, String what, String reason) {
        LOG.info("Plan {}: {} by {}{}", planId, what, Visible.text(by), reason == null ? "" : " (" + reason + ")");
        add(by, planId, planHash, what, List.of(ActionEntry.ofPlan(reason)));
    }

    /**
     * Adds what was done about one item of a plan.
     *
     * @param seen what was found, as JSON; null for nothing
     */
    void ofItem(
            UUID planId,
            String planHash,
            String by,
            String what,
            long item,
            String storageKey,
            Outcome outcome,
            String reason,
            String seen) {
        add(by, planId, planHash, what, List.of(new ActionEntry(item, storageKey, seen, outcome, reason, 0)));
    }

    /** Adds what was done about items of a plan; what became of an item only once, even if it is said again. */
    public void ofItems(CleanupInProgress cleanup, String what, ActionColumns done) {
        add(cleanup.confirmedBy(), cleanup.plan().id(), cleanup.plan().hash(), what, done.entries());
    }

    private void add(String by, UUID planId, String planHash, String what, List<ActionEntry> entries) {
        chain.add(by, planId, planHash, what, entries);
        hasNews.set(true);
    }

    /** The last action; empty where there is none. */
    public Optional<AuditHead> head() {
        return database.sql("SELECT number, hash, at FROM stocktake.action ORDER BY number DESC LIMIT 1")
                .query((row, number) -> new AuditHead(
                        row.getLong("number"),
                        row.getString("hash"),
                        row.getObject("at", OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC)))
                .optional();
    }

    /** The same as JSON on one line; null where there is no action. */
    public String headAsJson() {
        return head().map(head -> Json.write(head) + "\n").orElse(null);
    }

    /** Says in the log which action is the last, where this process has added any since it last did. */
    public void logHead() {
        if (!hasNews.getAndSet(false)) {
            return;
        }
        try {
            head().map(AuditHead::line).ifPresent(LOG::info);
        } catch (DataAccessException failure) {
            // what was done is done, and the next one says it
            hasNews.set(true);
            LOG.warn("The audit head is not known, because the results database did not answer; audit verify shows it");
        }
    }

    /** Whether a plan was confirmed. */
    public boolean isBegun(Plan plan) {
        return has(plan, "confirm");
    }

    /** When a plan was confirmed for the first time, in UTC; null where it was not. */
    public OffsetDateTime begunAt(Plan plan) {
        return database.sql(
                        "SELECT min(at) FROM stocktake.action WHERE plan_id = ? AND what = 'confirm' AND item IS NULL")
                .param(plan.id())
                .query(OffsetDateTime.class)
                .optional()
                .orElse(null);
    }

    /**
     * A purge of a plan's files that was confirmed, and not brought to its end.
     *
     * @param purgeHash what was confirmed
     */
    record OpenPurge(UUID planId, String planHash, String purgeHash) {}

    /** Those of all plans: they are under way, or were interrupted. */
    Set<OpenPurge> openPurges() {
        return Set.copyOf(database.sql("""
                        SELECT DISTINCT plan_id, plan_hash, reason FROM stocktake.action AS begun
                        WHERE what = 'confirm_purge' AND NOT EXISTS (
                          SELECT FROM stocktake.action WHERE plan_id = begun.plan_id AND what = 'end_purge'
                            AND number > begun.number)""")
                .query((row, number) -> new OpenPurge(
                        row.getObject("plan_id", UUID.class), row.getString("plan_hash"), row.getString("reason")))
                .list());
    }

    /** Whether a purge of a plan's files is under way, or was interrupted. */
    boolean isPurgeOpen(Plan plan) {
        return openPurges().stream().anyMatch(open -> open.planId().equals(plan.id()));
    }

    /** Whether a plan was brought to its end. */
    public boolean isEnded(Plan plan) {
        return has(plan, "end");
    }

    /** Those of some items of a plan, by number, whose rows were saved. */
    Set<Long> saved(Plan plan, List<PlanItem> items) {
        return Set.copyOf(database.sql("""
                        SELECT DISTINCT item FROM stocktake.action WHERE plan_id = ? AND what = 'save' AND item = ANY (?)""")
                .params(plan.id(), items.stream().map(PlanItem::number).toArray(Long[]::new))
                .query(Long.class)
                .list());
    }

    private boolean has(Plan plan, String what) {
        return database.sql(
                        "SELECT EXISTS (SELECT FROM stocktake.action WHERE plan_id = ? AND what = ? AND item IS NULL)")
                .params(plan.id(), what)
                .query(Boolean.class)
                .single();
    }

    /**
     * What became of a plan so far.
     *
     * @param stopped why it went no further; null when it did not stop
     */
    public CleanupResult result(Plan plan, String stopped) {
        Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
        Map<String, Long> reasons = new TreeMap<>();
        database.sql("""
                        SELECT outcome, reason, count(*) AS items FROM stocktake.action
                        WHERE plan_id = ? AND what = ? GROUP BY outcome, reason""")
                .params(plan.id(), plan.action().label())
                .query((row, number) -> {
                    Outcome outcome = Outcome.of(row.getString("outcome"));
                    long items = row.getLong("items");
                    counts.merge(outcome, items, Long::sum);
                    if (outcome != Outcome.DONE) {
                        reasons.merge(outcome.label() + ": " + row.getString("reason"), items, Long::sum);
                    }
                    return items;
                })
                .list();
        return new CleanupResult(
                plan,
                counts.getOrDefault(Outcome.DONE, 0L),
                counts.getOrDefault(Outcome.SKIPPED, 0L),
                counts.getOrDefault(Outcome.FAILED, 0L),
                broughtBack(plan),
                plan.isOfRecords() ? 0 : purged(plan),
                failures(plan),
                reasons,
                stopped);
    }

    /** What failed last, in the order of the plan: to be moved or to be brought back. */
    private List<Failure> failures(Plan plan) {
        return database.sql("""
                        SELECT storage_key, reason, seen ->> 'now' AS now FROM (
                          SELECT DISTINCT ON (item) item, storage_key, outcome, reason, seen FROM stocktake.action
                          WHERE plan_id = ? AND item IS NOT NULL AND outcome <> 'skipped'
                            AND (what IN (?, 'restore') OR (what = 'purge' AND outcome = 'done'))
                          ORDER BY item, number DESC) AS last
                        WHERE outcome = 'failed' ORDER BY item LIMIT ?""")
                .params(plan.id(), plan.action().label(), CleanupResult.MOST_FAILURES)
                .query((row, number) ->
                        new Failure(row.getString("storage_key"), row.getString("now"), row.getString("reason")))
                .list();
    }

    /** How many files of a plan are gone for good: they were moved, and purged before anybody brought them back. */
    long purged(Plan plan) {
        return database.sql("""
                        SELECT count(DISTINCT item) FROM stocktake.action AS purged
                        WHERE plan_id = ? AND what = 'purge' AND outcome = 'done' AND NOT EXISTS (
                          SELECT FROM stocktake.action WHERE plan_id = purged.plan_id AND item = purged.item
                            AND ((what = 'restore' AND outcome = 'done') OR (what = 'quarantine' AND outcome <> 'done')))""").param(plan.id()).query(Long.class).single();
    }

    private long broughtBack(Plan plan) {
        return database.sql("""
                        SELECT count(DISTINCT item) FROM stocktake.action
                        WHERE plan_id = ? AND what = 'restore' AND outcome = 'done'""").param(plan.id()).query(Long.class).single();
    }

    /** Goes through the whole chain. */
    public Chain verify() {
        return verify(null);
    }

    /**
     * Goes through the whole chain.
     *
     * @param keptHash the hash of an action that was kept elsewhere; null for none
     */
    public Chain verify(String keptHash) {
        return new ChainCheck(results).check(keptHash);
    }
}
