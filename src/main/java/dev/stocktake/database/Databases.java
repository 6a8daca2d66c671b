package dev.stocktake.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.settings.DatabaseUrl;
import dev.stocktake.settings.Secret;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Opens the two databases: the one with the asset records, read only but for their cleanup, and the one with Stocktake's own schema. */
public final class Databases {
    /** The pool's name; what it throws itself begins with it. */
    static final String RECORDS = "records";

    private static final long CONNECT_MILLIS = 5_000;

    /** Longer than a query over a whole table works before its first row; COPY and rows that flow never wait so long. */
    private static final int SILENCE_SECONDS = 600;

    /** The version of the last file of {@code db/migration}; they are numbered from 1. */
    static final int NEWEST_MIGRATION = 19;

    /**
     * What all transactions are written for, whatever the default of role and database is now; the pool's own setting would
     * know only that of its first connection.
     */
    private static final String ISOLATION = "SET default_transaction_isolation = 'read committed'";

    /**
     * Else a page sorts what is left of its range where PostgreSQL takes that for little; where no index has the order, it sorts
     * all the same.
     */
    private static final String IN_ORDER = "; SET enable_sort = off";

    /** PostgreSQL then refuses a query that row-level security would hide rows from. */
    private static final String ALL_ROWS = "; SET row_security = off";

    /** Instead of all that, where what is set for a session stays on a connection that others get next. */
    private static final String IN_EACH_TRANSACTION =
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL enable_sort = off";

    private static final String ALL_ROWS_IN_EACH_TRANSACTION = "; SET LOCAL row_security = off";

    /** What whoever has a pooler that gives each transaction another connection must say in the URL, in one way or another. */
    private static final Pattern POOLED_BY_TRANSACTIONS = Pattern.compile("[?&]prepareThreshold=0(?:&|$)");

    /** The same that the records are read with, for one transaction. */
    private static final String PAGES_OF_COPIES =
            "SET LOCAL enable_sort = off; SET LOCAL plan_cache_mode = force_custom_plan";

    /** No such schema, no such table, not for this role: Flyway makes it or says why it cannot. */
    private static final Set<String> NOTHING_TO_ASK = Set.of("3F000", "42P01", "42501");

    private static final Pattern CONNECT_TIMEOUT = Pattern.compile("[?&]connectTimeout=([1-9][0-9]{0,5})(?:&|$)");

    private Databases() {}

    /** Connections that cannot write, and are refused rather than shown a part of the rows. */
    public static SharedConnections records(DatabaseUrl url, int connections) {
        HikariConfig pool = pool(RECORDS, url, connections);
        pool.setReadOnly(true);
        pool.setExceptionOverride(new FromRecordsDatabase.Mark());
        // else a page is planned for any keys rather than those it is asked for
        pool.addDataSourceProperty("prepareThreshold", "0");
        boolean pooled = isPooledByTransactions(url);
        pool.setAutoCommit(!pooled);
        pool.addDataSourceProperty("readOnlyMode", pooled ? "transaction" : "always");
        pool.setConnectionInitSql(pooled ? null : ISOLATION + IN_ORDER + ALL_ROWS);
        SharedConnections records = new SharedConnections(pool, "DATABASE_CONNECTIONS");
        if (pooled) {
            records.beginEachTransactionWith(IN_EACH_TRANSACTION + ALL_ROWS_IN_EACH_TRANSACTION);
        }
        return records;
    }

    private static boolean isPooledByTransactions(DatabaseUrl url) {
        return POOLED_BY_TRANSACTIONS.matcher(url.jdbcUrl()).find();
    }

    /** The same connections, for statements that change records. */
    public static DataSource writable(SharedConnections records) {
        return new Adapted(records, connection -> {
            // what began with the connection is read only
            connection.setAutoCommit(true);
            connection.setReadOnly(false);
        });
    }

    /**
     * Lets row-level security hide rows, where that was said to be right.
     *
     * @param records that has opened no connection yet
     */
    public static void showFiltered(SharedConnections records) {
        if (records.getConnectionInitSql() == null) {
            records.beginEachTransactionWith(IN_EACH_TRANSACTION);
        } else {
            records.setConnectionInitSql(records.getConnectionInitSql().replace(ALL_ROWS, ""));
        }
    }

    /** Connections for Stocktake's own schema. */
    public static SharedConnections results(DatabaseUrl url, int connections) {
        HikariConfig pool = pool("results", url, connections);
        pool.addDataSourceProperty("reWriteBatchedInserts", "true");
        StandbyNoticed standbyNoticed = new StandbyNoticed();
        pool.setExceptionOverride(standbyNoticed);
        SharedConnections results = new SharedConnections(pool, "RESULTS_DATABASE_CONNECTIONS");
        standbyNoticed.in(results);
        return results;
    }

