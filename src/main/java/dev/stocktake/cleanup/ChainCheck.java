package dev.stocktake.cleanup;

import dev.stocktake.text.Visible;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Goes through {@code stocktake.action} row by row, and takes nothing but the columns from the database. */
public final class ChainCheck {
    /** How many rows are in memory at once. */
    private static final int FETCHED = 1000;

    /** All at one moment, every name and operator PostgreSQL's own, and nothing left out without an error. */
    private static final String ONE_MOMENT = """
            SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
            SET LOCAL search_path = pg_catalog, pg_temp;
            SET LOCAL row_security = off""";

    private static final String TABLE = """
            SELECT relkind, relpersistence, relrowsecurity OR relforcerowsecurity AS row_security,
              EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = pg_class.oid) AS rules,
              EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhparent = pg_class.oid OR inhrelid = pg_class.oid)
                AS inheritance,
              ARRAY(SELECT attname::text || ' ' || atttypid::bigint::text FROM pg_catalog.pg_attribute
                WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns
            FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = 'stocktake' AND relname = 'action'""";

    /** Each with the number of its type in {@code pg_type}: bigint, timestamptz, text, uuid, json. */
    private static final Set<String> COLUMNS = Set.of(
            "number 20",
            "at 1184",
            "made_by 25",
            "plan_id 2950",
            "plan_hash 25",
            "what 25",
            "item 20",
            "storage_key 25",
            "seen 114",
            "outcome 25",
            "reason 25",
            "millis 20",
            "previous_hash 25",
            "hash 25");

    private static final String ROWS = """
            SELECT number, at, made_by, plan_id, plan_hash, what, item, storage_key, seen, outcome, reason, millis,
              previous_hash, hash
            FROM ONLY stocktake.action ORDER BY number""";

    private final JdbcTemplate database;
    private final TransactionTemplate transaction;

    ChainCheck(DataSource results) {
        this.database = new JdbcTemplate(results);
        this.database.setFetchSize(FETCHED);
        this.transaction = new TransactionTemplate(new DataSourceTransactionManager(results));
    }

    /**
     * What a look through the chain found.
     *
     * @param rows in all
     * @param head the hash of the last row; empty without rows
     * @param broken what is wrong with the table, or with the first row that does not fit; empty when all is right
     * @param kept the number of the row whose hash was kept elsewhere; empty when there is none, or behind what is broken
     */
    public record Chain(long rows, String head, Optional<String> broken, OptionalLong kept) {}

    /**
     * Goes through the whole chain.
     *
     * @param keptHash of a row that is looked for; null for none
     */
    Chain check(String keptHash) {
        return transaction.execute(status -> {
            database.execute(ONE_MOMENT);
            List<String> oddities = oddities();
            if (!oddities.isEmpty()) {
                return new Chain(
                        0,
                        ActionChain.START,
                        Optional.of("stocktake.action is not the table that Stocktake made: it "
                                + String.join(", it ", oddities) + ". What is read there proves nothing."),
                        OptionalLong.empty());
            }
            Walk walk = new Walk(keptHash);
            database.query(ROWS, walk);
            return walk.chain();
        });
    }

    /** What could make the table show other rows than it holds. */
    private List<String> oddities() {
        return database
                .query(TABLE, (row, number) -> {
                    List<String> oddities = new ArrayList<>();
                    if (!"r".equals(row.getString("relkind"))) {
                        oddities.add("is a view or something else that is no ordinary table");
                    }
                    if (!"p".equals(row.getString("relpersistence"))) {
                        oddities.add("does not survive a crash of the server");
                    }
                    if (row.getBoolean("row_security")) {
                        oddities.add("has row-level security");
                    }
                    if (row.getBoolean("rules")) {
                        oddities.add("has rules");
                    }
                    if (row.getBoolean("inheritance")) {
                        oddities.add("inherits from another one or is inherited from");
                    }
                    Set<String> missing = new TreeSet<>(COLUMNS);
                    missing.removeAll(List.of((String[]) row.getArray("columns").getArray()));
                    missing.forEach(column -> oddities.add(
                            "has no column " + column.substring(0, column.indexOf(' ')) + " of the right type"));
                    return oddities;
                })
                .stream()
                .findFirst()
                .orElse(List.of("is not there"));
    }

    private static final class Walk implements RowCallbackHandler {
        private final String keptHash;
        private long rows;
        private String head = ActionChain.START;
        private String broken;
        private OptionalLong kept = OptionalLong.empty();

        Walk(String keptHash) {
            this.keptHash = keptHash;
        }

        @Override
        public void processRow(ResultSet row) throws SQLException {
            rows++;
            String hash = row.getString("hash");
            if (broken == null) {
                broken = problem(row, hash);
            }
            if (broken == null && hash.equals(keptHash)) {
                kept = OptionalLong.of(rows);
            }
            head = hash;
        }

        /** What is wrong with the next row; null for nothing. */
        private String problem(ResultSet columns, String hash) throws SQLException {
            ActionRow row;
            try {
                row = actionRow(columns);
            } catch (DateTimeException impossible) {
                return "Row " + rows + " of stocktake.action has a time that Stocktake cannot have written.";
            }
            String previousHash = columns.getString("previous_hash");
            if (!ActionChain.isHash(hash, previousHash, row)) {
                return named(row) + " was changed after it was written.";
            }
            return Objects.equals(row.number(), rows) && head.equals(previousHash)
                    ? null
                    : named(row) + " does not follow the row before it.";
        }

        private static String named(ActionRow row) {
            return "Row " + row.number() + " of stocktake.action"
                    + (row.storageKey() == null ? "" : " (\"" + Visible.text(row.storageKey()) + "\")");
        }

        Chain chain() {
            return new Chain(rows, head, Optional.ofNullable(broken), kept);
        }
    }

    /** The row that a statement of all its columns is at. */
    static ActionRow actionRow(ResultSet row) throws SQLException {
        return new ActionRow(
                row.getObject("number", Long.class),
                row.getObject("at", OffsetDateTime.class),
                row.getString("made_by"),
                row.getObject("plan_id", UUID.class),
                row.getString("plan_hash"),
                row.getString("what"),
                row.getObject("item", Long.class),
                row.getString("storage_key"),
                row.getString("seen"),
                row.getString("outcome"),
                row.getString("reason"),
                row.getObject("millis", Long.class));
    }
}
