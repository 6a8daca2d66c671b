package dev.stocktake.records;

import dev.stocktake.compare.AssetRecord;
import dev.stocktake.compare.Plausible;
import dev.stocktake.text.PlainTime;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Calendar;
import java.util.HashMap;
import java.util.List;
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
    /** Columns that say how old a record is. */
    static final List<String> TIMES = List.of("created_at", "updated_at");

    private final RecordsClock clock;

    /**
     * For records of one database.
     *
     * @param clock tells which of their times are plausible
     */
    public RecordRows(RecordsClock clock) {
        this.clock = clock;
    }

    @Override
    public RowMapper<?> newColumnRowMapper() {
        return new Rows(clock);
    }

    @Override
    public RowMapper<?> newBeanRowMapper(Class<?> mappedClass) {
        throw new UnsupportedOperationException("records have no other class");
    }

    /** For the rows of one answer; looks its columns up once. */
    private static final class Rows implements RowMapper<AssetRecord> {
        private static final int NONE = 0;

        /** A timestamp without time zone is taken as UTC, whatever this machine's zone. */
        private final Calendar utc = Calendar.getInstance(TimeZone.getTimeZone("UTC"), Locale.ROOT);

        private final RecordsClock clock;
        private Instant now;
        private Plausible plausible;
        private boolean known;
        private int storageKey;
        private int recordId;
        private int createdAt;
        private int updatedAt;
        private int size;
        private int etag;

        Rows(RecordsClock clock) {
            this.clock = clock;
        }

        @Override
        public AssetRecord mapRow(ResultSet row, int number) throws SQLException {
            if (!known) {
                lookUp(columnsOf(row.getMetaData()));
                now = clock.now(row.getStatement().getConnection());
                plausible = Plausible.at(now);
            }
            String id = row.getString(recordId);
            Instant created = time(row, createdAt);
            Instant updated = time(row, updatedAt);
            Instant changed = later(plausible(created), plausible(updated));
            return new AssetRecord(
                    row.getString(storageKey),
                    id == null ? "" : id,
                    changed,
                    size(row),
                    etag == NONE ? null : row.getString(etag),
                    isImplausible(created) || isImplausible(updated),
                    changed == null || !changed.isAfter(now)
                            ? 0
                            : Duration.between(now, changed).toSeconds());
        }

        private boolean isImplausible(Instant time) {
            return time != null && !plausible.is(time);
        }

        private Instant plausible(Instant time) {
            return isImplausible(time) ? null : time;
        }

        private static Instant later(Instant one, Instant other) {
            return one == null || (other != null && other.isAfter(one)) ? other : one;
        }

        private Instant time(ResultSet row, int column) throws SQLException {
            String text = column == NONE ? null : row.getString(column);
            if (text == null) {
                return null;
            }
            Instant plain = PlainTime.of(text, ' ');
            return plain == null ? row.getTimestamp(column, utc).toInstant() : plain;
        }

        private Long size(ResultSet row) throws SQLException {
            if (size == NONE) {
                return null;
            }
            long bytes = row.getLong(size);
            return row.wasNull() ? null : bytes;
        }

        private void lookUp(Map<String, Integer> columns) {
            storageKey = columns.get("storage_key");
            recordId = columns.get("record_id");
            createdAt = columns.getOrDefault("created_at", NONE);
            updatedAt = columns.getOrDefault("updated_at", NONE);
            size = columns.getOrDefault("size", NONE);
            etag = columns.getOrDefault("etag", NONE);
            known = true;
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
