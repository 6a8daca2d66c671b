package dev.stocktake.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.compare.AssetRecord;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.settings.DatabaseUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.RowMapper;

class RecordRowsTest {
    private static final Database DATABASE = TestServers.databases().create();

    private static final Instant NOW = Instant.parse("2025-01-01T12:00:00Z");
    private static final RecordsClock CLOCK = new RecordsClock(() -> 0);

    static {
        CLOCK.read(NOW);
    }

    private final TimeZone usual = TimeZone.getDefault();

    @AfterEach
    void usualTimeZone() {
        TimeZone.setDefault(usual);
    }

    @Test
    void readsEveryColumn() {
        assertThat(
                        read(
                                "SELECT 'assets/a.png' AS storage_key, 7::bigint AS record_id,"
                                        + " timestamptz '2024-01-14 10:20:30.123456+01' AS created_at, 12345678901 AS size, 'e' AS etag"))
                .containsExactly(new AssetRecord(
                        "assets/a.png", "7", Instant.parse("2024-01-14T09:20:30.123456Z"), 12345678901L, "e"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "7::bigint; 7",
                "9223372036854775807; 9223372036854775807",
                "-1::int; -1",
                "'0e37df36-f698-11e6-8dd4-cb9ced3df976'::uuid; 0e37df36-f698-11e6-8dd4-cb9ced3df976",
                "'any text'::text; any text",
                "'abc'::varchar(10); abc",
                "1000::numeric; 1000",
                "12345678901234567890::numeric(20, 0); 12345678901234567890",
                "1.50::numeric; 1.50",
                "NULL::bigint; ''",
                "''::text; ''",
            })
    void readsARecordIdOfAnyTypeAsTheDatabaseWritesIt(String id, String text) {
        assertThat(read("SELECT 'a' AS storage_key, " + id + " AS record_id"))
                .extracting(AssetRecord::recordId)
                .containsExactly(text)
                // what the page after it is asked from
                .containsOnly(DATABASE.sql()
                        .sql("SELECT coalesce((" + id + ")::text, '')")
                        .query(String.class)
                        .single());
    }

    @ParameterizedTest
    @CsvSource({
        "timestamptz '2024-07-14 02:30:00+02',          2024-07-14T00:30:00Z",
        "timestamptz '2024-01-14 00:00:00.000001+00',   2024-01-14T00:00:00.000001Z",
        "timestamp '2024-01-14 00:30:00',               2024-01-14T00:30:00Z",
        "timestamp '2024-01-14 23:59:59.999999',        2024-01-14T23:59:59.999999Z",
        // an hour that New York does not have, and one that it has twice
        "timestamp '2024-03-10 02:30:00',               2024-03-10T02:30:00Z",
        "timestamp '2024-11-03 01:30:00',               2024-11-03T01:30:00Z",
        "date '2024-01-14',                             2024-01-14T00:00:00Z",
        "date '2024-03-31',                             2024-03-31T00:00:00Z",
    })
    void readsATimeWithoutZoneAsUtcWhateverTheZoneOfThisMachine(String createdAt, Instant time) {
        for (String zone : List.of("UTC", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati", "Asia/Kolkata")) {
            TimeZone.setDefault(TimeZone.getTimeZone(zone));

            assertThat(read("SELECT 'a' AS storage_key, 1 AS record_id, " + createdAt + " AS created_at"))
                    .as(zone)
                    .extracting(AssetRecord::changedAt)
                    .containsOnly(time);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2024-01-02, 2024-01-03, 2024-01-03",
        "2024-01-03, 2024-01-02, 2024-01-03",
        ", 2024-01-02, 2024-01-02",
        "2024-01-02, , 2024-01-02",
        ", , "
    })
    void aRecordIsAsYoungAsItsLastChange(String createdAt, String updatedAt, String changedAt) {
        assertThat(read("SELECT 'a' AS storage_key, 1 AS record_id, " + date(createdAt) + " AS created_at, "
                        + date(updatedAt) + " AS updated_at"))
                .extracting(AssetRecord::changedAt)
                .containsExactly(changedAt == null ? null : Instant.parse(changedAt + "T00:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "timestamptz 'infinity'               | NULL::timestamptz        | -                    | true  | 0",
                "timestamp '-infinity'                | NULL::timestamptz        | -                    | true  | 0",
                "date 'infinity'                      | date '2024-01-14'        | 2024-01-14T00:00:00Z | true  | 0",
                "timestamptz '2024-01-14 00:00Z'      | timestamptz '-infinity'  | 2024-01-14T00:00:00Z | true  | 0",
                "timestamp '20240-01-14'              | NULL::timestamptz        | -                    | true  | 0",
                "timestamptz '0044-03-15 00:00Z BC'   | NULL::timestamptz        | -                    | true  | 0",
                "timestamptz '0001-01-01 00:00Z'      | NULL::timestamptz        | 0001-01-01T00:00:00Z | false | 0",
                "timestamptz '2025-01-02 18:00Z'      | timestamp '2025-01-01'   | 2025-01-01T00:00:00Z | true  | 0",
                "timestamptz '2025-01-01 14:00:30Z'   | timestamp '2025-01-01'   | 2025-01-01T14:00:30Z | false | 7230",
                "timestamp '2025-01-01 12:00:30'      | NULL::timestamptz        | 2025-01-01T12:00:30Z | false | 30",
            })
    void aTimeThatSaysNoAgeIsUnknownAndOneInTheFutureIsMeasured(
            String createdAt, String updatedAt, Instant changedAt, boolean implausible, long secondsAhead) {
        AssetRecord row = read("SELECT 'a' AS storage_key, 1 AS record_id, " + createdAt + " AS created_at, "
                        + updatedAt + " AS updated_at")
                .get(0);

        assertThat(row.changedAt()).isEqualTo(changedAt);
        assertThat(row.implausible()).isEqualTo(implausible);
        assertThat(row.secondsAhead()).isEqualTo(secondsAhead);
    }

    private static String date(String day) {
        return day == null ? "NULL::timestamptz" : "timestamptz '" + day + " 00:00Z'";
    }

    @Test
    void whatTheQueryDoesNotGiveIsNotKnown() {
        assertThat(read("SELECT 'a' AS storage_key, 1 AS record_id"))
                .containsExactly(new AssetRecord("a", "1", null, null, null));
    }

    @Test
    void whatIsNullIsNotKnown() {
        assertThat(read("SELECT 'a' AS storage_key, NULL::uuid AS record_id, NULL::timestamp AS created_at,"
                        + " NULL::bigint AS size, NULL::text AS etag"))
                .containsExactly(new AssetRecord("a", "", null, null, null));
    }

    @Test
    void aSizeOfZeroIsKnown() {
        assertThat(read("SELECT 'a' AS storage_key, 1 AS record_id, 0 AS size"))
                .containsExactly(new AssetRecord("a", "1", null, 0L, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"smallint", "integer", "bigint", "numeric"})
    void readsASizeOfAnyWholeType(String type) {
        assertThat(read("SELECT 'a' AS storage_key, 1 AS record_id, 32000::" + type + " AS size"))
                .extracting(AssetRecord::size)
                .containsOnly(32000L);
    }

    @Test
    void otherColumnsAndAnyOrderDoNotMatter() {
        assertThat(read("SELECT 'x' AS owner, 'e' AS etag, now() AS deleted_at, 1 AS record_id, 5 AS size,"
                        + " '{}'::jsonb AS attributes, 'a' AS storage_key, 'y' AS created_by"))
                .containsExactly(new AssetRecord("a", "1", null, 5L, "e"));
    }

    @Test
    void namesInAnyLetterCaseAreAsTheDatabaseFoldsThem() {
        assertThat(read("SELECT 'a' AS STORAGE_KEY, 1 AS Record_Id, 5 AS SIZE"))
                .containsExactly(new AssetRecord("a", "1", null, 5L, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " leading and trailing ",
                "a%20b",
                "a+b",
                "caf\u00E9",
                "cafe\u0301",
                "new\nline\r\ttab",
                "\u0001\u007F\u0085",
                "\\",
                "\uFFFD\uFFFF",
                "\uD83E\uDD81",
                ""
            })
    void aStorageKeyIsNeverChanged(String key) throws SQLException {
        try (Connection connection = DATABASE.connect();
                PreparedStatement select =
                        connection.prepareStatement("SELECT ?::text AS storage_key, ?::text AS record_id")) {
            select.setString(1, key);
            select.setString(2, key);

            assertThat(mapped(select)).containsExactly(new AssetRecord(key, key, null, null, null));
        }
    }

    @Test
    void everyAnswerIsReadByItsOwnColumns() {
        RecordRows rows = new RecordRows(CLOCK);

        assertThat(rows.newColumnRowMapper()).isNotSameAs(rows.newColumnRowMapper());
        assertThatThrownBy(() -> rows.newBeanRowMapper(AssetRecord.class))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    /** The rows; read once as the driver gets them as text, and once as it gets them in binary. */
    private static List<AssetRecord> read(String query) {
        List<AssetRecord> text = read(query, "0");
        List<AssetRecord> binary = read(query, "-1");
        assertThat(binary).isEqualTo(text);
        return text;
    }

    private static List<AssetRecord> read(String query, String prepareThreshold) {
        DatabaseUrl url = DatabaseUrl.parse(DATABASE.url());
        Properties how = new Properties();
        how.setProperty("user", url.user().orElseThrow());
        how.setProperty("prepareThreshold", prepareThreshold);
        try (Connection connection = DriverManager.getConnection(url.jdbcUrl(), how);
                PreparedStatement select = connection.prepareStatement(query)) {
            return mapped(select);
        } catch (SQLException failure) {
            throw new AssertionError(query, failure);
        }
    }

    private static List<AssetRecord> mapped(PreparedStatement select) throws SQLException {
        RowMapper<?> mapper = new RecordRows(CLOCK).newColumnRowMapper();
        List<AssetRecord> records = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                records.add((AssetRecord) mapper.mapRow(rows, rows.getRow()));
            }
        }
        return records;
    }
}
