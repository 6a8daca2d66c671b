package dev.stocktake.records;

import dev.stocktake.compare.AssetRecord;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.RecordsPage;
import dev.stocktake.text.Sha256;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.component.sql.DefaultSqlPrepareStatementStrategy;
import org.apache.camel.component.sql.SqlPrepareStatementStrategy;

/**
 * The query that says which records there are, as the route file gives it, and the pages that come of it. Steps of the routes
 * that have it for their {@code prepareStatementStrategy} write {@code records_query} where it is to stand.
 */
public final class RecordsQuery implements SqlPrepareStatementStrategy {
    private static final String PLACE = "records_query";

    private static final SqlPrepareStatementStrategy PARAMETERS = new DefaultSqlPrepareStatementStrategy();

    private final String sql;
    private final boolean filtered;
    private final String prepared;

    /**
     * Refuses what cannot stand inside another SELECT, and any other word for the rows.
     *
     * @param sql one SELECT, whose columns are named at {@link RecordRows}
     * @param rows {@code all}, or {@code filtered} where it is right that row-level security hides some
     * @throws IllegalArgumentException when the query is blank or has more than one statement, or for another word
     */
    public RecordsQuery(String sql, String rows) {
        SqlText text = SqlText.of(sql).withoutEnd();
        if (text.isBlank() || text.holds(';')) {
            throw new IllegalArgumentException("the records query must be one SELECT, was: \"" + sql + "\"");
        }
        if (!rows.equals("all") && !rows.equals("filtered")) {
            throw new IllegalArgumentException(
                    "the word beside the records query must be all or filtered, was: \"" + rows + "\"");
        }
        this.sql = text.text();
        this.filtered = rows.equals("filtered");
        this.prepared = "(" + text.withoutParameters() + ")";
    }

    /** A query that must see all rows of its tables. */
    public RecordsQuery(String sql) {
        this(sql, "all");
    }

    /** As it is written, but for semicolons and comments at its end. */
    public String sql() {
        return sql;
    }

    /** Whether row-level security may hide rows. */
    public boolean isFiltered() {
        return filtered;
    }

    /** What tells it from every other one: SHA-256, in hexadecimal. */
    public String hash() {
        return Sha256.of(filtered ? "filtered\n" + sql : sql);
    }

    /** In parentheses, for a statement that the driver prepares. */
    String prepared() {
        return prepared;
    }

    /** The rows as the page that the cursor waits for. */
    public RecordsPage page(Cursor cursor, List<AssetRecord> rows) {
        return new RecordsPage(cursor.recordsFrom(), List.copyOf(rows));
    }

    @Override
    public String prepareQuery(String query, boolean allowNamedParameters, Exchange exchange) throws SQLException {
        return PARAMETERS.prepareQuery(query, allowNamedParameters, exchange).replace(PLACE, prepared);
    }

    @Override
    public Iterator<?> createPopulateIterator(
            String query, String preparedQuery, int expectedParams, Exchange exchange, Object value)
            throws SQLException {
        return PARAMETERS.createPopulateIterator(query, preparedQuery, expectedParams, exchange, value);
    }

    @Override
    public void populateStatement(PreparedStatement statement, Iterator<?> values, int expectedParams)
            throws SQLException {
        PARAMETERS.populateStatement(statement, values, expectedParams);
    }
}
