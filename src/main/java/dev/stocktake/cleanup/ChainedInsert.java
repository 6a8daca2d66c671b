package dev.stocktake.cleanup;

import dev.stocktake.database.TextColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.ArgumentPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCallback;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Adds rows to {@code stocktake.action}, each chained to the one before, all or none of them. */
final class ChainedInsert {
    /**
     * Where the chain ends. Each row needs the hash of the one before, so that what is read must be newer than the lock. A
     * process that stands still, or whose connection is gone, keeps the others waiting no longer than this. All in one message,
     * for every other row waits meanwhile.
     */
    private static final String LOCK_AND_READ = """
            SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
            SELECT pg_catalog.set_config('idle_in_transaction_session_timeout', '10s', true),
              pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('stocktake.action', 0));
            SELECT coalesce(last.number, 0) AS number, coalesce(last.hash, ?) AS hash, pg_catalog.clock_timestamp() AS now,
              ARRAY(SELECT item FROM stocktake.action WHERE plan_id = ? AND item = ANY (?::bigint[])
                AND what IN ('quarantine', 'delete', 'delete_record', 'mark_record')) AS said
            FROM (SELECT) AS once
            LEFT JOIN (SELECT number, hash FROM stocktake.action ORDER BY number DESC LIMIT 1) AS last ON true""";

    /** The second statement fails, so that nothing is added, where not every row was taken. */
    private static final String INSERT = """
            INSERT INTO stocktake.action (at, made_by, plan_id, plan_hash, what,
              number, item, storage_key, seen, outcome, reason, millis, previous_hash, hash)
            SELECT ?::timestamptz, ?, ?::uuid, ?, ?,
              number, item, storage_key, seen::json, outcome, reason, millis, previous_hash, hash
            FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[])
              AS added (number, item, storage_key, seen, outcome, reason, millis, previous_hash, hash);
            SELECT 1 / (count(*) = ?)::integer FROM stocktake.action WHERE number > ? AND number <= ?;
            COMMIT""";

    private static final String DIVISION_BY_ZERO = "22012";

    private final JdbcTemplate database;
    private final TransactionTemplate transaction;

    ChainedInsert(DataSource results) {
        this.database = new JdbcTemplate(results);
        this.transaction = new TransactionTemplate(new DataSourceTransactionManager(results));
    }

    /** Adds what was done about a plan; of what became of an item, only what was not said before. */
    void add(String by, UUID planId, String planHash, String what, List<ActionEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        transaction.executeWithoutResult(status -> {
            End end = end(planId, what, entries);
            List<Link> links = new ArrayList<>();
            String hash = end.hash();
            for (ActionEntry entry : isOutcome(what) ? unsaid(entries, end.said()) : entries) {
                ActionRow row = new ActionRow(
                        end.number() + links.size() + 1,
                        end.now(),
                        by,
                        planId,
                        planHash,
                        what,
                        entry.item(),
                        entry.storageKey(),
                        entry.seen(),
                        entry.outcome().label(),
                        entry.reason(),
                        entry.millis());
                Link link = new Link(row, hash, ActionChain.hash(hash, row));
                links.add(link);
                hash = link.hash();
            }
            if (!links.isEmpty()) {
                insert(by, planId, planHash, what, end, links);
            }
        });
    }

    /**
     * Where the chain ends.
     *
     * @param now by the database's clock
     * @param said the items of which there is an outcome
     */
    private record End(long number, String hash, OffsetDateTime now, Set<Long> said) {}

    private record Link(ActionRow row, String previousHash, String hash) {}

    private End end(UUID planId, String what, List<ActionEntry> entries) {
        Long[] items = isOutcome(what) ? entries.stream().map(ActionEntry::item).toArray(Long[]::new) : new Long[0];
        return execute(LOCK_AND_READ, List.of(ActionChain.START, planId, items), statement -> {
            // the last of three
            statement.getMoreResults();
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return new End(
                        row.getLong("number"),
                        row.getString("hash"),
                        row.getObject("now", OffsetDateTime.class),
                        Set.copyOf(Arrays.asList((Long[]) row.getArray("said").getArray())));
            }
        });
    }

    private <T> T execute(String sql, List<Object> parameters, PreparedStatementCallback<T> results) {
        return database.execute(sql, (PreparedStatementCallback<T>) statement -> {
            new ArgumentPreparedStatementSetter(parameters.toArray()).setValues(statement);
            statement.execute();
            return results.doInPreparedStatement(statement);
        });
    }

    private static boolean isOutcome(String what) {
        return Arrays.stream(PlannedAction.values())
                .anyMatch(action -> action.label().equals(what));
    }

    private static List<ActionEntry> unsaid(List<ActionEntry> entries, Set<Long> said) {
        Set<Long> all = new HashSet<>(said);
        return entries.stream().filter(entry -> all.add(entry.item())).toList();
    }

    private void insert(String by, UUID planId, String planHash, String what, End end, List<Link> links) {
        try {
            execute(
                    INSERT,
                    List.of(
                            end.now(),
                            by,
                            planId,
                            planHash,
                            what,
                            numbers(links, ActionRow::number),
                            numbers(links, ActionRow::item),
                            TextColumn.of(links, link -> link.row().storageKey()),
                            TextColumn.of(links, link -> link.row().seen()),
                            TextColumn.of(links, link -> link.row().outcome()),
                            TextColumn.of(links, link -> link.row().reason()),
                            numbers(links, ActionRow::millis),
                            TextColumn.of(links, Link::previousHash),
                            TextColumn.of(links, Link::hash),
                            links.size(),
                            end.number(),
                            end.number() + links.size()),
                    statement -> null);
        } catch (DataIntegrityViolationException refused) {
            if (refused.getCause() instanceof SQLException said && DIVISION_BY_ZERO.equals(said.getSQLState())) {
                throw new IllegalStateException(
                        "stocktake.action did not take every row: a trigger or rule that is not Stocktake's stands in the"
                                + " way. Drop it.");
            }
            throw refused;
        }
    }

    private static Long[] numbers(List<Link> links, Function<ActionRow, Long> number) {
        return links.stream().map(Link::row).map(number).toArray(Long[]::new);
    }
}
