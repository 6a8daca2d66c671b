package dev.stocktake.database;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Drops every connection of a pool when one of them leads to a server that takes no writes: after a failover that is the
 * old primary, while a new connection reaches the new one.
 */
final class StandbyNoticed implements SQLExceptionOverride {
    private static final String READ_ONLY = "25006";

    private volatile HikariDataSource pool;

    void in(HikariDataSource noticedIn) {
        pool = noticedIn;
    }

    @java.lang.Override
    public Override adjudicate(SQLException thrown) {
        HikariDataSource known = pool;
        if (!READ_ONLY.equals(thrown.getSQLState()) || known == null) {
            return Override.CONTINUE_EVICT;
        }
        known.getHikariPoolMXBean().softEvictConnections();
        return Override.MUST_EVICT;
    }
}
