package dev.stocktake.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A PostgreSQL of its own with asset tables, each in a database that also takes the results, as by default. */
final class AssetTables implements AutoCloseable {
    private final EmbeddedPostgres server;
    private final Map<Layout, AssetTable> filled = new HashMap<>();

    private AssetTables(EmbeddedPostgres server) {
        this.server = server;
    }

    static AssetTables start() {
        try {
            return new AssetTables(EmbeddedPostgres.builder()
                    // PostgreSQL's own defaults, which the embedded one gives up
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    // for a parallelism of 64
                    .setServerConfig("max_connections", "300")
                    .start());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The table that has a record, and no more, for each object of this layout; filled when it is asked for first. */
    AssetTable matching(Layout layout) {
        return filled.computeIfAbsent(layout, whole -> fill(name(whole), whole, "true"));
    }

    /** A new table that has a record for each object of this layout but so many, which lie evenly among the others. */
    AssetTable lacking(Layout layout, long records) {
        long every = layout.objects() / records;
        return fill(name(layout) + "_lacking_" + records, layout, "i % " + every + " <> " + every / 2);
    }

    /** A table without records. */
    AssetTable empty() {
        return matching(Layout.spread(0));
    }

    /** Makes room. */
    void drop(AssetTable table) {
        filled.values().remove(table);
        postgres().sql("DROP DATABASE " + table.name + " WITH (FORCE)").update();
    }

    String version() {
        return postgres().sql("SHOW server_version").query(String.class).single();
    }

    private static String name(Layout layout) {
        return "layout_" + Integer.toUnsignedString(layout.hashCode(), Character.MAX_RADIX);
    }

    private AssetTable fill(String name, Layout layout, String condition) {
        postgres().sql("CREATE DATABASE " + name).update();
        AssetTable table = new AssetTable(name);
        table.sql("CREATE TABLE assets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                + " storage_key text, created_at timestamptz)");
        table.sql("INSERT INTO assets (storage_key, created_at) SELECT " + layout.keySql()
                + ", TIMESTAMPTZ '2024-01-10 12:00Z' FROM generate_series(0, " + (layout.objects() - 1)
                + ") AS i WHERE "
                + condition);
        // as README tells to
        table.sql("CREATE INDEX ON assets (storage_key COLLATE \"C\") WHERE octet_length(storage_key) <= 1024");
        // what autovacuum does by and by
        table.sql("VACUUM ANALYZE assets");
        table.sql("CHECKPOINT");
        return table;
    }

    private JdbcClient postgres() {
        return JdbcClient.create(server.getPostgresDatabase());
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** One database with its table {@code assets}. */
    final class AssetTable {
        private final String name;

        private AssetTable(String name) {
            this.name = name;
        }

        /** As DATABASE_URL has it. */
        String url() {
            return "postgres://postgres:postgres@127.0.0.1:" + server.getPort() + "/" + name;
        }

        /** Forgets what runs have left, which would slow down the next one or change what it says. */
        void forgetRuns() {
            boolean any = client().sql("SELECT to_regclass('stocktake.run') IS NOT NULL")
                    .query(Boolean.class)
                    .single();
            if (any) {
                sql("TRUNCATE stocktake.run CASCADE");
                sql("CHECKPOINT");
            }
        }

        /** By the clock of the server. */
        OffsetDateTime time() {
            return client().sql("SELECT clock_timestamp()")
                    .query(OffsetDateTime.class)
                    .single();
        }

        /** That Stocktake has at this moment and has used since; those of an earlier one may still be closing. */
        int connectionsUsedSince(OffsetDateTime time) {
            return client().sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                            + " AND application_name = 'stocktake' AND backend_type = 'client backend'"
                            + " AND state_change >= ?")
                    .param(time)
                    .query(Integer.class)
                    .single();
        }

        private void sql(String statement) {
            client().sql(statement).update();
        }

        private JdbcClient client() {
            return JdbcClient.create(new DriverManagerDataSource(server.getJdbcUrl("postgres", name)));
        }
    }
}
