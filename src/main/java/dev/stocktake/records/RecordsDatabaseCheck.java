package dev.stocktake.records;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.database.TextColumn;
import dev.stocktake.records.RecordsDatabase.Reading;
import dev.stocktake.records.RecordsDatabase.Relation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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

    private static final String SYSTEM_IDENTIFIER = "(SELECT system_identifier FROM pg_control_system())";

    private static final String TIMELINE =
            "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer";

    /** May be from before a promotion, but is all that a replica tells everybody. */
    private static final String TIMELINE_ON_DISK = "(SELECT timeline_id FROM pg_control_checkpoint())";

    /** As PostgreSQL calls them. */
    private static final Set<String> WITHOUT_ZONE = Set.of("timestamp", "date");

    /**
     * With the partitioned tables that they belong to, and the views by which they are read: a plan does not have those, but to
     * plan locks them until the transaction ends.
     */
    private static final String RELATIONS = """
            WITH seen AS (
              SELECT relation.oid FROM unnest(?::text[], ?::text[]) AS plan (schema, name)
              JOIN pg_namespace AS namespace ON namespace.nspname = plan.schema
              JOIN pg_class AS relation ON relation.relnamespace = namespace.oid AND relation.relname = plan.name
            ), all_seen AS (
              SELECT oid FROM seen UNION SELECT relid FROM seen, pg_partition_ancestors(seen.oid)
              UNION SELECT relation FROM pg_locks JOIN pg_class ON pg_class.oid = relation AND relkind = 'v'
              WHERE locktype = 'relation' AND pid = pg_backend_pid()
                AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
            )
            SELECT format('%I.%I', nspname, relname), relation.oid::bigint, row_security_active(relation.oid),
              CASE relkind WHEN 'v' THEN md5(pg_get_viewdef(relation.oid)) ELSE '' END
            FROM all_seen JOIN pg_class AS relation USING (oid) JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
            ORDER BY 1""";

    /** Without the ways to plan that read whole tables. */
    private static final Map<String, String> NO_WHOLE_TABLES =
            Map.of("enable_sort", "off", "enable_seqscan", "off", "enable_hashjoin", "off", "enable_mergejoin", "off");

    private final JdbcTemplate database;
    private final KeySpace keySpace;
    private final RecordsClock clock;

    /**
     * Asks this database.
     *
     * @param clock of it, which is set by what it answers
     */
    public RecordsDatabaseCheck(DataSource records, KeySpace keySpace, RecordsClock clock) {
        this.database = new JdbcTemplate(records);
        this.keySpace = keySpace;
        this.clock = clock;
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
        RecordsQuery records = page.getContext().getRegistry().findSingleByType(RecordsQuery.class);
        return database.execute((ConnectionCallback<RecordsDatabase>) connection -> {
            // questions that it may refuse must not end a transaction
            connection.setAutoCommit(true);
            Server server = server(connection);
            clock.read(server.clock());
            if (!server.encoding().equals("UTF8")) {
                throw new UnusableEncodingException(server.encoding());
            }
            return planning(connection, () -> ask(connection, server, pageQuery, records));
        });
    }

    /** What the records query reads, as it resolves now. */
    public List<Relation> relations(RecordsQuery records) {
        return database.execute((ConnectionCallback<List<Relation>>) connection -> planning(connection, () -> {
            prepareToPlan(connection, records);
            return relations(connection, keys(connection, records).relations());
        }));
    }

    private static void prepareToPlan(Connection connection, RecordsQuery records) throws SQLException {
        set(connection, Map.of("max_parallel_workers_per_gather", "0"));
        if (!records.isFiltered()) {
            // a pooler that gives each transaction another server process keeps the session's setting from here
            set(connection, Map.of("row_security", "off"));
        }
    }

    private static QueryPlan keys(Connection connection, RecordsQuery records) throws SQLException {
        return explain(connection, "SELECT storage_key::text FROM " + records.prepared() + " AS records");
    }

    private static RecordsDatabase ask(Connection connection, Server server, PageQuery pageQuery, RecordsQuery records)
            throws SQLException {
        prepareToPlan(connection, records);
        // whole tables show best what the key is made of
        QueryPlan keys = keys(connection, records);
        set(connection, NO_WHOLE_TABLES);
        QueryPlan pages = pageQuery.explain(connection);
        boolean byIndex = pages.readsInOrder();
        return new RecordsDatabase(
                server.encoding(),
                server.systemIdentifier(),
                server.timeline() == null ? null : Integer.valueOf(server.timeline()),
                server.standby(),
                server.clock(),
                byIndex ? Reading.INDEX : Reading.COPY,
                records.isFiltered(),
                relations(connection, keys.relations()),
                timesWithoutZone(connection, records),
                byIndex ? pages.indexes() : List.of(),
                byIndex ? List.of() : createIndex(connection, keys));
    }

    /** What it says of itself; null where the role may not ask. */
    private record Server(String encoding, boolean standby, Instant clock, String systemIdentifier, String timeline) {}

    private static Server server(Connection connection) throws SQLException {
        // all at once, because each question is one more that may be lost and is asked again with all the others
        Optional<Server> all = ifAllowed(() -> server(
                connection,
                SYSTEM_IDENTIFIER,
                "CASE WHEN pg_is_in_recovery() THEN " + TIMELINE_ON_DISK + " ELSE " + TIMELINE + " END"));
        if (all.isPresent()) {
            return all.get();
        }
        Server server = server(connection, "NULL", "NULL");
        Optional<String> timeline =
                server.standby() ? Optional.empty() : ifAllowed(() -> text(connection, "SELECT " + TIMELINE));
        if (timeline.isEmpty()) {
            timeline = ifAllowed(() -> text(connection, "SELECT " + TIMELINE_ON_DISK));
        }
        return new Server(
                server.encoding(),
                server.standby(),
                server.clock(),
                ifAllowed(() -> text(connection, "SELECT " + SYSTEM_IDENTIFIER)).orElse(null),
                timeline.orElse(null));
    }

    private static Server server(Connection connection, String systemIdentifier, String timeline) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT current_setting('server_encoding'), pg_is_in_recovery(), clock_timestamp(), "
                                + systemIdentifier + ", " + timeline)) {
            row.next();
            return new Server(
                    row.getString(1),
                    row.getBoolean(2),
                    row.getObject(3, OffsetDateTime.class).toInstant(),
                    row.getString(4),
                    row.getString(5));
        }
    }

    private static List<Relation> relations(Connection connection, List<QueryPlan.Table> read) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RELATIONS)) {
            statement.setArray(1, connection.createArrayOf("text", TextColumn.of(read, QueryPlan.Table::schema)));
            statement.setArray(2, connection.createArrayOf("text", TextColumn.of(read, QueryPlan.Table::name)));
            List<Relation> relations = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    relations.add(new Relation(row.getString(1), row.getLong(2), row.getBoolean(3), row.getString(4)));
                }
            }
            return relations;
        }
    }

    private static List<String> timesWithoutZone(Connection connection, RecordsQuery records) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT * FROM " + records.prepared() + " AS records")) {
            ResultSetMetaData columns = statement.getMetaData();
            List<String> found = new ArrayList<>();
            for (int column = 1; column <= columns.getColumnCount(); column++) {
                if (RecordRows.TIMES.contains(columns.getColumnLabel(column))
                        && WITHOUT_ZONE.contains(columns.getColumnTypeName(column))) {
                    found.add(columns.getColumnLabel(column));
                }
            }
            return found;
        }
    }

    /** Plans, with settings that are forgotten afterwards. */
    private static <T> T planning(Connection connection, Question<T> plan) throws SQLException {
        connection.setAutoCommit(false);
        try {
            T planned = plan.ask();
            forgetSettings(connection);
            return planned;
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

    /** One statement for each index that is missing; none unless the plan shows all tables that give keys. */
    private static List<String> createIndex(Connection connection, QueryPlan keys) throws SQLException {
        Set<String> statements = new LinkedHashSet<>();
        for (QueryPlan.Branch branch : keys.branches()) {
            Optional<MissingIndex> index = indexOf(connection, branch);
            if (index.isEmpty()) {
                return List.of();
            }
            Existing existing = existing(connection, index.get());
            if (existing == Existing.IMPOSSIBLE) {
                return List.of();
            }
            if (existing == Existing.NONE) {
                statements.add(index.get().statement());
            }
        }
        return List.copyOf(statements);
    }

    private static Optional<MissingIndex> indexOf(Connection connection, QueryPlan.Branch branch) throws SQLException {
        Set<MissingIndex> found = new LinkedHashSet<>();
        for (QueryPlan.Table table : branch.plan().tables()) {
            List<String> quoted = texts(
                    connection,
                    "SELECT quote_ident(?), format('%I.%I', ?, ?)",
                    table.alias(),
                    table.schema(),
                    table.name());
            String key = MissingIndex.withoutAlias(branch.key(), quoted.get(0));
            if (!key.equals(branch.key())) {
                found.add(new MissingIndex(quoted.get(1), key));
            }
        }
        return found.size() == 1 ? found.stream().findFirst() : Optional.empty();
    }

    private enum Existing {
        THERE,
        NONE,
        IMPOSSIBLE
    }

    private static Existing existing(Connection connection, MissingIndex index) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            return explain(connection, index.orderedQuery()).sorts() ? Existing.NONE : Existing.THERE;
        } catch (SQLException refused) {
            String state = String.valueOf(refused.getSQLState());
            if (!state.startsWith("42") && !state.startsWith("0A")) {
                throw refused;
            }
            connection.rollback(before);
            // a view may be all that the role can read; what gives several keys a row can have no index
            return state.equals("42501") ? Existing.NONE : Existing.IMPOSSIBLE;
        }
    }

    private static QueryPlan explain(Connection connection, String query) throws SQLException {
        return QueryPlan.parse(text(connection, QueryPlan.EXPLAIN + query));
    }

    /** Until the transaction ends. */
    private static void set(Connection connection, Map<String, String> settings) throws SQLException {
        text(
                connection,
                settings.entrySet().stream()
                        .map(setting -> "set_config('" + setting.getKey() + "', '" + setting.getValue() + "', true)")
                        .collect(Collectors.joining(", ", "SELECT ", "")));
    }

    private interface Question<T> {
        T ask() throws SQLException;
    }

    /** Empty where the database does not let everybody ask. */
    private static <T> Optional<T> ifAllowed(Question<T> question) throws SQLException {
        try {
            return Optional.ofNullable(question.ask());
        } catch (SQLException refused) {
            String state = refused.getSQLState();
            if (state == null || FAULTS.contains(state.substring(0, 2))) {
                throw refused;
            }
            return Optional.empty();
        }
    }

    private static String text(Connection connection, String query) throws SQLException {
        return texts(connection, query).get(0);
    }

    /** The one row. */
    private static List<String> texts(Connection connection, String query, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                List<String> texts = new ArrayList<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    texts.add(row.getString(i));
                }
                return texts;
            }
        }
    }
}
