package dev.stocktake.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlansApiTest {
    private static final String CLEANUP_SECRET = "a-secret-for-cleanups";

    private static StartedStocktake stocktake;
    private static Api api;

    @BeforeAll
    static void serve() {
        Assets assets = Assets.empty();
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
    @ValueSource(strings = {"/api/plans", "/api/plans/x/execute"})
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
                "{\"age\": 1}                | had: \"age\"",
                "{\"kind\": \"files\"}        | kind must be orphaned_file or orphaned_record",
                "{\"run\": \"x\"}            | run must be the id",
                "{\"keys\": \"x\"}           | keys must be a list",
                "{\"expected_count\": \"x\"} | expected_count must be a whole number",
            })
    void refusesABodyThatItDoesNotUnderstand(String body, String reason) {
        assertThat(Api.problem(post("/api/plans", body), 400).path("detail").asText())
                .contains(reason);
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
}
