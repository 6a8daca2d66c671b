package dev.stocktake.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.util.DriverDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.postgresql.util.PSQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * The connections to one database, shared by all who work with it: whoever finds none free waits for one. Where the server
 * refuses more, those that there are must do, and one of them is left to others. Nobody may ask for one while holding another of
 * the same database; whoever holds one of each asked the records database first.
 */
public final class SharedConnections extends HikariDataSource {
    /** What a run takes: one that is held for as long as a copy takes, and one for all else. */
    static final int LEAST = 2;

    /** Longer than anything is silent that holds one. */
    private static final Duration WHILE_HELD = Duration.ofMinutes(15);

    /** How long somebody waits while the server gives none at all. */
    private static final Duration WHILE_REFUSED = Duration.ofSeconds(20);

    /** How long a refusal is taken for the state of the server, and longer than it takes to ask once more. */
    private static final Duration LATELY = Duration.ofSeconds(10);

    /** When a server that refused some is asked for them again. */
    private static final Duration UNTIL_ASKED_AGAIN = Duration.ofMinutes(10);

    private static final Duration IDLE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(SharedConnections.class);

    private final String setting;
    private final int wanted;
    private volatile long askedAt = System.nanoTime();
    private volatile Refusal refusal;
    private volatile SharedConnections neighbours;
    private volatile boolean told;
    private volatile String atBeginning;

    /**
     * Opens none yet.
     *
     * @param pool whose URL and properties lead to the database
     * @param setting how the number of them is called
     */
    SharedConnections(HikariConfig pool, String setting) {
        this.setting = setting;
        this.wanted = pool.getMaximumPoolSize();
        pool.copyStateTo(this);
        setDataSource(new Opening(new DriverDataSource(
                pool.getJdbcUrl(), null, pool.getDataSourceProperties(), pool.getUsername(), pool.getPassword())));
    }

    /** Performs this on every connection that is given out, in a transaction that is taken back when it is returned. */
    void beginEachTransactionWith(String statements) {
        atBeginning = statements;
    }

    /** Lets these two, which may be of one server, leave each other what each needs at least. */
    public void besides(SharedConnections others) {
        neighbours = others;
        others.neighbours = this;
    }

    /**
     * Waits for a free one: with much patience where somebody here holds it, and for a while where the server gives none.
     *
     * @throws SQLTransientConnectionException when none was to be had
     */
    @Override
    public Connection getConnection() throws SQLException {
        return waitedFor(WHILE_HELD);
    }

    /** The same, for one who may hold others of them: waits no longer than where the server gives none. */
    Connection oneMore() throws SQLException {
        return waitedFor(WHILE_REFUSED);
    }

    /** The same for libraries of which some hold others of them. */
    DataSource boundedly() {
        return new DelegatingDataSource(this) {
            @Override
            public Connection getConnection() throws SQLException {
                return oneMore();
            }
        };
    }

    private Connection waitedFor(Duration whileHeld) throws SQLException {
        long asked = System.nanoTime();
        askedAt = asked;
        Refusal last = refusal;
        if (last != null && last.isOlderThan(UNTIL_ASKED_AGAIN)) {
            forgetRefusal();
        }
        while (true) {
            try {
                Connection connection = super.getConnection();
                if (open() <= getMaximumPoolSize()) {
                    return begun(connection);
                }
                evictConnection(connection);
            } catch (SQLTransientConnectionException none) {
                if (System.nanoTime() - asked > patience(none, whileHeld).toNanos()) {
                    throw none;
                }
            }
        }
    }

