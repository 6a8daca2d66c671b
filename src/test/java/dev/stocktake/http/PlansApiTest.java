package dev.stocktake.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.PlanOrder;
import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.storage.ClaimObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlansApiTest {
    private static final String CLEANUP_SECRET = "a-secret-for-cleanups";

    private static Assets assets;
    private static StartedStocktake stocktake;
    private static Api api;

    @BeforeAll
    static void serve() {
        assets = Assets.empty();
        List<String> matched =
                IntStream.range(0, 30).mapToObj(i -> "matched-" + i).toList();
        assets.objects(matched).records(matched).objects("orphan-a", "orphan-b");
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_SECRET", CLEANUP_SECRET);
        environment.put("CLEANUP_MIN_SIGHTINGS", "1");
        environment.put("CLEANUP_MAX_RATIO", "50%");
        stocktake = StartedStocktake.serving(environment);
        api = Api.of(stocktake);
        stocktake.run();
        assets.backdateFindings();
    }

    @AfterAll
    static void stop() {
        stocktake.close();
    }

    @Test
    void plansShowsAndExecutes() {
        HttpResponse<String> made = post("/api/plans", "{\"prefix\": \"orphan-a\"}");

        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        JsonNode plan = Api.json(made);
        assertThat(plan.path("items").asLong()).isOne();
        assertThat(plan.path("left_out").path("too_young").asLong()).isZero();
        assertThat(plan.path("left_out").path("no_room").asLong()).isZero();
        assertThat(plan.path("left_out").has("no_room")).isTrue();
        String address = made.headers().firstValue("Location").orElseThrow();

        HttpResponse<String> taken =
                post(address + "/execute", "{\"hash\": \"" + plan.path("hash").asText() + "\"}");

        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Api.json(api.get(address)).path("ended").asBoolean());
        JsonNode ended = Api.json(api.get(address));
        assertThat(ended.path("done").asLong()).isOne();
        assertThat(ended.path("audit_head").path("number").asLong()).isPositive();
        assertThat(ended.path("audit_head").path("hash").asText()).matches("[0-9a-f]{64}");
        assertThat(stocktake
                        .application()
                        .actions()
                        .verify(ended.path("audit_head").path("hash").asText())
                        .kept())
                .isPresent();
        Api.problem(
                post(address + "/execute", "{\"hash\": \"" + plan.path("hash").asText() + "\"}"), 409);
    }

    @Test
    void theFirstExecutionTakesTheClaimOfTheBucketAndNamesTheRecordsDatabase() {
        byte[] claim = assets.store()
                .client()
                .getObjectAsBytes(request -> request.bucket(assets.bucket()).key(ClaimObject.KEY))
                .asByteArray();
        assets.store().delete(assets.bucket(), ClaimObject.KEY);
        try {
            JsonNode plan = Api.json(post("/api/plans", "{\"prefix\": \"orphan-c\"}"));
            String address = "/api/plans/" + plan.path("id").asText() + "/execute";
            String hash = "{\"hash\": \"" + plan.path("hash").asText() + "\"";
            assertThat(plan.path("records_database").asText())
                    .endsWith("/" + assets.database().name());

            assertThat(Api.problem(post(address, hash + "}"), 409).toString())
                    .contains("no other database may reference files there", "--claim " + assets.bucket());
            assertThat(Api.problem(post(address, hash + ", \"claim\": \"another\"}"), 409)
                            .toString())
                    .contains("The claim must name the bucket");
            assertThat(assets.objectKeys()).doesNotContain(ClaimObject.KEY);

            HttpResponse<String> taken = post(address, hash + ", \"claim\": \"" + assets.bucket() + "\"}");

            assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
            assertThat(assets.objectKeys()).contains(ClaimObject.KEY);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> Api.json(api.get(address.replace("/execute", "")))
                            .path("ended")
                            .asBoolean());
        } finally {
            assets.store().put(assets.bucket(), ClaimObject.KEY, claim);
        }
    }

    @Test
    void showsWhatAPlanHoldsAPageAtATime() {
        JsonNode plan = Api.json(post("/api/plans", "{}"));
        String address = "/api/plans/" + plan.path("id").asText() + "/items";

        JsonNode first = Api.json(api.get(address + "?limit=1"));
        JsonNode second = Api.json(api.get(first.path("next").asText()));

        List<String> keys = new ArrayList<>();
        for (JsonNode page : List.of(first, second)) {
            page.path("items").forEach(item -> keys.add(item.path("storage_key").asText()));
        }
        assertThat(keys).contains("orphan-b").isSorted().hasSize((int)
                plan.path("items").asLong());
        Api.problem(api.get(address + "?after=x"), 400);
        Api.problem(api.get(address + "?limit=1001"), 400);
    }

    @Test
    void executesNothingWithoutThePlansOwnHash() {
        JsonNode plan = Api.json(post("/api/plans", "{\"prefix\": \"orphan-b\"}"));
        String address = "/api/plans/" + plan.path("id").asText();

        for (String body : List.of("", "{}", "{\"hash\": \"\"}", "{\"hash\": \"0000\"}")) {
            Api.problem(post(address + "/execute", body), 409);
        }
        assertThat(Api.json(api.get(address)).path("confirmed").asBoolean()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/plans", "/api/plans/x/execute", "/api/runs/x/acknowledge"})
    void takesTheCleanupSecretAndTheOtherOne(String path) {
        Api.problem(api.call("POST", path), 403);
        Api.problem(api.send("POST", path, "Cleanup-Secret", CLEANUP_SECRET), 401);
        Api.problem(
                api.send(
                        "POST",
                        path,
                        "Authorization",
                        "Bearer " + StartedStocktake.SECRET,
                        "Cleanup-Secret",
                        StartedStocktake.SECRET),
                403);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]                          | must be a JSON object",
                "{                           | must be a JSON object",
                "null                        | must be a JSON object",
                "{} {}                       | must be a JSON object, and nothing behind it",
                "{}]                         | must be a JSON object, and nothing behind it",
                "{\"prefix\": \"orphan\"} x   | must be a JSON object, and nothing behind it",
                "{} //                       | must be a JSON object, and nothing behind it",
                "{\"prefix\": NaN}           | must be a JSON object",
                "{'prefix': \"orphan\"}      | must be a JSON object",
                "{\"age\": 1}                | had: \"age\"",
                "{\"Prefix\": \"orphan\"}    | had: \"Prefix\"",
                "{\"permanently\": true}     | had: \"permanently\"",
                "{\"kind\": \"files\"}        | kind must be orphaned_file or orphaned_record",
                "{\"kind\": [\"orphaned_file\"]} | kind must be orphaned_file or orphaned_record, was: [",
                "{\"kind\": null}            | kind must be orphaned_file or orphaned_record, was: null",
                "{\"run\": \"x\"}            | run must be the id of a run, was: \"x\"",
                "{\"run\": \"1-1-1-1-1\"}    | run must be the id of a run",
                "{\"run\": 1}                | run must be the id of a run, was: 1",
                "{\"prefix\": [\"orphan\"]}   | prefix must be a string, was: [\"orphan\"]",
                "{\"prefix\": {}}            | prefix must be a string, was: {}",
                "{\"prefix\": null}          | prefix must be a string, was: null",
                "{\"prefix\": 1}             | prefix must be a string, was: 1",
                "{\"prefix\": \"a\", \"prefix\": \"b\"} | prefix must be given once",
                "{\"prefix\": \"a\", \"pre\\u0066ix\": \"b\"} | prefix must be given once",
                "{\"prefix\": \"\\u0000\"}    | prefix must be text without U+0000",
                "{\"prefix\": \"\\ud800\"}    | prefix must be text without U+0000 and without half of a surrogate",
                "{\"prefix\": \"\\udc00\\ud800\"} | prefix must be text without U+0000 and without half",
                "{\"keys\": \"x\"}           | keys must be a list",
                "{\"keys\": {\"0\": \"x\"}}    | keys must be a list",
                "{\"keys\": [1]}             | keys must be a list of storage keys, was: [1]",
                "{\"keys\": [null]}          | keys must be a list of storage keys",
                "{\"keys\": [\"\"]}           | keys must be a list of storage keys",
                "{\"keys\": [[\"orphan-a\"]]} | keys must be a list of storage keys",
                "{\"keys\": [\"a\\u0000\"]}   | keys must be text without U+0000",
                "{\"keys\": [{\"storage_key\": \"a\", \"record_id\": \"1\"}]} | keys must be a list of storage keys",
                "{\"kind\": \"orphaned_record\", \"keys\": [\"a\"]} | keys must be a list of objects with storage_key",
                "{\"kind\": \"orphaned_record\", \"keys\": [{\"storage_key\": \"a\", \"record_id\": 1}]} | keys must be",
                "{\"kind\": \"orphaned_record\", \"keys\": [{\"storage_key\": \"a\"}]} | keys must be a list of objects",
                "{\"kind\": \"orphaned_record\", \"keys\": [{\"storage_key\": \"a\", \"record_id\": \"1\", \"x\": \"\"}]}"
                        + " | and nothing else",
                "{\"kind\": \"orphaned_record\", \"keys\": [{\"storage_key\": \"a\", \"storage_key\": \"b\"}]}"
                        + " | keys must not have a name twice",
                "{\"expected_count\": \"x\"} | expected_count must be a whole number",
                "{\"expected_count\": \"1\"} | expected_count must be a whole number",
                "{\"expected_count\": -1}    | expected_count must be a whole number",
                "{\"expected_count\": 1.0}   | expected_count must be a whole number",
                "{\"expected_count\": 1e0}   | expected_count must be a whole number",
                "{\"expected_count\": null}  | expected_count must be a whole number",
                "{\"expected_count\": 18446744073709551617} | from 0 to 9223372036854775807, was: 18446744073709551617",
                "{\"expected_count\": 9223372036854775808}  | from 0 to 9223372036854775807, was: 9223372036854775808",
                "{\"expected_count\": 1e999999999} | expected_count must be a whole number",
                "{\"prefix\": 1, \"run\": 2, \"expected_count\": \"3\", \"x\": 4}"
                        + " | had: \"x\"; run must be the id of a run, was: 2; prefix must be a string, was: 1; expected_count",
            })
    void refusesABodyThatItDoesNotUnderstand(String body, String reason) {
        long before = plans();

        assertThat(Api.problem(post("/api/plans", body), 400).path("detail").asText())
                .contains(reason)
                .doesNotContain("127.0.0.1");

        assertThat(plans()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u00ff",
                "{\"prefix\": \"\u00c0\u00af\"}",
                "{\"prefix\": \"\u00ed\u00a0\u0080\"}",
                "\u00ff\u00fe{\0}\0"
            })
    void refusesABodyThatIsNotUtf8(String bytes) {
        String answer = raw(bytes, "Content-Type: application/json");

        assertThat(answer).startsWith("HTTP/1.1 400").contains("The body must be JSON in UTF-8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "text/plain",
                "application/json; charset=utf-16",
                "application/json; charset=no-such",
                "application/json, text/plain",
            })
    void refusesABodyThatIsNotJson(String type) {
        assertThat(raw("{}", "Content-Type: " + type))
                .startsWith("HTTP/1.1 415")
                .contains("application/problem+json");
    }

    @Test
    void takesNoParameterForAMemberOfTheBody() {
        assertThat(Api.problem(post("/api/plans?prefix=orphan-a", "{}"), 400)
                        .path("detail")
                        .asText())
                .isEqualTo("there are no parameters here, was: \"prefix\"");
        Api.problem(api.get("/api/plans/" + planned().path("id").asText() + "?hash=1"), 400);
    }

    @Test
    void showsThePlansHashOnlyToThoseWhoMayHaveItExecuted() {
        JsonNode plan = planned();
        String address = "/api/plans/" + plan.path("id").asText();
        String hash = plan.path("hash").asText();

        assertThat(hash).hasSize(64);
        assertThat(Api.json(get(address, CLEANUP_SECRET)).path("hash").asText()).isEqualTo(hash);
        Api.problem(get(address, StartedStocktake.SECRET), 403);
        Api.problem(get(address, ""), 403);
        List<HttpResponse<String>> others = new ArrayList<>();
        others.add(api.get(address));
        others.add(api.get(address + "/items"));
        for (String name : List.of(
                "CamelVertxPlatformHttpAuthenticatedUser",
                "camelvertxplatformhttpauthenticateduser",
                "CAMELVERTXPLATFORMHTTPAUTHENTICATEDUSER",
                "Camel-Vertx-Platform-Http-Authenticated-User",
                "may_clean_up",
                "user")) {
            for (String value : List.of("true", "{\"may_clean_up\":true}", "may_clean_up")) {
                others.add(api.get(address, name, value));
                Api.problem(api.get(address + "?" + name + "=true"), 400);
            }
        }
        assertThat(others).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).doesNotContain(hash);
            assertThat(Api.json(answer).has("hash")).isFalse();
        });
        assertThat(api.get("/api/runs").body()).doesNotContain(hash);
    }

    @Test
    void whatDeletesForGoodSaysSoAndTakesTheBucketsName() {
        assets.objects("permanent-1");
        Plan permanent = madeOnTheCommandLine("permanent-1", true);
        String address = "/api/plans/" + permanent.id();
        String hash = "\"hash\": \"" + permanent.hash() + "\"";

        assertThat(Api.json(api.get(address)).path("permanent").asBoolean()).isTrue();
        for (String bucket : List.of("", ", \"bucket\": \"\"", ", \"bucket\": \"" + assets.bucket() + "x\"")) {
            assertThat(Api.problem(post(address + "/execute", "{" + hash + bucket + "}"), 409)
                            .path("detail")
                            .asText())
                    .contains("for good", "\"" + assets.bucket() + "\"");
        }
        Api.problem(post(address + "/execute", "{\"bucket\": \"" + assets.bucket() + "\"}"), 409);
        assertThat(Api.json(api.get(address)).path("confirmed").asBoolean()).isFalse();
        assertThat(assets.objectKeys()).contains("permanent-1");

        HttpResponse<String> taken =
                post(address + "/execute", "{" + hash + ", \"bucket\": \"" + assets.bucket() + "\"}");

        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
        assertThat(Api.json(taken).path("permanent").asBoolean()).isTrue();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Api.json(api.get(address)).path("ended").asBoolean());
        assertThat(assets.objectKeys()).doesNotContain("permanent-1");
    }

    @Test
    void whatCanBeBroughtBackSaysThatToo() {
        assets.objects("quarantined-1");
        Plan plan = madeOnTheCommandLine("quarantined-1", false);
        String address = "/api/plans/" + plan.id();
        JsonNode shown = Api.json(get(address, CLEANUP_SECRET));

        assertThat(shown.get("permanent").isBoolean()).isTrue();
        assertThat(shown.path("permanent").asBoolean()).isFalse();
        assertThat(shown.path("hash").asText()).isEqualTo(plan.hash());
        assertThat(Api.problem(
                                post(
                                        address + "/execute",
                                        "{\"hash\": \"" + plan.hash() + "\", \"bucket\": \"another\"}"),
                                409)
                        .path("detail")
                        .asText())
                .contains("another");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"hash\": 1}                  | hash must be a string",
                "{\"hash\": null}               | hash must be a string",
                "{\"hash\": \"\\u0000\"}         | hash must be text without U+0000",
                "{\"hash\": \"1\", \"hash\": \"2\"} | hash must be given once",
                "{\"hash\": \"1\", \"bucket\": []} | bucket must be a string, was: []",
                "{\"force\": true}              | the body may have hash, bucket, claim, and had: \"force\"",
                "{\"hash\": \"1\"} {}            | nothing behind it",
                "[\"hash\"]                     | must be a JSON object",
            })
    void refusesAConfirmationThatItDoesNotUnderstand(String body, String reason) {
        String address = "/api/plans/" + planned().path("id").asText();

        assertThat(Api.problem(post(address + "/execute", body), 400)
                        .path("detail")
                        .asText())
                .contains(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "after=-1",
                "after=1.5",
                "after=%2B1",
                "after=99999999999999999999",
                "limit=0",
                "limit=1&limit=1",
                "after=%00",
                "limt=1"
            })
    void refusesAWrongParameterOfItems(String query) {
        String parameter = query.replaceFirst("=.*", "");

        assertThat(Api.problem(api.get("/api/plans/" + planned().path("id").asText() + "/items?" + query), 400)
                        .path("detail")
                        .asText())
                .contains(parameter);
    }

    @Test
    void answersARefusalWithItsReasons() {
        assertThat(Api.problem(post("/api/plans", "{\"keys\": [\"matched-1\"]}"), 409)
                        .path("detail")
                        .asText())
                .contains("\"matched-1\"")
                .contains("it may be live");
        Api.problem(api.get("/api/plans/x"), 404);
        Api.problem(api.get("/api/plans/00000000-0000-0000-0000-000000000000"), 404);
    }

    private static HttpResponse<String> post(String path, String body) {
        return api.post(
                path, body, "Authorization", "Bearer " + StartedStocktake.SECRET, "Cleanup-Secret", CLEANUP_SECRET);
    }

    private static HttpResponse<String> get(String path, String cleanupSecret) {
        return api.get(path, "Cleanup-Secret", cleanupSecret);
    }

    private static JsonNode planned() {
        return Api.json(post("/api/plans", "{\"prefix\": \"orphan-b\"}"));
    }

    private static Plan madeOnTheCommandLine(String key, boolean permanently) {
        stocktake.run();
        assets.backdateFindings();
        return stocktake
                .application()
                .plan(new PlanOrder(
                        Optional.empty(),
                        Kind.ORPHANED_FILE,
                        permanently,
                        key,
                        Optional.empty(),
                        OptionalLong.empty(),
                        false,
                        false,
                        Optional.empty(),
                        "somebody"))
                .plan();
    }

    private static long plans() {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.plan")
                .query(Long.class)
                .single();
    }

    /** Asks for a plan with these bytes, one for each character. */
    private static String raw(String bytes, String header) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), stocktake.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(("POST /api/plans HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                                    + StartedStocktake.SECRET + "\r\nCleanup-Secret: " + CLEANUP_SECRET + "\r\n"
                                    + header
                                    + "\r\nContent-Length: " + bytes.length() + "\r\n\r\n" + bytes)
                            .getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
