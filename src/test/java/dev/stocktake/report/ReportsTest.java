package dev.stocktake.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.stocktake.compare.Finding;
import dev.stocktake.run.Run;
import dev.stocktake.run.StoredFinding;
import dev.stocktake.run.Trigger;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

class ReportsTest {
    private static final List<String> COUNTS = List.of(
            "objects",
            "records",
            "matched",
            "matched_records",
            "orphaned_files",
            "orphaned_records",
            "too_recent",
            "vanished",
            "directory_markers",
            "invalid",
            "near_matches",
            "orphaned_bytes");

    private final StoredRun stored = StoredRun.empty();

    @Test
    void jsonHasTheColumnsOfTheTableAndTheFindings() {
        List<String> names = new ArrayList<>(JdbcClient.create(stored.database())
                .sql(
                        "SELECT column_name FROM information_schema.columns"
                                + " WHERE table_schema = 'stocktake' AND table_name = 'run'"
                                // what only Stocktake itself reads again
                                + " AND column_name NOT IN ('store', 'records_database', 'records_query', 'comparing', 'resumed', 'forgetting')")
                .query(String.class)
                .list());
        names.addAll(List.of("findings", "findings_omitted"));

        for (Run run : List.of(stored.complete(0, 0), stored.incomplete("No."), stored.running())) {
            assertThat(json(run).fieldNames())
                    .toIterable()
                    .as(run.status().name())
                    .containsExactlyInAnyOrderElementsOf(names);
        }
    }

    @Test
    void jsonOfACompleteRunHasItsCountsAndFindings() throws JsonProcessingException {
        stored.with(
                StoredRun.file("assets/\u00E9\uD83E\uDD81\n.png", "2024-01-14T16:20:00Z"),
                StoredRun.record("b", "7", null));
        StoredFinding first = stored.findings()
                .newest(stored.id(), Finding.Kind.ORPHANED_FILE, 1)
                .get(0);

        JsonNode json = json(stored.complete(new Run.Counts(1, 2, 3, 4, 1, 1, 7, 8, 9, 10, 11, 12)));

        assertThat(json.toString())
                .startsWith("{\"id\":\"" + stored.id() + "\",\"trigger\":\"cli\",\"status\":\"COMPLETE\","
                        + "\"started_at\":\"2024-01-15T03:00:00Z\",\"finished_at\":\"2024-01-15T03:00:04Z\","
                        + "\"bucket\":\"assets\",\"prefix\":\"\",\"objects\":1,\"records\":2,\"matched\":3,"
                        + "\"matched_records\":4,\"orphaned_files\":1,\"orphaned_records\":1,\"too_recent\":7,"
                        + "\"vanished\":8,\"directory_markers\":9,\"invalid\":10,\"near_matches\":11,"
                        + "\"orphaned_bytes\":12,\"list_requests\":null,\"head_requests\":null,\"store_retries\":null,"
                        + "\"database_retries\":null,\"cost\":null,\"suspicious\":null,\"failure\":null,");
        assertThat(json.get("findings")).hasSize(2);
        assertThat(json.get("findings").get(0))
                .isEqualTo(new ObjectMapper()
                        .readTree("{\"run_id\":\"" + stored.id() + "\",\"kind\":\"orphaned_file\","
                                + "\"storage_key\":\"assets/\u00E9\uD83E\uDD81\\n.png\",\"record_id\":null,\"size\":20,"
                                + "\"etag\":\"5d41402abc4b2a76b9719d911017c592\","
                                + "\"last_modified\":\"2024-01-14T16:20:00Z\",\"found_at\":\""
                                + DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(first.foundAt())
                                + "\",\"near_match\":null,\"near_match_by\":null}"));
        assertThat(json.get("findings").get(1).get("kind").textValue()).isEqualTo("orphaned_record");
        assertThat(json.get("findings").get(1).get("last_modified").isNull()).isTrue();
        assertThat(json.get("findings_omitted").longValue()).isZero();
    }

