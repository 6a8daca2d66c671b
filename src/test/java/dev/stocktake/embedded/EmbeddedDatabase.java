package dev.stocktake.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A PostgreSQL server of its own, on a free port of the loopback. */
public final class EmbeddedDatabase implements AutoCloseable {
    private final AtomicInteger databases = new AtomicInteger();
    private final EmbeddedPostgres server;
    private final KeptConnections kept;

    private EmbeddedDatabase(EmbeddedPostgres server, int keptConnections) {
        this.server = server;
        this.kept = new KeptConnections(keptConnections);
    }

    /** One that keeps some connections for the statements of tests, which take longer to open than most statements. */
    public static EmbeddedDatabase start() {
        return start(300, EmbeddedPostgres.builder(), 8);
    }

    /** One that allows so many connections, of which PostgreSQL reserves three. */
    public static EmbeddedDatabase start(int connections) {
        return start(connections, EmbeddedPostgres.builder(), 0);
    }

    /** One whose files lie in this folder, and stay there; they are made where there are none. */
    public static EmbeddedDatabase startOn(Path files) {
        return start(100, EmbeddedPostgres.builder().setDataDirectory(files).setCleanDataDirectory(false), 0);
    }

    private static EmbeddedDatabase start(int connections, EmbeddedPostgres.Builder builder, int keptConnections) {
        try {
            EmbeddedPostgres server = builder.setServerConfig("max_connections", Integer.toString(connections))
                    // nothing here outlives the JVM, and a worker for each of hundreds of databases is more than the
                    // tests
                    .setServerConfig("fsync", "off")
                    .setServerConfig("full_page_writes", "off")
                    .setServerConfig("autovacuum", "off")
                    .start();
            return new EmbeddedDatabase(server, keptConnections);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Where it listens, on 127.0.0.1. */
    public int port() {
        return server.getPort();
    }

    /** A new, empty database. */
    public Database create() {
        String name = "db" + databases.incrementAndGet();
        new Database("postgres").execute("CREATE DATABASE " + name);
        return new Database(name);
    }

    /** One that is there. */
    public Database existing(String name) {
        return new Database(name);
    }

    /** A new database that begins as a copy of another, to which nobody is connected. */
    public Database copyOf(Database template) {
        kept.close(template.jdbcUrl());
        String name = "db" + databases.incrementAndGet();
        new Database("postgres")
                .execute("CREATE DATABASE " + name + " TEMPLATE " + template.name() + " STRATEGY file_copy");
        return new Database(name);
    }

    /** Ends the server at once, whatever it is doing. */
    public void stop() {
        kept.closeAll();
        try {
            server.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** One database of the server. */
    public final class Database {
        private final String name;

        private Database(String name) {
            this.name = name;
        }

        public String name() {
            return name;
        }

        /** As DATABASE_URL has it, for the server's superuser. */
        public String url() {
            return url("postgres", "postgres");
        }

        public String url(String user, String password) {
            return "postgres://" + user + ":" + password + "@127.0.0.1:" + server.getPort() + "/" + name;
        }

        /** For a pool of connections, as the server's superuser. */
        public String jdbcUrl() {
            return server.getJdbcUrl("postgres", name);
        }

        public Connection connect() {
            try {
                return DriverManager.getConnection(jdbcUrl());
            } catch (SQLException failure) {
                throw new IllegalStateException(failure);
            }
        }

        public JdbcClient sql() {
            return JdbcClient.create(kept.of(jdbcUrl()));
        }

        public void execute(String statement) {
            sql().sql(statement).update();
        }
    }
}
