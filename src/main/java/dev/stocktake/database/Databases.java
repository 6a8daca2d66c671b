package dev.stocktake.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.settings.DatabaseUrl;
import dev.stocktake.settings.Secret;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Opens the two databases: the one with the asset records, read only, and the one with Stocktake's own schema. */
public final class Databases {
    /** The pool's name; what it throws itself begins with it. */
    static final String RECORDS = "records";

    private static final long CONNECT_MILLIS = 5_000;

    private Databases() {}

    /** A pool whose connections cannot write. */
    public static HikariDataSource records(DatabaseUrl url, int connections) {
        HikariConfig pool = pool(RECORDS, url, connections);
        pool.setReadOnly(true);
        pool.setExceptionOverride(new FromRecordsDatabase.Mark());
        pool.addDataSourceProperty("readOnlyMode", "always");
        return new HikariDataSource(inOrder(pool));
    }

    /** A pool for Stocktake's own schema. */
    public static HikariDataSource results(DatabaseUrl url, int connections) {
        HikariConfig pool = pool("results", url, connections);
        pool.addDataSourceProperty("reWriteBatchedInserts", "true");
        return new HikariDataSource(pool);
    }

    /** A pool for reading what was copied into that schema, page by page. */
    public static HikariDataSource copies(DatabaseUrl url, int connections) {
        return new HikariDataSource(inOrder(pool("copies", url, connections)));
    }

    /** Makes or updates the schema {@code stocktake}. */
    public static void migrate(DataSource results) {
        Flyway.configure()
                .dataSource(results)
                .schemas("stocktake")
                .createSchemas(true)
                .locations("classpath:db/migration")
                .load()
                .migrate();
    }

    private static HikariConfig inOrder(HikariConfig pool) {
        // else a page sorts all that is left of its range where PostgreSQL takes that for little; without an index in
        // the
        // order that is asked for, it sorts all the same
        pool.setConnectionInitSql("SET enable_sort = off");
        // else a page is planned for any keys rather than those it is asked for
        pool.addDataSourceProperty("prepareThreshold", "0");
        return pool;
    }

    private static HikariConfig pool(String name, DatabaseUrl url, int connections) {
        HikariConfig pool = new HikariConfig();
        pool.setPoolName(name);
        pool.setJdbcUrl(url.jdbcUrl());
        url.user().ifPresent(pool::setUsername);
        url.password().map(Secret::reveal).ifPresent(pool::setPassword);
        pool.setMaximumPoolSize(connections);
        pool.setMinimumIdle(0);
        pool.setConnectionTimeout(CONNECT_MILLIS);
        // not here: whoever asks first for a connection hears why there is none
        pool.setInitializationFailTimeout(-1);
        pool.addDataSourceProperty("tcpKeepAlive", "true");
        if (!url.jdbcUrl().contains("ApplicationName=")) {
            pool.addDataSourceProperty("ApplicationName", "stocktake");
        }
        return pool;
    }
}
