package dev.stocktake.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.stocktake.compare.Finding;
import dev.stocktake.run.Findings;
import dev.stocktake.run.Run;
import dev.stocktake.run.StoredFinding;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

class ExportsTest {
    private static final String HEADER =
            "run_id,kind,storage_key,record_id,size,etag,last_modified,found_at,near_match,near_match_by";

    private final StoredRun stored = StoredRun.empty();
    private final Exports exports = new Exports(stored.reports());

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 999, 1000, 1001, 2000, 2500})
    void everyFindingIsOneLineOfJsonThatReadsBackEqual(int count) throws IOException {
        stored.with(mixed(count));

        String text = text(exports.ndjson(stored.complete(count, 0)));

        List<Map<String, String>> rows = new ArrayList<>();
        for (String line : text.lines().toList()) {
            rows.add(cells(new ObjectMapper().readTree(line)));
        }
        assertThat(rows).isEqualTo(expected());
        assertThat(text.isEmpty() || text.endsWith("}\n")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 999, 1000, 1001, 2000, 2500})
    void everyFindingIsOneRowOfCsvThatReadsBackEqual(int count) throws IOException {
        stored.with(mixed(count));

        String text = text(exports.csv(stored.complete(count, 0)));

        assertThat(text).startsWith(HEADER + "\n").endsWith("\n");
        List<Map<String, String>> rows = csv(text);
        assertThat(rows).hasSize(count).isEqualTo(expected());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a,b",
                "a;b",
                "say \"hello\"",
                "\"",
                "\"\"",
                "new\nline",
                "carriage\rreturn",
                "both\r\nof them",
                "\n",
                "back\\slash",
                "back\\\"",
                "tab\there",
                " leading and trailing ",
                "#not a comment",
                "a'b",
                "löwe \uD83E\uDD81 cafe\u0301",
                "null",
                "\u0001",
            })
    void quotingIsRealSoThatAParserReadsTheSameKey(String key) throws IOException {
        stored.with(StoredRun.file(key, "2024-01-14T00:00:00Z"), StoredRun.record(key, key, null));

        List<Map<String, String>> rows = csv(text(exports.csv(stored.complete(1, 1))));

        assertThat(rows).extracting(row -> row.get("storage_key")).containsExactly(key, key);
        assertThat(rows).extracting(row -> row.get("record_id")).containsExactly("", key);
    }

    static Stream<String> formulas() {
        return Stream.of(
                "=1+1",
                "+1",
                "-1",
                "@SUM(A1)",
                "\t=1",
                "\r=1",
                "=HYPERLINK(\"http://example.org\",\"x\")",
                "=cmd|' /C calc'!A0",
                "'quoted",
                "''twice",
                "'=1",
                "=",
                "'",
                "=a,\"b\"\n=c");
    }

    @ParameterizedTest
    @MethodSource("formulas")
    void aCellThatASpreadsheetWouldRunIsMadeSafeAndReadsBack(String text) throws IOException {
        stored.with(new Finding(Finding.Kind.ORPHANED_RECORD, text, text, 1L, text, null));

        Map<String, String> row =
                cells(csvRows(text(exports.csv(stored.complete(0, 1)))).get(0));

        for (String column : List.of("storage_key", "record_id", "etag")) {
            assertThat(row.get(column)).as(column).isEqualTo("'" + text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=1", "a+b", "1-2", "user@example.org", "/=1", " =1", "assets/lion.png", "\uFF1D1"})
    void anyOtherCellIsLeftAsItIs(String text) throws IOException {
        stored.with(StoredRun.file(text, "2024-01-14T00:00:00Z"));

        assertThat(csvRows(text(exports.csv(stored.complete(1, 0))))
                        .get(0)
                        .get("storage_key")
                        .textValue())
                .isEqualTo(text);
    }

    @Test
    void aSpreadsheetFormulaIsAKeyLikeAnyOtherInJson() throws IOException {
        stored.with(StoredRun.file("=1+1", "2024-01-14T00:00:00Z"));

        assertThat(new ObjectMapper()
                        .readTree(text(exports.ndjson(stored.complete(1, 0))))
                        .get("storage_key")
                        .textValue())
                .isEqualTo("=1+1");
    }

    @Test
    void aNearMatchIsInEveryForm() throws IOException {
        stored.with(StoredRun.file("+A", "2024-01-14T00:00:00Z"), StoredRun.record("+a", "1", null))
                .nearMatch("+A", "+a", "case");
        Run run = stored.complete(1, 1);

        List<Map<String, String>> rows = csv(text(exports.csv(run)));
        assertThat(rows).isEqualTo(expected());
        assertThat(rows).extracting(row -> row.get("near_match")).containsExactly("+a", "+A");
        assertThat(rows).extracting(row -> row.get("near_match_by")).containsExactly("case", "case");
        assertThat(text(exports.ndjson(run)))
                .contains("\"near_match\":\"+a\",\"near_match_by\":\"case\"}\n")
                .contains("\"near_match\":\"+A\",\"near_match_by\":\"case\"}\n");
    }

    @Test
    void aRunWithoutAVerdictExportsNoFinding() throws IOException {
        stored.with(StoredRun.file("a", "2024-01-14T00:00:00Z"));

        for (Run run : List.of(stored.incomplete("No."), stored.running())) {
            assertThat(text(exports.ndjson(run))).isEmpty();
            assertThat(text(exports.csv(run))).isEqualTo(HEADER + "\n");
        }
    }

    static Stream<Function<Exports, Function<Run, InputStream>>> files() {
        return Stream.of(exports -> exports::ndjson, exports -> exports::csv);
    }

    @ParameterizedTest
    @MethodSource("files")
    void pagesAreReadOnlyWhenTheirBytesAre(Function<Exports, Function<Run, InputStream>> file) throws IOException {
        stored.with(mixed(2500));
        AtomicInteger queries = new AtomicInteger();
        Reports reports = new Reports(new Findings(new DelegatingDataSource(stored.database()) {
            @Override
            public Connection getConnection() throws SQLException {
                queries.incrementAndGet();
                return super.getConnection();
            }
        }));

        try (InputStream bytes = file.apply(new Exports(reports)).apply(stored.complete(2500, 0))) {
            assertThat(bytes.read()).isPositive();
            assertThat(queries).hasValue(1);

            long lines = text(bytes).lines().count();

            assertThat(lines).isGreaterThanOrEqualTo(2500);
            assertThat(queries).hasValue(3);
        }
    }

    @Test
    void aFileThatIsNotReadToItsEndHoldsNoConnection() throws IOException {
        stored.with(mixed(2500));
        List<InputStream> open = new ArrayList<>();
        // more than the pool has connections
        for (int file = 0; file < 8; file++) {
            InputStream bytes = exports.ndjson(stored.complete(2500, 0));
            assertThat(bytes.read()).isEqualTo('{');
            open.add(bytes);
        }
        for (InputStream bytes : open) {
            bytes.close();
        }
    }

    /** Keys in key order, some shared, some with what must be quoted. */
    private static List<Finding> mixed(int count) {
        return IntStream.range(0, count)
                .mapToObj(n -> n % 3 == 0
                        ? StoredRun.file("key-%05d, \"%d\"\n".formatted(n, n), "2024-01-14T00:00:00Z")
                        : StoredRun.record(
                                "key-%05d".formatted(n / 3),
                                "=id-" + n,
                                n % 2 == 0 ? null : "2024-01-14T00:00:00.123456Z"))
                .toList();
    }

    private List<Map<String, String>> expected() {
        List<Map<String, String>> rows = new ArrayList<>();
        for (StoredFinding finding : stored.findings().page(stored.id(), null, null, null, 10_000)) {
            Map<String, String> row = new LinkedHashMap<>();
            row.put("run_id", finding.runId().toString());
            row.put("kind", finding.kind());
            row.put("storage_key", finding.storageKey());
            row.put("record_id", text(finding.recordId()));
            row.put("size", text(finding.size()));
            row.put("etag", text(finding.etag()));
            row.put("last_modified", text(finding.lastModified()));
            row.put("found_at", text(finding.foundAt()));
            row.put("near_match", text(finding.nearMatch()));
            row.put("near_match_by", text(finding.nearMatchBy()));
            rows.add(row);
        }
        return rows;
    }

    private static String text(Object value) {
        return value instanceof OffsetDateTime time
                ? DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time)
                : value == null ? "" : value.toString();
    }

    private static String text(InputStream bytes) throws IOException {
        return new String(bytes.readAllBytes(), UTF_8);
    }

    /** With the leading apostrophes taken off, as the Javadoc of the export says. */
    private static List<Map<String, String>> csv(String text) throws IOException {
        List<Map<String, String>> rows = new ArrayList<>();
        for (JsonNode row : csvRows(text)) {
            Map<String, String> cells = cells(row);
            cells.replaceAll((column, cell) -> cell.startsWith("'") ? cell.substring(1) : cell);
            rows.add(cells);
        }
        return rows;
    }

    private static List<JsonNode> csvRows(String text) throws IOException {
        try (MappingIterator<JsonNode> rows = new CsvMapper()
                .readerFor(JsonNode.class)
                .with(CsvSchema.emptySchema().withHeader())
                .readValues(text)) {
            return rows.readAll();
        }
    }

    private static Map<String, String> cells(JsonNode row) {
        Map<String, String> cells = new LinkedHashMap<>();
        row.properties()
                .forEach(cell -> cells.put(cell.getKey(), cell.getValue().asText("")));
        return cells;
    }
}
