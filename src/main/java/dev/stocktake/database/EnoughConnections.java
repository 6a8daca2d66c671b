package dev.stocktake.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.support.JdbcUtils;

/** Sees, before a run begins, that both databases give the connections without which it would stand still. */
public final class EnoughConnections {
    private final SharedConnections results;
    private final SharedConnections records;

    public EnoughConnections(SharedConnections results, SharedConnections records) {
        this.results = results;
        this.records = records;
    }

    /**
     * Takes the least of both at once, and gives them back.
     *
     * @throws TooFewException when a server refuses them
     * @throws SQLException when a database cannot be reached
     */
    public void refuseTooFew() throws SQLException {
        List<Connection> held = new ArrayList<>();
        try {
            for (SharedConnections each : List.of(results, records)) {
                each.askForAll();
                hold(held, each);
            }
        } finally {
            held.forEach(JdbcUtils::closeConnection);
        }
    }

    private static void hold(List<Connection> held, SharedConnections database) throws SQLException {
        for (int i = 0; i < SharedConnections.LEAST; i++) {
            try {
                held.add(database.oneMore());
            } catch (SQLTransientConnectionException none) {
                if (database.open() >= SharedConnections.LEAST) {
                    // whoever works with them will give them back
                    return;
                }
                if (database.isRefusedLately()) {
                    throw new TooFewException(database);
                }
                throw none;
            }
        }
    }

    /** A server gives fewer connections than a run takes. */
    public static final class TooFewException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooFewException(SharedConnections database) {
            super(database.setting() + " must be at least " + SharedConnections.LEAST + ", and the server of the "
                    + database.getPoolName() + " database gives only " + database.open()
                    + ": let role, database and server (CONNECTION LIMIT, max_connections) leave "
                    + SharedConnections.LEAST
                    + " connections for DATABASE_CONNECTIONS and " + SharedConnections.LEAST
                    + " for RESULTS_DATABASE_CONNECTIONS, or run again when others use fewer.");
        }
    }
}
