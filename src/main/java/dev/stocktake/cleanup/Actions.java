package dev.stocktake.cleanup;

import dev.stocktake.text.Visible;
import java.time.OffsetDateTime;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What was done: {@code stocktake.action}, which is only ever added to, each row chained to the one before. */
public final class Actions {
    private static final Logger LOG = LoggerFactory.getLogger("stocktake.actions");

    private final JdbcClient database;

    public Actions(DataSource results) {
        this.database = JdbcClient.create(results);
    }

    /** Adds what was done about a whole plan, and says so in the log. */
    public void ofPlan(Plan plan, String by, String what, String reason) {
        LOG.info("Plan {}: {} by {}{}", plan.id(), what, Visible.text(by), reason == null ? "" : " (" + reason + ")");
        database.sql("""
                        INSERT INTO stocktake.action (at, made_by, plan_id, plan_hash, what, outcome, reason, millis)
                        VALUES (clock_timestamp(), ?, ?, ?, ?, 'done', ?, 0)""").params(by, plan.id(), plan.hash(), what, reason).update();
    }

    /** Adds what was done about one item of a plan. */
    void ofItem(
            UUID planId,
            String planHash,
            String by,
            String what,
            long item,
            String storageKey,
            Outcome outcome,
            String reason) {
        database.sql("""
                        INSERT INTO stocktake.action
                          (at, made_by, plan_id, plan_hash, what, item, storage_key, outcome, reason, millis)
                        VALUES (clock_timestamp(), ?, ?, ?, ?, ?, ?, ?, ?, 0)""")
                .params(by, planId, planHash, what, item, storageKey, outcome.label(), reason)
                .update();
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

    /** Whether there is an action with this hash. */
    public boolean has(String hash) {
        return database.sql("SELECT EXISTS (SELECT FROM stocktake.action WHERE hash = ?)")
                .param(hash)
                .query(Boolean.class)
                .single();
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
                reasons,
                stopped);
    }

    private long broughtBack(Plan plan) {
        return database.sql("""
                        SELECT count(DISTINCT item) FROM stocktake.action
                        WHERE plan_id = ? AND what = 'restore' AND outcome = 'done'""").param(plan.id()).query(Long.class).single();
    }

    /**
     * What a look through the chain found.
     *
     * @param rows in all
     * @param head the hash of the last row; keep it elsewhere, and a chain that was cut off shows; empty without rows
     * @param broken what is wrong with the first row that does not fit; empty when all do
     */
    public record Chain(long rows, String head, Optional<String> broken) {}

    /** Goes through the whole chain. */
    public Chain verify() {
        Optional<String> broken = database.sql("""
                        SELECT number, storage_key,
                          CASE WHEN hash <> stocktake.action_hash(action) THEN 'was changed after it was written'
                            ELSE 'does not follow the row before it' END AS problem
                        FROM (SELECT action, action.*, lag(number, 1, 0::bigint) OVER chain AS number_before,
                            lag(hash, 1, '') OVER chain AS hash_before
                          FROM stocktake.action WINDOW chain AS (ORDER BY number)) AS chained
                        WHERE hash <> stocktake.action_hash(action)
                          OR number <> number_before + 1 OR previous_hash <> hash_before
                        ORDER BY number LIMIT 1""")
                .query((row, place) -> "Row " + row.getLong("number") + " of stocktake.action"
                        + (row.getString("storage_key") == null
                                ? ""
                                : " (\"" + Visible.text(row.getString("storage_key")) + "\")")
                        + " " + row.getString("problem") + ".")
                .optional();
        long rows = database.sql("SELECT count(*) FROM stocktake.action")
                .query(Long.class)
                .single();
        String head = database.sql("SELECT hash FROM stocktake.action ORDER BY number DESC LIMIT 1")
                .query(String.class)
                .optional()
                .orElse("");
        return new Chain(rows, head, broken);
    }
}
