package dev.stocktake.records;

import dev.stocktake.compare.AssetRecord;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Calendar;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import org.apache.camel.component.sql.RowMapperFactory;
import org.springframework.jdbc.core.RowMapper;

/**
 * Reads the rows of the records query as records. The columns {@code storage_key} and {@code record_id} must be there;
 * {@code created_at}, {@code updated_at}, {@code size} and {@code etag} may be; others are left alone.
 */
public final class RecordRows implements RowMapperFactory {
    @Override
    public RowMapper<?> newColumnRowMapper() {
        return new Rows();
    }

    @Override
    public RowMapper<?> newBeanRowMapper(Class<?> mappedClass) {
        throw new UnsupportedOperationException("records have no other class");
    }

    /** For the rows of one answer; looks its columns up once. */
    private static final class Rows implements RowMapper<AssetRecord> {
        private Map<String, Integer> columns;

        @Override
        public AssetRecord mapRow(ResultSet row, int number) throws SQLException {
            if (columns == null) {
                columns = columnsOf(row.getMetaData());
            }
            String recordId = row.getString(columns.get("record_id"));
            return new AssetRecord(
                    row.getString(columns.get("storage_key")),
                    recordId == null ? "" : recordId,
                    later(time(row, "created_at"), time(row, "updated_at")),
                    size(row),
                    etag(row));
        }

        private static Instant later(Instant one, Instant other) {
            return one == null || (other != null && other.isAfter(one)) ? other : one;
        }

        private Instant time(ResultSet row, String name) throws SQLException {
            Integer column = columns.get(name);
            if (column == null) {
                return null;
            }
            // a timestamp without time zone is taken as UTC, whatever this machine's zone
            Timestamp time = row.getTimestamp(column, Calendar.getInstance(TimeZone.getTimeZone("UTC"), Locale.ROOT));
            return time == null ? null : time.toInstant();
        }

        private Long size(ResultSet row) throws SQLException {
            Integer column = columns.get("size");
            if (column == null) {
                return null;
            }
            long size = row.getLong(column);
            return row.wasNull() ? null : size;
        }

        private String etag(ResultSet row) throws SQLException {
            Integer column = columns.get("etag");
            return column == null ? null : row.getString(column);
        }

        private static Map<String, Integer> columnsOf(ResultSetMetaData metaData) throws SQLException {
            Map<String, Integer> columns = new HashMap<>();
            for (int column = 1; column <= metaData.getColumnCount(); column++) {
                columns.putIfAbsent(metaData.getColumnLabel(column), column);
            }
            return columns;
        }
    }
}
