package dev.stocktake.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.LogLines;
import dev.stocktake.settings.Purpose;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BearerGuardTest {
    private static final String SECRET = StartedStocktake.SECRET;
    private static final String RIGHT = "Authorization: Bearer " + SECRET;

    private static Assets assets;
    private static StartedStocktake stocktake;
    private static Api api;

    @BeforeAll
    static void serve(@TempDir Path folder) {
        EditedRoutes routes = EditedRoutes.in(folder).add("extra.camel.yaml", """
                        - route:
                            id: added-outside-of-the-api
                            from:
                              uri: platform-http:/open
                              steps:
                                - setBody:
                                    simple: "reached ${headers}"
                        - route:
                            id: added-to-the-api
                            from:
                              uri: platform-http:/api/open
                              steps:
                                - setBody:
                                    simple: "reached ${headers}"
                        - route:
                            id: added-below
                            from:
                              uri: platform-http:/below
                              parameters:
                                matchOnUriPrefix: true
                              steps:
                                - setBody:
                                    constant: reached
                        """);
        assets = Assets.empty().objects("orphan");
        stocktake = StartedStocktake.start(assets.environment(), routes.folder(), Purpose.SERVE, Clock.systemUTC());
        api = Api.of(stocktake);
    }

    @AfterAll
    static void stop() {
        stocktake.close();
    }

    static Stream<String> wrongCredentials() {
        String changedLast = SECRET.substring(0, SECRET.length() - 1) + "S";
        String changedFirst = "A" + SECRET.substring(1);
        return Stream.of(
                "X-None: none",
                "Authorization:",
                "Authorization: Bearer",
                "Authorization: Bearer ",
                "Authorization: Bearer wrong",
                "Authorization: Bearer null",
                "Authorization: Bearer ***",
                "Authorization: Bearer " + changedLast,
                "Authorization: Bearer " + changedFirst,
                "Authorization: Bearer " + SECRET.substring(1),
                "Authorization: Bearer " + SECRET.substring(0, SECRET.length() - 1),
                "Authorization: Bearer " + SECRET + "x",
                "Authorization: Bearer x" + SECRET,
                "Authorization: Bearer " + SECRET + SECRET,
                "Authorization: Bearer " + SECRET.toUpperCase(Locale.ROOT),
                "Authorization: Bearer " + SECRET + " junk",
                "Authorization: Bearer junk " + SECRET,
                "Authorization: Bearer " + SECRET + ",",
                "Authorization: Bearer " + SECRET + ";",
                "Authorization: Bearer " + SECRET + ", Bearer wrong",
                "Authorization: Bearer wrong, Bearer " + SECRET,
                "Authorization: Bearer \"" + SECRET + "\"",
                "Authorization: Bearer <" + SECRET + ">",
                "Authorization: Bearer " + SECRET + "\u00a0",
                "Authorization: Bearer " + SECRET.replace("-", "%2D"),
                "Authorization: Bearer " + SECRET.replace('-', '\u2010'),
                "Authorization: Bearer=" + SECRET,
                "Authorization: Bearer:" + SECRET,
                "Authorization: Bearer" + SECRET,
                "Authorization: " + SECRET,
                "Authorization: Token " + SECRET,
                "Authorization: Digest " + SECRET,
                "Authorization: Basic " + SECRET,
                "Authorization: Basic " + base64("bearer:" + SECRET),
                "Authorization: Basic " + base64(SECRET),
                "Authorization: Bearer " + base64(SECRET),
                "Authorization: Bearer wrong\r\n" + RIGHT,
                RIGHT + "\r\nAuthorization: Bearer wrong",
                "Authorization:\r\n" + RIGHT,
                "Proxy-" + RIGHT,
                "X-" + RIGHT,
                "Cookie: Authorization=Bearer " + SECRET,
                "Bearer: " + SECRET,
                "CRON_SECRET: " + SECRET);
    }

    @ParameterizedTest
    @MethodSource("wrongCredentials")
    void whateverIsNotTheSecretIsRefused(String headers) {
        try (LogLines logs = LogLines.recordedInFull()) {
            for (String path : List.of("/api/runs", "/api/open", "/x")) {
                assertRefused("GET", path, headers);
            }

            assertThat(logs.everything()).doesNotContain(SECRET);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/x",
                "/open",
                "/open/",
                "/open?x=1",
                "/below/anything",
                "/api",
                "/api/",
                "/api/x",
                "/api/open",
                "/api/runs",
                "/api/runs/",
                "/api/runs/00000000-0000-0000-0000-000000000000",
                "/api/runs/00000000-0000-0000-0000-000000000000/findings",
                "/api/runs/00000000-0000-0000-0000-000000000000/report.txt",
                "/api/cron/maintenance",
                "/API/RUNS",
                "//api/runs",
                "//open",
                "///",
                "/./api/runs",
                "/api/../api/runs",
                "/api/../open",
                "/x/../open",
                "/../open",
                "/x/..%2fopen",
                "/x/%2e%2e/open",
                "/%61pi/runs",
                "/%6fpen",
                "/open%20",
                "/open;x=1",
                "/open%3Fx",
                "/open#x",
                "/\\open",
                "/observe/health",
                "/q/metrics",
                "/api/runs?access_token=" + StartedStocktake.SECRET,
                "/open?Authorization=Bearer%20" + StartedStocktake.SECRET,
                "/api/runs?token=" + StartedStocktake.SECRET,
            })
    void noPathIsReachedWithoutTheSecret(String path) {
        long before = runs();

        for (String method : List.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROBE")) {
            assertRefused(method, path, "X-Probe: x");
        }

        assertThat(runs()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1/open", "http://127.0.0.1/api/runs", "*", "open", "/open\t", "/%zz", "/%"})
    void aMalformedTargetReachesNothing(String target) {
        String answer = api.raw("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        assertThat(answer).matches("(?s)HTTP/1\\.[01] 40[0-9] .*").doesNotContain("reached", "\"runs\"");
    }

    @Test
    void aPreflightOfABrowserIsRefused() {
        assertRefused(
                "OPTIONS",
                "/api/cron/maintenance",
                "Origin: http://elsewhere\r\nAccess-Control-Request-Method: GET\r\n"
                        + "Access-Control-Request-Headers: authorization");
    }

    @Test
    void aRequestOfAnOldVersionNeedsTheSecretToo() {
        assertThat(api.raw("GET /open HTTP/1.0\r\n\r\n"))
                .startsWith("HTTP/1.0 401")
                .doesNotContain("reached");
    }

    @Test
    void anUpgradeToHttp2IsNotTakenUpAndTheSecretIsNeeded() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + stocktake.port() + "/open"));

        for (int attempt = 0; attempt < 2; attempt++) {
            HttpResponse<String> refused = client.send(request.build(), BodyHandlers.ofString());
            assertThat(refused.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            Api.problem(refused, 401);
        }
        HttpResponse<String> answer = client.send(
                request.copy().header("Authorization", "Bearer " + SECRET).build(), BodyHandlers.ofString());
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("reached").doesNotContain(SECRET);
    }

    @Test
    void http2WithoutAskingReachesNothing() {
        // the preface, and the empty settings that follow it
        String answer = api.raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");

        assertThat(answer)
                .startsWith("HTTP/1.1 4")
                .contains("application/problem+json")
                .doesNotContain("reached");
    }

    @Test
    void aSecondRequestOnAConnectionNeedsTheSecretAgain() {
        String answers = api.raw("GET /open HTTP/1.1\r\nHost: x\r\n" + RIGHT + "\r\n\r\n"
                + "GET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        assertThat(answers.split("reached ", -1)).hasSize(2);
        assertThat(answers).startsWith("HTTP/1.1 200").contains("HTTP/1.1 401");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer " + StartedStocktake.SECRET,
                "authorization: bearer " + StartedStocktake.SECRET,
                "AUTHORIZATION: BEARER   " + StartedStocktake.SECRET + "  ",
            })
    void theSecretOpensEveryPath(String header) {
        for (String path : List.of("/open", "/api/open", "/below/x")) {
            assertThat(request("GET", path, header)).startsWith("HTTP/1.1 200").contains("reached");
        }
        assertThat(request("GET", "/api/runs", header)).startsWith("HTTP/1.1 200");
    }

    @Test
    void aRouteCannotSeeTheSecret() {
        for (String path : List.of("/open", "/api/open")) {
            HttpResponse<String> answer = api.get(path, "X-Probe", "seen");

            assertThat(answer.body())
                    .contains("reached", "seen")
                    .doesNotContain(SECRET)
                    .doesNotContainIgnoringCase("authorization", "bearer");
            assertThat(answer.headers().toString()).doesNotContain(SECRET);
        }
    }

    @Test
    void noAnswerAndNoLogShowsTheSecret() {
        try (LogLines logs = LogLines.recordedInFull()) {
            List<HttpResponse<String>> answers = new ArrayList<>();
            answers.add(api.get("/api/cron/maintenance"));
            answers.add(api.get("/api/cron/maintenance", "Accept", "text/plain"));
            String id = Api.json(answers.get(0)).path("id").asText();
            for (String path : List.of(
                    "/api/runs",
                    "/api/runs?limit=x",
                    "/api/runs/" + id,
                    "/api/runs/" + id + "/findings",
                    "/api/runs/" + id + "/findings?kind=x",
                    "/api/runs/" + id + "/report.txt",
                    "/api/runs/x",
                    "/x",
                    "/open")) {
                answers.add(api.get(path));
            }
            answers.add(api.call("POST", "/api/runs"));
            answers.add(api.call("OPTIONS", "/api/runs"));
            answers.add(api.call("TRACE", "/x"));

            assertThat(answers)
                    .allSatisfy(answer ->
                            assertThat(answer.body() + answer.headers()).doesNotContain(SECRET));
            assertThat(logs.everything())
                    .as("that logs are recorded at all")
                    .contains("File exists but no DB record: orphan")
                    .doesNotContain(SECRET);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /open",
                "HEAD /open",
                "GET /api/plans/00000000-0000-0000-0000-000000000000",
                "POST /open",
                "POST /x",
                "post /open",
                "Get /open",
                "OPTIONS *",
                "TRACE /open",
            })
    void aCleanupSecretIsRefusedWhereThereIsNone(String request) {
        int space = request.indexOf(' ');

        for (String header : List.of("Cleanup-Secret: " + SECRET, "Cleanup-Secret:", "cleanup-secret: null")) {
            assertThat(request(request.substring(0, space), request.substring(space + 1), RIGHT + "\r\n" + header))
                    .matches("(?s)HTTP/1\\.1 40[0-9] .*")
                    .doesNotContain("reached", SECRET);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/cron/maintenance",
                "/api/runs",
                "/api/runs?limit=x",
                "/api/runs/00000000-0000-0000-0000-000000000000",
                "/x",
            })
    void theAnswerEchoesNoHeaderOfTheRequest(String path) {
        HttpResponse<String> answer = api.get(
                path, "X-Probe", "probe-value", "Cookie", "session=probe-value", "Origin", "http://probe-value");

        assertThat(answer.headers().map().keySet())
                .allSatisfy(name -> assertThat(name)
                        .isIn("content-type", "content-length", "transfer-encoding", "location", "allow"));
        assertThat(answer.headers().toString()).doesNotContain("probe-value");
        assertThat(answer.body()).doesNotContain("probe-value");
    }

    /** Checks that a request got nothing but the way to authenticate. */
    private static void assertRefused(String method, String path, String headers) {
        String answer = request(method, path, headers);
        int end = answer.indexOf("\r\n\r\n");
        assertThat(end).as(method + " " + path + ": " + answer).isPositive();
        String head = answer.substring(0, end);
        assertThat(head).as(method + " " + path).startsWith("HTTP/1.1 401 ");
        assertThat(head.lines())
                .anySatisfy(line -> assertThat(line).isEqualToIgnoringCase("WWW-Authenticate: Bearer"))
                .anySatisfy(line -> assertThat(line).isEqualToIgnoringCase("Content-Type: application/problem+json"));
        assertThat(answer)
                .doesNotContain("reached", "Access-Control-", "\"runs\"")
                .doesNotContain(SECRET);
        String body = answer.substring(end + 4);
        if (method.equals("HEAD")) {
            assertThat(body).isEmpty();
        } else {
            JsonNode problem = Api.json(body);
            assertThat(problem.path("type").asText()).isEqualTo("about:blank");
            assertThat(problem.path("title").asText()).isEqualTo("Unauthorized");
            assertThat(problem.path("status").asInt()).isEqualTo(401);
            assertThat(problem.path("detail").asText()).contains("CRON_SECRET");
        }
    }

    private static String request(String method, String path, String headers) {
        return api.raw(method + " " + path
                + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n" + headers + "\r\n\r\n");
    }

    private static long runs() {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.run")
                .query(Long.class)
                .single();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
