package dev.stocktake.http;

import static dev.stocktake.http.Api.contentType;
import static dev.stocktake.http.Api.json;
import static dev.stocktake.http.Api.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.embedded.EmbeddedDatabase;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.BlockedListing;
import dev.stocktake.run.LogLines;
import dev.stocktake.run.Run;
import dev.stocktake.settings.Purpose;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpApiTest {
    private static final String MAINTENANCE = "/api/cron/maintenance";

    /** What paging by the last key stumbles over when it encodes, quotes or evaluates anything. */
    private static final List<String> ODD_KEYS = List.of(
            "!",
            "a b",
            "a%20b",
            "a+b",
            "100%",
            "a&b=c",
            "a=b",
            "a#b?c",
            "new\nline",
            "'a'",
            "\"b\"",
            "${body}",
            "a, b",
            "back\\slash",
            "caf\u00e9",
            "false",
            "null",
            "\ufffd",
            "\ud83e\udd81");

    private static final String CLEANUP_SECRET = "a-secret-for-cleanups";

    private static Assets assets;
    private static StartedStocktake stocktake;
    private static Api api;

    @BeforeAll
    static void serve() {
        assets = Assets.empty()
                .objects("shared", "lion.png", "cat.png")
                .objects(ODD_KEYS)
                .records("shared", "gone.png", "twice.png", "twice.png", "twice.png", "null");
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_SECRET", CLEANUP_SECRET);
        stocktake = StartedStocktake.serving(environment);
        api = Api.of(stocktake);
    }

    @AfterAll
    static void stop() {
        stocktake.close();
    }

    @Test
    void aRunIsAnsweredWithItsJsonReport() {
        HttpResponse<String> answer = api.get(MAINTENANCE);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(contentType(answer)).isEqualTo("application/json");
        JsonNode report = json(answer);
        List<String> fields = new ArrayList<>(columns());
        fields.addAll(List.of("findings", "findings_omitted"));
        assertThat(report.fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(fields);
        assertThat(report.path("status").asText()).isEqualTo("COMPLETE");
        assertThat(report.path("trigger").asText()).isEqualTo("http");
        assertThat(report.path("bucket").asText()).isEqualTo(assets.bucket());
        assertThat(report.path("failure").isNull()).isTrue();
        assertThat(report.path("objects").asLong()).isEqualTo(3 + ODD_KEYS.size());
        assertThat(report.path("records").asLong()).isEqualTo(6);
        assertThat(report.path("matched").asLong()).isEqualTo(2);
        assertThat(report.path("orphaned_files").asLong()).isEqualTo(ODD_KEYS.size() + 1);
        assertThat(report.path("orphaned_records").asLong()).isEqualTo(4);
        assertThat(report.path("findings")).hasSize(ODD_KEYS.size() + 5);
        assertThat(report.path("findings_omitted").asLong()).isZero();
        assertThat(keys(report.path("findings")))
                .contains("new\nline", "\ud83e\udd81", "caf\u00e9", "gone.png")
                .doesNotContain("shared", "null");
    }

    @Test
    void theReportAndTheApiAndTheTableSayTheSame() {
        JsonNode report = json(api.get(MAINTENANCE));
        String id = report.path("id").asText();

        JsonNode served = json(api.get("/api/runs/" + id));

        served.properties()
                .forEach(field -> assertThat(report.path(field.getKey()))
                        .as(field.getKey())
                        .isEqualTo(field.getValue()));
        Map<String, Object> row = assets.database()
                .sql()
                .sql("SELECT * FROM stocktake.run WHERE id = ?::uuid")
                .param(id)
                .query()
                .singleRow();
        assertThat(served.path("objects").asLong()).isEqualTo(row.get("objects"));
        assertThat(served.path("orphaned_bytes").asLong()).isEqualTo(row.get("orphaned_bytes"));
        assertThat(served.path("status").asText()).isEqualTo(row.get("status"));
    }

    @Test
    void theTextReportIsToTheLetter() {
        List<String> inOrder =
                IntStream.rangeClosed(1, 12).mapToObj("assets/%d"::formatted).toList();
        Assets example = Assets.empty().records(inOrder).objects(inOrder);
        put(example, "assets/lion/pl_preview.png", "2024-01-14T16:20:00Z");
        put(example, "assets/cat/pl_preview.png", "2024-01-14T09:45:00Z");
        put(example, "assets/dog/pl_preview.png", "2024-01-13T11:05:00Z");
        try (StartedStocktake serving = StartedStocktake.serving(example.environment())) {
            Api client = Api.of(serving);

            HttpResponse<String> answer = client.get(MAINTENANCE, "Accept", "text/plain");

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(contentType(answer)).isEqualTo("text/plain; charset=utf-8");
            assertThat(answer.body()).isEqualTo("""
                            === Storage Maintenance Report ===
                            Timestamp: %s

                            === DB → Storage Check ===
                            ✅ All 12 DB records have corresponding files

                            === Storage → DB Check ===
                            ⚠️  Found 3 orphaned files:
                              - assets/lion/pl_preview.png (created: 2024-01-14)
                              - assets/cat/pl_preview.png (created: 2024-01-14)
                              - assets/dog/pl_preview.png (created: 2024-01-13)

                            === Summary ===
                            Orphaned files: 3
                            Orphaned records: 0
                            """.formatted(startOfTheOnlyRun(example)));
            JsonNode runs = json(client.get("/api/runs")).path("runs");
            assertThat(runs).hasSize(1);
            HttpResponse<String> again = client.get(
                    "/api/runs/" + runs.path(0).path("id").asText() + "/report.txt", "Accept", "application/json");
            assertThat(again.statusCode()).isEqualTo(200);
            assertThat(contentType(again)).isEqualTo("text/plain; charset=utf-8");
            assertThat(again.body()).isEqualTo(answer.body());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/plain                                  | text/plain; charset=utf-8",
                "TEXT/PLAIN                                  | text/plain; charset=utf-8",
                "text/plain; charset=utf-8                   | text/plain; charset=utf-8",
                "text/plain, application/json;q=0.5          | text/plain; charset=utf-8",
                "text/*                                      | text/plain; charset=utf-8",
                "text/html, text/plain;q=0.8, */*;q=0.1      | text/plain; charset=utf-8",
                "application/json                            | application/json",
                "*/*                                         | application/json",
                "text/html                                   | application/json",
                "application/json, text/plain, */*           | application/json",
                "application/json, text/plain;q=0.5          | application/json",
                "text/plain;q=0, */*                         | application/json",
                "text/plain;q=nonsense                       | application/json",
                "application/x-text/plain                    | application/json",
                "nonsense                                    | application/json",
            })
    void jsonIsTheDefaultUnlessTextIsPreferred(String accept, String expected) {
        assertThat(contentType(api.get(MAINTENANCE, "Accept", accept))).isEqualTo(expected);
    }

    @Test
    void aRunWithoutAVerdictSaysSoInBothForms() {
        Assets broken = Assets.empty().objects("a", "b");
        try (StartedStocktake serving = StartedStocktake.serving(broken.environment())) {
            Api client = Api.of(serving);
            broken.database().execute("DROP TABLE assets");

            HttpResponse<String> answer = client.get(MAINTENANCE);

            assertThat(answer.statusCode()).isEqualTo(200);
            JsonNode report = json(answer);
            assertThat(report.path("status").asText()).isEqualTo("INCOMPLETE");
            assertThat(report.path("failure").asText())
                    .isEqualTo(
                            "The records query does not fit the records database (SQL state 42P01). Check the records query"
                                    + " in routes/records.camel.yaml.");
            assertThat(answer.body()).doesNotContain("127.0.0.1", "relation");
            assertNoCounts(report);
            assertThat(report.path("findings").isNull()).isTrue();

            HttpResponse<String> text = client.get(MAINTENANCE, "Accept", "text/plain");
            assertThat(text.statusCode()).isEqualTo(200);
            assertThat(text.body().lines().skip(1).findFirst().orElseThrow()).contains("NO VERDICT", "INCOMPLETE");
            assertThat(text.body()).contains("Reason: ").doesNotContain("✅", "orphaned files", "Found", "All ");

            String run = "/api/runs/" + report.path("id").asText();
            assertThat(json(client.get(run)).path("failure")).isEqualTo(report.path("failure"));
            assertThat(client.get(run + "/report.txt").body()).contains("NO VERDICT");
            for (String path : List.of(run, run + "/report.txt", "/api/runs")) {
                assertThat(client.get(path).body()).doesNotContain("127.0.0.1", "relation");
            }
            JsonNode refusal = problem(client.get(run + "/findings"), 409);
            assertThat(refusal.path("detail").asText())
                    .contains("INCOMPLETE", run + " says why")
                    .doesNotContain("127.0.0.1");
        }
    }

    @Test
    void aRunThatOutlastsTheWaitGoesOnByItself(@TempDir Path folder) {
        Assets large = Assets.empty().objects("a", "b").records("a");
        EditedRoutes routes = EditedRoutes.in(folder)
                .replace("http.camel.yaml", "${variable.running}, 30000", "${variable.running}, 1");
        try (StartedStocktake serving =
                        StartedStocktake.start(large.environment(), routes.folder(), Purpose.SERVE, Clock.systemUTC());
                BlockedListing blocked = BlockedListing.of(large.store())) {
            Api client = Api.of(serving);

            HttpResponse<String> accepted = client.get(MAINTENANCE);

            assertThat(accepted.statusCode()).isEqualTo(202);
            assertThat(contentType(accepted)).isEqualTo("application/json");
            String id = json(accepted).path("id").asText();
            String location = accepted.headers().firstValue("Location").orElseThrow();
            assertThat(location).isEqualTo("/api/runs/" + id);
            assertRunning(json(accepted));

            HttpResponse<String> meanwhile = client.get(location);
            assertThat(meanwhile.statusCode()).isEqualTo(200);
            assertRunning(json(meanwhile));
            assertThat(json(meanwhile)).isEqualTo(json(accepted));
            assertThat(client.get(location + "/report.txt").body())
                    .contains("NO VERDICT YET")
                    .doesNotContain("✅");
            problem(client.get(location + "/findings"), 409);
            JsonNode refused = problem(client.get(MAINTENANCE), 409);
            assertThat(refused.path("detail").asText()).contains(id, large.bucket());

            blocked.open();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> json(client.get(location)).path("status").asText(), "COMPLETE"::equals);
            assertThat(json(client.get(location)).path("orphaned_files").asLong())
                    .isEqualTo(1);
            assertThat(client.get(location + "/report.txt").body()).contains("  - b (created: 2024-01-10)");
            assertThat(keys(json(client.get(location + "/findings")).path("findings")))
                    .containsExactly("b");
            assertThat(json(client.get("/api/runs")).path("runs"))
                    .as("the refused request left no run")
                    .hasSize(1);
        }
    }

    @Test
    void nothingOfTheRequestReachesTheRun() {
        Assets probed = Assets.empty().objects("alone").records("gone");
        try (StartedStocktake serving = StartedStocktake.serving(probed.environment())) {
            Api client = Api.of(serving);

            HttpResponse<String> answer = client.get(
                    MAINTENANCE + "?run_id=1&kind=orphaned_record&CamelSqlQuery=SELECT+1&storage_key=probe",
                    "size",
                    "99",
                    "etag",
                    "probe",
                    "record_id",
                    "probe",
                    "last_modified",
                    "probe",
                    "CamelFileName",
                    "probe",
                    "camelOverruleFileName",
                    "probe",
                    "CamelSqlQuery",
                    "DROP TABLE stocktake.finding",
                    "org.apache.camel.probe",
                    "probe");

            assertThat(answer.statusCode()).isEqualTo(200);
            JsonNode findings = json(answer).path("findings");
            assertThat(keys(findings)).containsExactlyInAnyOrder("alone", "gone");
            JsonNode file =
                    findings.path(0).path("storage_key").asText().equals("alone") ? findings.path(0) : findings.path(1);
            assertThat(file.path("record_id").isNull()).isTrue();
            assertThat(file.path("size").asLong()).isEqualTo(3);
            assertThat(findings.toString()).doesNotContain("probe");
        }
    }

    @Test
    void theRunsAreListedNewestFirst() {
        List<String> started = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            started.add(0, stocktake.run().id().toString());
        }

        JsonNode all = json(api.get("/api/runs?limit=100")).path("runs");
        JsonNode two = json(api.get("/api/runs?limit=2")).path("runs");

        assertThat(StreamSupport.stream(all.spliterator(), false)
                        .limit(3)
                        .map(run -> run.path("id").asText()))
                .isEqualTo(started);
        assertThat(StreamSupport.stream(all.spliterator(), false)
                        .map(run -> OffsetDateTime.parse(run.path("started_at").asText())
                                .toInstant()))
                .isSortedAccordingTo(Comparator.<Instant>reverseOrder());
        assertThat(two).hasSize(2);
        assertThat(two.path(0)).isEqualTo(all.path(0));
        assertThat(two.path(1)).isEqualTo(all.path(1));
        assertThat(all.path(0).fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(columns());
    }

    @Test
    void withoutALimitTwentyRunsAreListed() {
        Assets busy = Assets.empty();
        try (StartedStocktake serving = StartedStocktake.serving(busy.environment())) {
            Api client = Api.of(serving);
            assertThat(json(client.get("/api/runs")).path("runs")).isEmpty();
            busy.database()
                    .execute("INSERT INTO stocktake.run"
                            + " (id, trigger, status, started_at, finished_at, bucket, prefix, failure)"
                            + " SELECT gen_random_uuid(), 'cli', 'INCOMPLETE', now(), now(), 'other', '', 'why'"
                            + " FROM generate_series(1, 25)");

            assertThat(json(client.get("/api/runs")).path("runs")).hasSize(20);
            assertThat(json(client.get("/api/runs?limit=25")).path("runs")).hasSize(25);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "101", "1.5", "many", "", "99999999999", "null", "%2B1", "%D9%A1", "1%202"})
    void aWrongLimitOfRunsIsRefused(String limit) {
        JsonNode refusal = problem(api.get("/api/runs?limit=" + limit), 400);

        assertThat(refusal.path("detail").asText()).startsWith("limit must be a whole number from 1 to 100, was: \"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/findings", "/report.txt"})
    void anUnknownOrMalformedRunIsNotFound(String suffix) {
        for (String id :
                List.of(UUID.randomUUID().toString(), "1", "null", "not-a-uuid", "1-1-1-1-1", "%27", "${body}")) {
            String path =
                    "/api/runs/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("%25", "%") + suffix;
            assertThat(problem(api.get(path), 404).path("detail").asText())
                    .as(path)
                    .startsWith("There is no run");
        }
    }

    @Test
    void aQueryParameterCannotStandInForTheRunOfThePath() {
        String id = stocktake.run().id().toString();

        assertThat(json(api.get("/api/runs/" + id + "?id=" + UUID.randomUUID()))
                        .path("id")
                        .asText("none"))
                .isIn(id, "none");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void pagingReachesEveryFindingExactlyOnceInKeyOrder(int limit) {
        Run run = stocktake.run();
        List<String> expected = new ArrayList<>(ODD_KEYS);
        expected.remove("null");
        expected.addAll(List.of("lion.png", "cat.png", "gone.png", "twice.png", "twice.png", "twice.png"));

        List<JsonNode> found = page("/api/runs/" + run.id() + "/findings?limit=" + limit, expected.size());

        assertThat(found)
                .extracting(each -> each.path("storage_key").asText())
                .containsExactlyElementsOf(inByteOrder(expected));
        assertThat(found)
                .filteredOn(each -> each.path("storage_key").asText().equals("twice.png"))
                .extracting(each -> each.path("record_id").asText())
                .doesNotHaveDuplicates();
        assertThat(found.get(0).fieldNames())
                .toIterable()
                .containsExactly(
                        "run_id",
                        "kind",
                        "storage_key",
                        "record_id",
                        "size",
                        "etag",
                        "last_modified",
                        "found_at",
                        "near_match",
                        "near_match_by");
    }

    @Test
    void pagingPassesAKeyThatReadsAsNull() {
        Assets odd = Assets.empty().objects("null", "nullable", "'quoted'", "z");
        try (StartedStocktake serving = StartedStocktake.serving(odd.environment())) {
            Run run = serving.run();

            List<JsonNode> found = page(Api.of(serving), "/api/runs/" + run.id() + "/findings?limit=1", 4);

            assertThat(found)
                    .extracting(each -> each.path("storage_key").asText())
                    .containsExactly("'quoted'", "null", "nullable", "z");
        }
    }

    @Test
    void aSuspiciousRunAndItsNearMatchesAreServed() {
        Assets odd = Assets.empty().objects("Lion.png", "cat.png").records("lion.png", "cat.png");
        try (StartedStocktake serving = StartedStocktake.serving(odd.environment())) {
            Api client = Api.of(serving);

            JsonNode report = json(client.get(MAINTENANCE));

            String run = "/api/runs/" + report.path("id").asText();
            assertThat(report.path("status").asText()).isEqualTo("COMPLETE");
            assertThat(report.path("near_matches").asLong()).isEqualTo(1);
            assertThat(report.path("suspicious").asText().lines())
                    .containsExactly(
                            "1 of 2 files are orphaned, above SUSPICIOUS_ORPHAN_PERCENT (20 %)",
                            "1 of 2 records are orphaned, above SUSPICIOUS_ORPHAN_PERCENT (20 %)");
            assertThat(json(client.get(run)).path("suspicious")).isEqualTo(report.path("suspicious"));
            assertThat(json(client.get(run + "/findings")).path("findings").findValuesAsText("near_match"))
                    .containsExactly("lion.png", "Lion.png");
            assertThat(client.get(run + "/report.txt").body().lines().skip(1).limit(2))
                    .allMatch(line -> line.startsWith("⚠️  SUSPICIOUS: 1 of 2 "));
        }
    }

    @ParameterizedTest
    @CsvSource({"orphaned_file,2", "orphaned_record,1", "orphaned_record,3"})
    void pagingKeepsToOneKind(String kind, int limit) {
        Run run = stocktake.run();
        long expected = kind.equals("orphaned_file")
                ? run.counts().orphanedFiles()
                : run.counts().orphanedRecords();

        List<JsonNode> found =
                page("/api/runs/" + run.id() + "/findings?kind=" + kind + "&limit=" + limit, (int) expected);

        assertThat(found)
                .hasSize((int) expected)
                .allSatisfy(each -> assertThat(each.path("kind").asText()).isEqualTo(kind));
    }

    @Test
    void aPageBeginsBehindTheKeyThatIsAskedFor() {
        Run run = stocktake.run();

        JsonNode page = json(api.get("/api/runs/" + run.id() + "/findings?after=lion.png&limit=3"));

        assertThat(keys(page.path("findings"))).containsExactly("new\nline", "twice.png", "twice.png");
        assertThat(keys(json(api.get("/api/runs/" + run.id() + "/findings?after=&limit=1"))
                        .path("findings")))
                .containsExactly("!");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kind=orphans           | kind must be orphaned_file or orphaned_record, was: \"orphans\"",
                "kind=                  | kind must be orphaned_file or orphaned_record, was: \"\"",
                "kind=null              | kind must be orphaned_file or orphaned_record, was: \"null\"",
                "kind=ORPHANED_FILE     | kind must be orphaned_file or orphaned_record, was: \"ORPHANED_FILE\"",
                "limit=0                | limit must be a whole number from 1 to 1000, was: \"0\"",
                "limit=1001             | limit must be a whole number from 1 to 1000, was: \"1001\"",
                "after=a&after_id=first | after_id must be a whole number, was: \"first\"",
                "after=a%00b            | after must be percent-encoded UTF-8 without U+0000",
                "after=%FF              | after must be percent-encoded UTF-8 without U+0000",
                "after=%ED%A0%80        | after must be percent-encoded UTF-8 without U+0000",
                "after=%C0%AF           | after must be percent-encoded UTF-8 without U+0000",
                "after=a&after=b        | after must be given once",
                "after=a&%61fter=b      | after must be given once",
                "limit=1&limit=2        | limit must be given once",
                "kind=&limit=1&kind=    | kind must be given once",
                "after=a&after_id=-1    | after_id must be a whole number, was: \"-1\"",
                "kid=orphaned_file      | the parameters here are kind, after, after_id, limit, was: \"kid\"",
                "Limit=1                | the parameters here are kind, after, after_id, limit, was: \"Limit\"",
                "limit                  | limit must be a whole number from 1 to 1000, was: \"\"",
                "&limit=1               | the parameters here are kind, after, after_id, limit, was: \"\"",
                "limit=1&after=a%00&x=1 | after must be percent-encoded UTF-8 without U+0000; the parameters here",
            })
    void aWrongParameterOfFindingsIsRefused(String query, String detail) {
        Run run = stocktake.run();

        JsonNode refusal = problem(api.get("/api/runs/" + run.id() + "/findings?" + query), 400);

        assertThat(refusal.path("detail").asText()).startsWith(detail);
    }

    @ParameterizedTest
    @ValueSource(strings = {"after=%", "after=a%2", "after=%zz", "after=%-1", "%=1", "limit=%u0031"})
    void aQueryThatIsNotPercentEncodedIsRefused(String query) {
        String answer = api.raw("GET /api/runs/" + stocktake.run().id() + "/findings?" + query
                + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + StartedStocktake.SECRET
                + "\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json", "\"status\":400");
    }

    @Test
    void nothingElseStandsInForTheRunOfThePath() {
        String id = stocktake.run().id().toString();
        String other = stocktake.run().id().toString();

        for (String header : List.of("id", "ID", "Id")) {
            assertThat(json(api.get("/api/runs/" + id, header, other))
                            .path("id")
                            .asText())
                    .isEqualTo(id);
        }
        assertThat(json(api.get("/api/runs", "limit", "1", "CamelHttpRawQuery", "limit=1"))
                        .path("runs")
                        .size())
                .isGreaterThan(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%00", "a%01", "%2e", "%2F", "%5C", "%3B", "%c0%af", "%FF", "%61"})
    void aPathThatCouldBeReadInAnotherWayIsRefused(String id) {
        assertThat(problem(api.get("/api/runs/" + id), 400).path("detail").asText())
                .startsWith("Write the path in its normal form");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/x",
                "/api",
                "/api/",
                "/api/run",
                "/api/runs/1/2/3",
                "/api/cron",
                "/API/RUNS",
                "/routes/http.camel.yaml",
                "/.env",
                "/pom.xml",
                "/q/health",
                "/observe/health",
                "/observe/metrics",
            })
    void anUnknownPathIsNotFound(String path) {
        assertThat(problem(api.get(path), 404).path("detail").asText())
                .isEqualTo(
                        "There is nothing at this path; the API has GET /api/cron/maintenance, POST /api/plans,"
                                + " GET /api/plans/{id}, POST /api/plans/{id}/execute, GET /api/plans/{id}/items, GET /api/runs,"
                                + " GET /api/runs/{id}, POST /api/runs/{id}/acknowledge, GET /api/runs/{id}/findings, GET /api/runs/{id}/report.txt.");
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/api/cron/maintenance",
        "PUT,/api/cron/maintenance",
        "PATCH,/api/cron/maintenance",
        "DELETE,/api/cron/maintenance",
        "OPTIONS,/api/cron/maintenance",
        "TRACE,/api/cron/maintenance",
        "POST,/api/runs",
        "DELETE,/api/runs",
        "DELETE,/api/runs/00000000-0000-0000-0000-000000000000",
        "PUT,/api/runs/00000000-0000-0000-0000-000000000000/findings",
        "POST,/api/runs/00000000-0000-0000-0000-000000000000/report.txt"
    })
    void aWrongMethodIsRefusedAndStartsNothing(String method, String path) {
        long before = runs();

        problem(api.call(method, path), 403);
        HttpResponse<String> answer = api.send(
                method, path, "Authorization", "Bearer " + StartedStocktake.SECRET, "Cleanup-Secret", CLEANUP_SECRET);

        problem(answer, 405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET");
        assertThat(runs()).isEqualTo(before);
    }

    @Test
    void headIsRefusedAndStartsNothing() {
        long before = runs();

        HttpResponse<String> answer = api.call("HEAD", MAINTENANCE);

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.body()).isEmpty();
        assertThat(runs()).isEqualTo(before);
    }

    @Test
    void aDatabaseThatIsDownIsSaidInOneSentence() {
        EmbeddedDatabase results = EmbeddedDatabase.start();
        Map<String, String> environment = Assets.empty().environment();
        environment.put("RESULTS_DATABASE_URL", results.create().url());
        try (StartedStocktake serving = StartedStocktake.serving(environment);
                LogLines logs = LogLines.recorded()) {
            Api client = Api.of(serving);
            assertThat(client.get("/api/runs").statusCode()).isEqualTo(200);
            results.close();

            for (String path : List.of("/api/runs", MAINTENANCE)) {
                JsonNode problem = problem(client.get(path, "Accept", "text/plain"), 503);
                assertThat(problem.path("detail").asText())
                        .isEqualTo("The results database cannot be reached or refused the statement; Stocktake's log"
                                + " says why.");
            }
            assertThat(logs.events())
                    .filteredOn(event -> event.getLoggerName().startsWith("dev.stocktake"))
                    .filteredOn(event -> !event.getFormattedMessage().startsWith("Trying again ("))
                    .hasSize(2)
                    .allSatisfy(event -> {
                        assertThat(event.getFormattedMessage())
                                .startsWith("A request failed: ")
                                .contains("the results database", "Details: 127.0.0.1:")
                                .doesNotContain("postgres:postgres");
                        assertThat(event.getThrowableProxy()).isNull();
                    });
        }
    }

    private static List<JsonNode> page(String first, int expected) {
        return page(api, first, expected);
    }

    /** Follows {@code next} to its end, which a wrong one might never reach. */
    private static List<JsonNode> page(Api client, String first, int expected) {
        List<JsonNode> found = new ArrayList<>();
        String next = first;
        while (next != null) {
            HttpResponse<String> answer = client.get(next);
            assertThat(answer.statusCode()).as(next).isEqualTo(200);
            json(answer).path("findings").forEach(found::add);
            assertThat(found).as("findings up to " + next).hasSizeLessThanOrEqualTo(expected);
            next = json(answer).path("next").textValue();
        }
        return found;
    }

    private static List<String> keys(JsonNode findings) {
        return StreamSupport.stream(findings.spliterator(), false)
                .map(finding -> finding.path("storage_key").asText())
                .toList();
    }

    private static Stream<String> countNames() {
        return columns().stream()
                .filter(name -> !List.of(
                                "id",
                                "trigger",
                                "status",
                                "started_at",
                                "finished_at",
                                "bucket",
                                "prefix",
                                "list_requests",
                                "head_requests",
                                "store_retries",
                                "database_retries",
                                "cost",
                                "suspicious",
                                "failure",
                                "remarks",
                                "proof",
                                "trusted",
                                "acknowledged_at",
                                "acknowledged_by",
                                "acknowledged_reason",
                                "foreign_folders",
                                "findings_forgotten_at")
                        .contains(name));
    }

    private static void assertNoCounts(JsonNode run) {
        assertThat(countNames())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(run.get(name).isNull()).as(name).isTrue());
    }

    private static void assertRunning(JsonNode run) {
        assertThat(run.path("status").asText()).isEqualTo("RUNNING");
        assertThat(run.path("trigger").asText()).isEqualTo("http");
        assertThat(run.get("finished_at").isNull()).isTrue();
        assertThat(run.get("failure").isNull()).isTrue();
        assertNoCounts(run);
    }

    private static List<String> columns() {
        return assets.database()
                .sql()
                .sql(
                        "SELECT column_name FROM information_schema.columns"
                                + " WHERE table_schema = 'stocktake' AND table_name = 'run'"
                                // what only Stocktake itself reads again
                                + " AND column_name NOT IN ('store', 'records_database', 'records_query', 'comparing', 'resumed', 'forgetting')")
                .query(String.class)
                .list();
    }

    private static long runs() {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.run")
                .query(Long.class)
                .single();
    }

    private static Instant startOfTheOnlyRun(Assets of) {
        return of.database()
                .sql()
                .sql("SELECT started_at FROM stocktake.run")
                .query(OffsetDateTime.class)
                .single()
                .toInstant()
                .truncatedTo(ChronoUnit.SECONDS);
    }

    private static void put(Assets into, String key, String lastModified) {
        into.store().put(into.bucket(), key, new byte[] {1}, Instant.parse(lastModified));
    }

    private static List<String> inByteOrder(List<String> keys) {
        return keys.stream()
                .sorted((one, other) -> Arrays.compareUnsigned(
                        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8)))
                .toList();
    }
}
