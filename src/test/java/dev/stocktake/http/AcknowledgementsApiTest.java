package dev.stocktake.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcknowledgementsApiTest {
    private static final String CLEANUP_SECRET = "a-secret-for-cleanups";

    private static Assets assets;
    private static StartedStocktake stocktake;
    private static Api api;

    @BeforeAll
    static void serve() {
        assets = Assets.empty().objects("a", "b");
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
    void acknowledgesASuspiciousRunOnce() {
        String run = "/api/runs/" + stocktake.run().id();

        HttpResponse<String> answer = post(run + "/acknowledge", "{\"reason\": \"wird nachgeladen: größer ☃\"}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode shown = Api.json(api.get(run));
        assertThat(Api.json(answer)).isEqualTo(shown);
        assertThat(shown.path("acknowledged_by").asText()).isEqualTo("http");
        assertThat(shown.path("acknowledged_reason").asText()).isEqualTo("wird nachgeladen: größer ☃");
        assertThat(shown.path("acknowledged_at").asText()).matches("20.*Z");
        assertThat(api.get(run + "/report.txt").body()).contains("SUSPICIOUS, but acknowledged by http at 20");
        assertThat(Api.problem(post(run + "/acknowledge", "{\"reason\": \"again\"}"), 409)
                        .path("detail")
                        .asText())
                .contains("is already acknowledged by http at", "wird nachgeladen", "That cannot be changed.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "null",
                "\"why\"",
                "{\"reason\": null}",
                "{\"reason\": 1}",
                "{\"reason\": [\"why\"]}",
                "{\"reason\": \"\"}",
                "{\"reason\": \" \\n\\u00a0\\u200b.\"}",
                "{\"reason\": \"why\\u0000\"}",
                "{\"reason\": \"why\\ud800\"}",
                "{\"reason\": \"why\"} {}",
                "{\"reason\": \"why\", \"reason\": \"why\"}",
                "{\"reason\": \"why\", \"by\": \"me\"}",
                "{\"Reason\": \"why\"}",
                "{\"reason\": \"why\""
            })
    void refusesABodyThatIsNotJustAReason(String body) {
        String run = "/api/runs/" + stocktake.run().id();

        assertThat(Api.problem(post(run + "/acknowledge", body), 400)
                        .path("detail")
                        .asText())
                .contains("reason");
        assertThat(Api.json(api.get(run)).path("acknowledged_at").isNull()).isTrue();
    }

    @Test
    void takesAReasonOf1000CharactersAndNoMore() {
        String run = "/api/runs/" + stocktake.run().id();

        Api.problem(post(run + "/acknowledge", "{\"reason\": \"" + "ä".repeat(1001) + "\"}"), 400);
        assertThat(post(run + "/acknowledge", "{\"reason\": \"" + "ä".repeat(1000) + "\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void knowsNoOtherRun() {
        Api.problem(post("/api/runs/x/acknowledge", "{\"reason\": \"why\"}"), 404);
        Api.problem(post("/api/runs/00000000-0000-0000-0000-000000000000/acknowledge", "{\"reason\": \"why\"}"), 404);
    }

    private static HttpResponse<String> post(String path, String body) {
        return api.post(
                path, body, "Authorization", "Bearer " + StartedStocktake.SECRET, "Cleanup-Secret", CLEANUP_SECRET);
    }
}
