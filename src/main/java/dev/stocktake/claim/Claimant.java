package dev.stocktake.claim;

import dev.stocktake.records.RecordsDatabase.Relation;
import dev.stocktake.records.RecordsDatabaseCheck;
import dev.stocktake.records.RecordsQuery;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Asks the records database of the settings what it is. */
public final class Claimant {
    /** What every role may ask for fails with none of these; what a role may not ask for is not known. */
    private static final Set<String> FAULTS = Set.of("08", "40", "53", "57", "58", "XX");

    private final JdbcClient database;
    private final RecordsDatabaseCheck check;
    private final Supplier<RecordsQuery> recordsQuery;
    private final String host;

    /**
     * Asks this database.
     *
     * @param recordsQuery as the routes have it now
     * @param display {@code host:port/database}, by the settings
     */
    public Claimant(
            DataSource records, RecordsDatabaseCheck check, Supplier<RecordsQuery> recordsQuery, String display) {
        this.database = JdbcClient.create(records);
        this.check = check;
        this.recordsQuery = recordsQuery;
        this.host = display.replaceFirst("/[^/]*$", "");
    }

    /** As it answers now. */
    ClaimedDatabase ask() {
        List<String> relations =
                check.relations(recordsQuery.get()).stream().map(Relation::name).toList();
        String systemIdentifier = systemIdentifier();
        return database.sql("""
                        SELECT datname, oid::bigint AS oid, pg_postmaster_start_time() AS started_at FROM pg_database
                        WHERE datname = current_database()""")
                .query((row, number) -> new ClaimedDatabase(
                        host,
                        row.getString("datname"),
                        row.getLong("oid"),
                        systemIdentifier,
                        row.getObject("started_at", OffsetDateTime.class).toInstant(),
                        relations))
                .single();
    }

    private String systemIdentifier() {
        try {
            return database.sql("SELECT system_identifier::text FROM pg_control_system()")
                    .query(String.class)
                    .single();
        } catch (DataAccessException refused) {
            if (refused.getCause() instanceof SQLException sql
                    && sql.getSQLState() != null
                    && !FAULTS.contains(sql.getSQLState().substring(0, 2))) {
                return null;
            }
            throw refused;
        }
    }
}