    /** The same connections, for reading what was copied into that schema, page by page; what they write is taken back. */
    public static DataSource copies(SharedConnections results) {
        return new Adapted(results, connection -> {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(PAGES_OF_COPIES);
            }
        });
    }

    /**
     * Makes one connection as a pool does, and closes it: a pool tells why it has none after its time-out only.
     *
     * @throws SQLException why there is none
     */
    public static void connectPastPool(HikariDataSource pool) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(pool.getDataSourceProperties());
        Optional.ofNullable(pool.getUsername()).ifPresent(user -> properties.setProperty("user", user));
        Optional.ofNullable(pool.getPassword()).ifPresent(password -> properties.setProperty("password", password));
        properties.setProperty(
                "loginTimeout", Long.toString(TimeUnit.MILLISECONDS.toSeconds(pool.getConnectionTimeout())));
        try {
            DriverManager.getConnection(pool.getJdbcUrl(), properties).close();
        } catch (SQLException refused) {
            throw RECORDS.equals(pool.getPoolName()) ? FromRecordsDatabase.marked(refused) : refused;
        }
    }

    /** Makes or updates the schema {@code stocktake}. */
    public static void migrate(DataSource results) {
        // one question, where loading Flyway and letting it go through its history takes a tenth of a whole start
        if (isUpToDate(results)) {
            return;
        }
        Flyway.configure()
                // which holds one while it asks for another
                .dataSource(results instanceof SharedConnections shared ? shared.boundedly() : results)
                .schemas("stocktake")
                .createSchemas(true)
                .locations("classpath:db/migration")
                .load()
                .migrate();
    }

    private static boolean isUpToDate(DataSource results) {
        try {
            List<String> done = new JdbcTemplate(results)
                    .queryForList(
                            "SELECT CASE WHEN success THEN version ELSE '' END FROM stocktake.flyway_schema_history"
                                    + " WHERE version IS NOT NULL ORDER BY installed_rank",
                            String.class);
            return done.equals(IntStream.rangeClosed(1, NEWEST_MIGRATION)
                    .mapToObj(Integer::toString)
                    .toList());
        } catch (DataAccessException refused) {
            if (refused.getCause() instanceof SQLException sql && NOTHING_TO_ASK.contains(sql.getSQLState())) {
                return false;
            }
            throw refused;
        }
    }

    private static HikariConfig pool(String name, DatabaseUrl url, int connections) {
        HikariConfig pool = new HikariConfig();
        pool.setPoolName(name);
        pool.setJdbcUrl(url.jdbcUrl());
        url.user().ifPresent(pool::setUsername);
        url.password().map(Secret::reveal).ifPresent(pool::setPassword);
        pool.setMaximumPoolSize(connections);
        pool.setMinimumIdle(0);
        pool.setConnectionTimeout(connectMillis(url));
        // not here: whoever asks first for a connection hears why there is none
        pool.setInitializationFailTimeout(-1);
        pool.setConnectionInitSql(isPooledByTransactions(url) ? null : ISOLATION);
        // a server that vanishes is noticed within a minute however long a query takes, one that hangs by its silence
        pool.addDataSourceProperty("tcpKeepAlive", "true");
        addUnlessInUrl(pool, "socketFactory", ProbingSockets.class.getName());
        addUnlessInUrl(pool, "socketTimeout", Integer.toString(SILENCE_SECONDS));
        if (!url.jdbcUrl().contains("ApplicationName=")) {
            pool.addDataSourceProperty("ApplicationName", "stocktake");
        }
        return pool;
    }

    private static void addUnlessInUrl(HikariConfig pool, String property, String value) {
        if (!pool.getJdbcUrl().matches(".*[?&]" + property + "=.*")) {
            pool.addDataSourceProperty(property, value);
        }
    }

    /** The pool waits as long as the driver does, where the URL says how long. */
    private static long connectMillis(DatabaseUrl url) {
        Matcher timeout = CONNECT_TIMEOUT.matcher(url.jdbcUrl());
        return timeout.find() ? TimeUnit.SECONDS.toMillis(Long.parseLong(timeout.group(1))) : CONNECT_MILLIS;
    }

    /** Connections in another state, which their pool undoes when they are given back. */
    private static final class Adapted extends DelegatingDataSource {
        private final Adaptation adaptation;

        Adapted(DataSource connections, Adaptation adaptation) {
            super(connections);
            this.adaptation = adaptation;
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            try {
                adaptation.to(connection);
                return connection;
            } catch (SQLException failure) {
                connection.close();
                throw failure;
            }
        }
    }

    private interface Adaptation {
        void to(Connection connection) throws SQLException;
    }
}
