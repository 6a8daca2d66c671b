package dev.stocktake.embedded;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * Connections that nobody uses, to the databases that were used last: a few, for each takes one of those that a server allows.
 * Each is as new when it is used again.
 */
final class KeptConnections {
    private final int most;
    private final Deque<Kept> idle = new ArrayDeque<>();

    private record Kept(String url, Connection connection) {}

    KeptConnections(int most) {
        this.most = most;
    }

    /** Gives connections that go back here when they are closed. */
    DataSource of(String url) {
        return new AbstractDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                return goingBack(url, take(url));
            }

            @Override
            public Connection getConnection(String user, String password) {
                throw new UnsupportedOperationException("there is one user");
            }
        };
    }

    private Connection take(String url) throws SQLException {
        for (Kept kept = next(url); kept != null; kept = next(url)) {
            // its backend may have been terminated
            if (kept.connection.isValid(1)) {
                return kept.connection;
            }
            kept.connection.close();
        }
        // statements that the server has prepared would not survive DISCARD
        return DriverManager.getConnection(url + "&prepareThreshold=0");
    }

    private synchronized Kept next(String url) {
        for (Iterator<Kept> each = idle.iterator(); each.hasNext(); ) {
            Kept kept = each.next();
            if (kept.url.equals(url)) {
                each.remove();
                return kept;
            }
        }
        return null;
    }

    private Connection goingBack(String url, Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                KeptConnections.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        giveBack(url, connection);
                        return null;
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    private void giveBack(String url, Connection connection) throws SQLException {
        Kept eldest = new Kept(url, connection);
        if (most > 0 && isAsNew(connection)) {
            synchronized (this) {
                idle.addFirst(eldest);
                eldest = idle.size() > most ? idle.removeLast() : null;
            }
        }
        if (eldest != null) {
            eldest.connection.close();
        }
    }

    private static boolean isAsNew(Connection connection) {
        try {
            if (connection.isClosed() || !connection.getAutoCommit()) {
                return false;
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute("DISCARD ALL");
            }
            return true;
        } catch (SQLException lost) {
            return false;
        }
    }

    /** For what a database can only be when nobody is connected to it. */
    synchronized void close(String url) {
        for (Kept kept = next(url); kept != null; kept = next(url)) {
            close(kept.connection);
        }
    }

    synchronized void closeAll() {
        idle.forEach(kept -> close(kept.connection));
        idle.clear();
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException gone) {
            // as it should be
        }
    }
}
