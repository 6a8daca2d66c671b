package dev.stocktake.records;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.records.RecordsDatabase.KeyLookup;
import dev.stocktake.records.RecordsDatabase.Reading;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** Asks the records database, at the start of a run, what it is and how its records can be read in byte order. */
public final class RecordsDatabaseCheck {
    /** The step of the routes that reads a page of records. */
    private static final String PAGE_STEP = "read-records";

    /** What every role may ask for fails with none of these; what a role may not ask for is not known. */
    private static final Set<String> FAULTS = Set.of("08", "40", "53", "57", "58", "XX");

    /** A key that a plan is recognised by. */
    private static final String SOUGHT = "stocktake/sought";

    private final JdbcTemplate database;
    private final KeySpace keySpace;
    private final String display;

    /**
     * Asks this database.
     *
     * @param display the database without user and password, for messages
     */
    public RecordsDatabaseCheck(DataSource records, KeySpace keySpace, String display) {
        this.database = new JdbcTemplate(records);
        this.keySpace = keySpace;
        this.display = display;
    }

    /** A range of the whole key space, whose first page of records can be planned. */
    public Cursor wholeRange() {
        return Cursor.atStartOf(
                new Range(0, keySpace.prefix(), keySpace.end()), keySpace.prefix(), null, Duration.ZERO);
    }

    /**
     * Asks over one connection. Plans the very page query of the step {@code read-records}, without performing it.
     *
     * @param page its body is a cursor
     * @throws UnusableEncodingException when the server's encoding is not UTF8
     */
    public RecordsDatabase ask(Exchange page) {
        PageQuery pageQuery = PageQuery.of(PAGE_STEP, page);
        String records = page.getContext()
                .getRegistry()
                .findSingleByType(RecordsQuery.class)
                .sql();
        return database.execute((ConnectionCallback<RecordsDatabase>) connection -> {
            String encoding = text(connection, "SELECT current_setting('server_encoding')");
            if (!encoding.equals("UTF8")) {
                throw new UnusableEncodingException(display, encoding);
            }
            boolean standby = text(connection, "SELECT pg_is_in_recovery()").equals("t");
            Plans plans = plan(connection, pageQuery, records);
            return new RecordsDatabase(
                    encoding,
                    ifAllowed(connection, "SELECT system_identifier FROM pg_control_system()")
                            .orElse(null),
                    timeline(connection, standby).map(Integer::valueOf).orElse(null),
                    standby,
                    clock(connection),
                    plans.reading(),
                    plans.keyLookup(),
                    plans.indexes(),
                    plans.createIndex());
        });
    }

    private static Optional<String> timeline(Connection connection, boolean standby) throws SQLException {
        // what the control file says may be from before a promotion, but is all that a replica tells everybody
        Optional<String> now = standby
                ? Optional.empty()
                : ifAllowed(
                        connection,
                        "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer");
        return now.isPresent() ? now : ifAllowed(connection, "SELECT timeline_id FROM pg_control_checkpoint()");
    }

    private static Instant clock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    /** How the records can be read, by plans that are made and not performed. */
    private record Plans(Reading reading, KeyLookup keyLookup, List<String> indexes, List<String> createIndex) {}

    private static Plans plan(Connection connection, PageQuery pageQuery, String records) throws SQLException {
        connection.setAutoCommit(false);
        try {
            // before the planner is turned away from whole tables, which show best what the key is made of
            set(connection, "max_parallel_workers_per_gather", "0");
            QueryPlan keys = explain(connection, "SELECT storage_key::text FROM (" + records + ") AS records");
            for (String way : List.of("sort", "seqscan", "hashjoin", "mergejoin")) {
                set(connection, "enable_" + way, "off");
            }
            QueryPlan pages = pageQuery.explain(connection);
            boolean inOrder = pages.readsInOrder();
            Plans plans = new Plans(
                    inOrder ? Reading.INDEX : Reading.COPY,
                    keyLookup(connection, records),
                    inOrder ? pages.indexes() : List.of(),
                    inOrder ? List.of() : createIndex(connection, keys));
            forgetSettings(connection);
            return plans;
        } catch (SQLException failure) {
            try {
                forgetSettings(connection);
            } catch (SQLException alsoBroken) {
                // what failed first says why, and whether it may pass
                failure.addSuppressed(alsoBroken);
            }
            throw failure;
        }
    }

    private static void forgetSettings(Connection connection) throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
    }

    private static KeyLookup keyLookup(Connection connection, String records) throws SQLException {
        String lookup = "SELECT record_id FROM (" + records + ") AS records WHERE storage_key::text";
        String sought = " = ANY (?::text[])";
        if (explain(connection, lookup + " COLLATE \"C\"" + sought + " AND octet_length(storage_key::text) <= 1024")
                .findsByIndex(SOUGHT)) {
            return KeyLookup.BYTE_ORDER;
        }
        return explain(connection, lookup + sought).findsByIndex(SOUGHT) ? KeyLookup.OWN_COLLATION : KeyLookup.NONE;
    }

    /** One statement for each index that is missing; none unless the plan shows all tables that give keys. */
    private static List<String> createIndex(Connection connection, QueryPlan keys) throws SQLException {
        Set<String> statements = new LinkedHashSet<>();
        for (QueryPlan.Branch branch : keys.branches()) {
            Optional<MissingIndex> index = indexOf(connection, branch);
            if (index.isEmpty()) {
                return List.of();
            }
            if (!exists(connection, index.get())) {
                statements.add(index.get().statement());
            }
        }
        return List.copyOf(statements);
    }

    private static Optional<MissingIndex> indexOf(Connection connection, QueryPlan.Branch branch) throws SQLException {
        Set<MissingIndex> found = new LinkedHashSet<>();
        for (QueryPlan.Table table : branch.plan().tables()) {
            String alias = text(connection, "SELECT quote_ident(?)", table.alias());
            String key = MissingIndex.withoutAlias(branch.key(), alias);
            if (!key.equals(branch.key())) {
                String quoted = text(connection, "SELECT format('%I.%I', ?, ?)", table.schema(), table.name());
                found.add(new MissingIndex(quoted, key));
            }
        }
        return found.size() == 1 ? found.stream().findFirst() : Optional.empty();
    }

    private static boolean exists(Connection connection, MissingIndex index) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            return !explain(connection, index.orderedQuery()).sorts();
        } catch (SQLException notReadableItself) {
            // a view may be all that the role can read
            if (!"42501".equals(notReadableItself.getSQLState())) {
                throw notReadableItself;
            }
            connection.rollback(before);
            return false;
        }
    }

    private static QueryPlan explain(Connection connection, String query) throws SQLException {
        String[] parameters = query.contains("?::text[]") ? new String[] {"{" + SOUGHT + "}"} : new String[0];
        return QueryPlan.parse(text(connection, QueryPlan.EXPLAIN + query, parameters));
    }

    /** Until the transaction ends. */
    private static void set(Connection connection, String name, String value) throws SQLException {
        text(connection, "SELECT set_config(?, ?, true)", name, value);
    }

    /** Empty where the database does not let everybody ask. */
    private static Optional<String> ifAllowed(Connection connection, String query) throws SQLException {
        try {
            return Optional.ofNullable(text(connection, query));
        } catch (SQLException refused) {
            String state = refused.getSQLState();
            if (state == null || FAULTS.contains(state.substring(0, 2))) {
                throw refused;
            }
            return Optional.empty();
        }
    }

    private static String text(Connection connection, String query, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            return text(statement);
        }
    }

    private static String text(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }
}
