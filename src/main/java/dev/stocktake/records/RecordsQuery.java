package dev.stocktake.records;

import dev.stocktake.compare.AssetRecord;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.RecordsPage;
import dev.stocktake.text.Sha256;
import java.util.List;

/**
 * The query that says which records there are, as the route file gives it, and the pages that come of it.
 *
 * @param sql a SELECT without ORDER BY or LIMIT; its columns are named at {@link RecordRows}
 */
public record RecordsQuery(String sql) {
    /**
     * Refuses what cannot stand inside another SELECT.
     *
     * @throws IllegalArgumentException when the query is blank or ends in a semicolon
     */
    public RecordsQuery {
        if (sql.isBlank() || sql.stripTrailing().endsWith(";")) {
            throw new IllegalArgumentException(
                    "the records query must be one SELECT without a semicolon at its end, was: \"" + sql + "\"");
        }
    }

    /** What tells it from every other one: SHA-256, in hexadecimal. */
    public String hash() {
        return Sha256.of(sql);
    }

    /** For a step of a route, whose text Camel decodes twice as if it were part of a URL. */
    public String sqlOfStep() {
        return sql.replace("%", "%2525");
    }

    /** The rows as the page that the cursor waits for. */
    public RecordsPage page(Cursor cursor, List<AssetRecord> rows) {
        return new RecordsPage(cursor.recordsFrom(), List.copyOf(rows));
    }
}