    @Test
    void jsonSaysWhatIsOddAndWhichFindingsAreNearMatches() {
        stored.with(StoredRun.file("A", "2024-01-14T16:20:00Z"), StoredRun.record("a", "7", null))
                .nearMatch("A", "a", "case");

        JsonNode json = json(
                Run.withSuspicions(Run.withNearMatches(stored.complete(1, 1), 1), List.of("One reason", "Another")));

        assertThat(json.get("suspicious").textValue()).isEqualTo("One reason\nAnother");
        assertThat(json.get("near_matches").longValue()).isEqualTo(1);
        assertThat(json.get("findings").findValuesAsText("near_match")).containsExactly("a", "A");
        assertThat(json.get("findings").findValuesAsText("near_match_by")).containsExactly("case", "case");
    }

    @Test
    void jsonWithoutAVerdictHasNoCountAndNoFinding() {
        // nothing of what may be left in the table is shown
        stored.with(StoredRun.file("a", "2024-01-14T16:20:00Z"));

        for (Run run : List.of(stored.incomplete("The bucket does not exist."), stored.running())) {
            JsonNode json = json(run);

            assertThat(Stream.concat(COUNTS.stream(), Stream.of("findings", "findings_omitted")))
                    .allSatisfy(
                            name -> assertThat(json.get(name).isNull()).as(name).isTrue());
            assertThat(json.get("status").textValue()).isEqualTo(run.status().name());
            assertThat(json.get("failure").textValue()).isEqualTo(run.failure());
        }
    }

    @Test
    void jsonNamesEveryCountOfARun() {
        assertThat(Arrays.stream(Run.Counts.class.getRecordComponents())).hasSameSizeAs(COUNTS);
        assertThat(Trigger.values()).extracting(Trigger::label).containsExactly("schedule", "http", "cli");
    }

    @ParameterizedTest
    @CsvSource({"100, 100, 200, 0", "101, 0, 100, 1", "0, 101, 100, 1", "250, 130, 200, 180"})
    void jsonShowsTheNewest100OfEachKindAndSaysHowManyItLeftOut(int files, int records, int shown, int omitted) {
        stored.with(IntStream.range(0, files)
                .mapToObj(n -> StoredRun.file("f-%04d".formatted(n), "2024-01-01T00:00:00Z"))
                .toList());
        stored.with(IntStream.range(0, records)
                .mapToObj(n -> StoredRun.record("r-%04d".formatted(n), "" + n, null))
                .toList());

        JsonNode json = json(stored.complete(files, records));

        assertThat(json.get("findings")).hasSize(shown);
        assertThat(json.get("findings_omitted").longValue()).isEqualTo(omitted);
        assertThat(json.get("orphaned_files").longValue()).isEqualTo(files);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 999, 1000, 1001, 2000, 2500})
    void givesEveryFindingOfACompleteRunInKeyOrder(int count) {
        List<String> keys =
                IntStream.range(0, count).mapToObj("key-%05d"::formatted).toList();
        stored.with(keys.stream()
                .map(key -> StoredRun.file(key, "2024-01-14T00:00:00Z"))
                .toList());

        List<StoredFinding> all = all(stored.reports().findings(stored.complete(count, 0)));

        assertThat(all).extracting(StoredFinding::storageKey).isEqualTo(keys);
    }

    @Test
    void givesEveryFindingOfOneKeyAlsoWhenTheyAreMoreThanAPage() {
        stored.with(IntStream.range(0, 2100)
                .mapToObj(n -> StoredRun.record("shared", "id-" + n, null))
                .toList());

        assertThat(all(stored.reports().findings(stored.complete(0, 2100))))
                .extracting(StoredFinding::recordId)
                .hasSize(2100)
                .doesNotHaveDuplicates();
    }

    @Test
    void givesNoFindingWithoutAVerdict() {
        stored.with(StoredRun.file("a", "2024-01-14T16:20:00Z"));

        assertThat(stored.reports().findings(stored.incomplete("No."))).isExhausted();
        assertThat(stored.reports().findings(stored.running())).isExhausted();
    }

    private JsonNode json(Run run) {
        String text = stored.reports().json(run);
        assertThat(text).endsWith("}\n");
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException notJson) {
            throw new AssertionError(text, notJson);
        }
    }

    private static List<StoredFinding> all(Iterator<StoredFinding> findings) {
        List<StoredFinding> all = new ArrayList<>();
        findings.forEachRemaining(all::add);
        return all;
    }
}