    private Connection begun(Connection connection) throws SQLException {
        String statements = atBeginning;
        if (statements != null) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(statements);
            } catch (SQLException failure) {
                connection.close();
                throw failure;
            }
        }
        return connection;
    }

    private Duration patience(SQLTransientConnectionException none, Duration whileHeld) {
        boolean otherFault = none.getCause() instanceof SQLException cause && !isRefusal(cause);
        if (otherFault || isClosed()) {
            return Duration.ZERO;
        }
        if (getHikariPoolMXBean().getActiveConnections() > 0) {
            return whileHeld;
        }
        return isRefusedLately() ? WHILE_REFUSED : Duration.ZERO;
    }

    /** Begins a run: the server may have more to give now, and what it refuses is told again. */
    void askForAll() {
        told = false;
        forgetRefusal();
    }

    private void forgetRefusal() {
        refusal = null;
        setMaximumPoolSize(wanted);
    }

    /** Leaves the server alone while nobody works with it; may be called at any time. */
    public void closeIdle() {
        HikariPoolMXBean pool = getHikariPoolMXBean();
        if (pool != null
                && !isClosed()
                && pool.getActiveConnections() == 0
                && System.nanoTime() - askedAt > IDLE.toNanos()) {
            pool.softEvictConnections();
        }
    }

    boolean isRefusedLately() {
        Refusal last = refusal;
        return last != null && !last.isOlderThan(LATELY);
    }

    /** How many there are at this moment, in use or not. */
    int open() {
        HikariPoolMXBean pool = getHikariPoolMXBean();
        return pool == null ? 0 : pool.getTotalConnections();
    }

    String setting() {
        return setting;
    }

    private void refused(SQLException said) {
        refusal = new Refusal(System.nanoTime());
        int open = open();
        if (open >= LEAST) {
            goOnWith(Math.max(LEAST, open - 1), said);
            return;
        }
        SharedConnections others = neighbours;
        if (others == null || !others.giveWay(said)) {
            tell("waiting for one more than {}", open, said);
        }
    }

    /** Whether there was something to give. */
    private boolean giveWay(SQLException said) {
        if (open() <= LEAST) {
            return false;
        }
        refusal = new Refusal(System.nanoTime());
        goOnWith(LEAST, said);
        closeIdleSurplus();
        return true;
    }

    private void goOnWith(int fewer, SQLException said) {
        setMaximumPoolSize(Math.min(fewer, getMaximumPoolSize()));
        tell("going on with {}", getMaximumPoolSize(), said);
    }

    /** Once a run. */
    private void tell(String what, int number, SQLException said) {
        if (!told) {
            told = true;
            LOG.warn(
                    "The server of the {} database gives fewer connections than the {} of {}: " + what + " ({})",
                    getPoolName(),
                    wanted,
                    setting,
                    number,
                    said.getMessage());
        }
    }

    private void closeIdleSurplus() {
        HikariPoolMXBean pool = getHikariPoolMXBean();
        try {
            while (pool.getTotalConnections() > getMaximumPoolSize() && pool.getIdleConnections() > 0) {
                evictConnection(super.getConnection());
            }
        } catch (SQLException othersTookIt) {
            LOG.debug("{} has no idle connection to give up: {}", setting, othersTookIt.getMessage());
        }
    }

    /** Whether the server answered that it gives no more, as servers and poolers say it. */
    private static boolean isRefusal(SQLException failure) {
        String state = Optional.ofNullable(failure.getSQLState()).orElse("");
        // poolers have no state of their own for it, or the one of a broken protocol
        return state.startsWith("53")
                || ((state.equals("08P01") || state.equals("XX000")) && isSaidByTheServer(failure));
    }

    /** Rather than by the driver, of a server that says nothing or something else. */
    public static boolean isSaidByTheServer(SQLException failure) {
        return failure instanceof PSQLException answer && answer.getServerErrorMessage() != null;
    }

    /** @param at by {@link System#nanoTime} */
    private record Refusal(long at) {
        boolean isOlderThan(Duration age) {
            return System.nanoTime() - at > age.toNanos();
        }
    }

    /** Opens connections, and hears when the server refuses one. */
    private final class Opening extends DelegatingDataSource {
        Opening(DataSource server) {
            super(server);
        }

        @Override
        public Connection getConnection() throws SQLException {
            return heard(super::getConnection);
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return heard(() -> super.getConnection(user, password));
        }

        private Connection heard(Asked asked) throws SQLException {
            try {
                return asked.connection();
            } catch (SQLException failure) {
                if (isRefusal(failure)) {
                    refused(failure);
                }
                throw failure;
            }
        }
    }

    private interface Asked {
        Connection connection() throws SQLException;
    }
}
