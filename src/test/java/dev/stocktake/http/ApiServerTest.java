package dev.stocktake.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.LogLines;
import dev.stocktake.settings.Secret;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server allows a client before any route is asked. */
class ApiServerTest {
    private static final ServerLimits LIMITS =
            new ServerLimits(Duration.ofMillis(600), Duration.ofMillis(1500), 20, 100_000);

    private static final String HEAD =
            " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + StartedStocktake.SECRET + "\r\n";

    private static ApiServer server;
    private static int port;
    private static volatile CountDownLatch answer = new CountDownLatch(0);

    @BeforeAll
    static void serve() throws IOException {
        server = new ApiServer(
                new BearerGuard(Secret.of(StartedStocktake.SECRET), Optional.of(Secret.of("a-secret-for-cleanups"))),
                LIMITS);
        server.router().get("/quick").handler(context -> end(context, "quick"));
        server.router().get("/slow").blockingHandler(context -> {
            try {
                answer.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            end(context, "slow");
        });
        server.router()
                .post("/body")
                .handler(server.router().bodyHandler())
                .handler(context -> end(context, "length " + context.body().length()));
        server.router().get("/broken").handler(context -> {
            throw new IllegalStateException("for the log only");
        });
        server.listen("127.0.0.1", 0);
        port = server.port();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "G",
                "\r\n",
                "GET /quick HTTP/1.1",
                "GET /quick HTTP/1.1\r\nHost: x\r\n",
                "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345",
                "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
                "PRI * HTTP/2.0\r\n",
            })
    void halfARequestIsNotWaitedForLong(String half) throws IOException {
        try (Socket socket = connect()) {
            write(socket, half);

            assertThat(millisUntilClosed(socket)).isBetween(400L, 5_000L);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /quick HTTP/1.1\r\nX-Long: ",
                "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n",
                "\r\n"
            })
    void aRequestThatComesDropByDropIsNotWaitedForEither(String start) throws IOException {
        try (Socket socket = connect()) {
            write(socket, start);

            assertThat(millisUntilClosedWhileDripping(socket)).isBetween(400L, 5_000L);
        }
    }

    @Test
    void theSecondRequestOfAConnectionIsNotWaitedForLongerThanTheFirst() throws IOException {
        try (Socket socket = connect()) {
            write(socket, "GET /quick" + HEAD + "\r\n");
            readUntil(socket, "quick");
            write(socket, "GET /quick HTTP/1.1\r\nX-Long: ");

            assertThat(millisUntilClosedWhileDripping(socket)).isBetween(400L, 1_400L);
        }
    }

    @Test
    void aConnectionOnWhichNothingIsAskedIsClosed() throws IOException {
        try (Socket socket = connect()) {
            write(socket, "GET /quick" + HEAD + "\r\n");
            readUntil(socket, "quick");

            assertThat(millisUntilClosed(socket)).isBetween(1_200L, 10_000L);
        }
    }

    @Test
    void whoeverIsAnsweredBeforeTheirBodyIsThereIsNotWaitedForEither() throws IOException {
        try (Socket socket = connect()) {
            write(socket, "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1");
            readUntil(socket, "401");
            write(socket, "2");
            readUntil(socket, "\n");

            assertThat(millisUntilClosed(socket)).isLessThan(10_000L);
        }
    }

    @Test
    void anAnswerMayTakeLongerThanAnyRequest() throws Exception {
        answer = new CountDownLatch(1);
        try (Socket socket = connect()) {
            Instant asked = Instant.now();
            // and half of the next request, which is not read meanwhile
            write(socket, "GET /slow" + HEAD + "\r\nGET /quick HTTP/1.1\r\nHo");
            Thread answering = new Thread(() -> {
                while (Duration.between(asked, Instant.now())
                                .compareTo(LIMITS.idle().plus(LIMITS.wholeRequest()))
                        < 0) {
                    Thread.onSpinWait();
                }
                answer.countDown();
            });
            answering.start();

            readUntil(socket, "slow");
            answering.join();
        }
    }

    @Test
    void noMoreConnectionsAreOpenThanMayBe() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try (LogLines logs = LogLines.recorded()) {
            for (int i = 0; i < LIMITS.connections(); i++) {
                sockets.add(connect());
                write(sockets.get(i), "GET /quick" + HEAD + "\r\n");
                readUntil(sockets.get(i), "quick");
            }
            for (int i = 0; i < 5; i++) {
                try (Socket tooMany = connect()) {
                    assertThat(millisUntilClosed(tooMany)).isLessThan(500L);
                }
            }
            assertThat(logs.with("20 connections are open")).hasSize(1);
            // the others can go on
            write(sockets.get(0), "GET /quick" + HEAD + "\r\n");
            readUntil(sockets.get(0), "quick");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void whatIsRefusedIsAProblemAndNoFaultInTheLog() {
        try (LogLines logs = LogLines.recorded()) {
            String secrets = HEAD + "Cleanup-Secret: a-secret-for-cleanups\r\nConnection: close\r\n";
            String many = "x".repeat(9_000);
            assertProblem(400, "GET /quick" + HEAD + "No colon\r\n\r\n");
            assertProblem(400, "GET /quick" + HEAD + "Bad name : x\r\n\r\n");
            assertProblem(400, "NONSENSE\r\n\r\n");
            assertProblem(400, "GET /quick HTTP/1.1\r\nConnection: close\r\n\r\n");
            assertProblem(400, "GET /quick HTTP/one\r\nHost: x\r\n\r\n");
            assertProblem(400, "POST /body" + secrets + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx");
            assertProblem(400, "POST /body" + secrets + "Content-Length: -1\r\n\r\n");
            assertProblem(400, "POST /body" + secrets + "Content-Length: x\r\n\r\n");
            assertProblem(400, "GET /%zz" + HEAD + "Connection: close\r\n\r\n");
            assertProblem(400, "GET /quick HTTP/2.0\r\nHost: x\r\n\r\n");
            assertProblem(400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            assertProblem(400, "GET /quick" + HEAD + "Host: y\r\n\r\n");
            assertProblem(400, "GET /quick" + HEAD + "Connection: close\r\nContent-Type: ;;;=\"\r\n\r\n");
            assertProblem(400, "POST /body" + secrets + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n");
            assertProblem(400, "POST /body" + secrets + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n");
            assertProblem(
                    400,
                    "POST /body" + secrets + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"
                            + "GET /quick" + HEAD + "\r\n");
            assertProblem(501, "POST /body" + secrets + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
            assertProblem(401, "GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertProblem(403, "POST /quick" + HEAD + "Connection: close\r\nContent-Length: 0\r\n\r\n");
            assertProblem(404, "GET /x" + HEAD + "Connection: close\r\n\r\n");
            assertProblem(405, "DELETE /quick" + secrets + "\r\n");
            assertProblem(413, "POST /body" + secrets + "Content-Length: 100001\r\n\r\n" + "x".repeat(100_001));
            assertProblem(
                    413,
                    "POST /body" + secrets + "Transfer-Encoding: chunked\r\n\r\n"
                            + ("2710\r\n" + "x".repeat(10_000) + "\r\n").repeat(11) + "0\r\n\r\n");
            assertProblem(414, "GET /" + many + HEAD + "\r\n");
            assertProblem(431, "GET /quick" + HEAD + "X-Long: " + many + "\r\n\r\n");
            assertThat(logs.events()).isEmpty();

            assertProblem(500, "GET /broken" + HEAD + "Connection: close\r\n\r\n");
            assertThat(logs.events()).singleElement().satisfies(event -> {
                assertThat(event.getFormattedMessage()).isEqualTo("A request failed");
                assertThat(event.getThrowableProxy().getMessage()).isEqualTo("for the log only");
            });
        }
    }

    @Test
    void whoeverGoesAwayInTheMiddleLeavesNoFaultInTheLog() throws IOException {
        try (LogLines logs = LogLines.recorded()) {
            for (String request : List.of(
                    "GET /quick HTTP/1.1\r\nHo",
                    "POST /body" + HEAD + "Cleanup-Secret: a-secret-for-cleanups\r\nContent-Length: 10\r\n\r\n12345",
                    "POST /body" + HEAD
                            + "Cleanup-Secret: a-secret-for-cleanups\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123",
                    "GET /slow" + HEAD + "\r\n")) {
                try (Socket socket = connect()) {
                    socket.setSoLinger(true, 0);
                    write(socket, request);
                    // the answer on another connection comes after that was read
                    assertThat(raw("GET /quick" + HEAD + "Connection: close\r\n\r\n"))
                            .contains("quick");
                }
            }
            assertThat(raw("GET /quick" + HEAD + "Connection: close\r\n\r\n")).contains("quick");

            assertThat(logs.events()).isEmpty();
        }
    }

    @Test
    void aBodyThatFitsIsTaken() {
        assertThat(raw("POST /body" + HEAD
                        + "Cleanup-Secret: a-secret-for-cleanups\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n"
                        + "x".repeat(100_000)))
                .contains("length 100000");
    }

    @Test
    void whileItStopsItSaysSoRatherThanThatThereIsNothing() throws IOException {
        try (ApiServer stopping =
                new ApiServer(new BearerGuard(Secret.of(StartedStocktake.SECRET), Optional.empty()), LIMITS)) {
            stopping.listen("127.0.0.1", 0);
            stopping.stop();

            assertThat(raw(stopping.port(), "GET /x" + HEAD + "Connection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("\r\nRetry-After: 10\r\n")
                    .contains("application/problem+json");
            assertThat(raw(stopping.port(), "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 401 ");
        }
    }

    private static void end(RoutingContext context, String content) {
        var unused = context.end(content);
    }

    private static void assertProblem(int status, String request) {
        String answered = raw(request);
        String shown = request.substring(0, Math.min(200, request.length()));
        assertThat(answered)
                .as(shown)
                .matches("(?s)HTTP/1\\.[01] " + status + " .*")
                .contains("application/problem+json");
        String body = answered.substring(answered.indexOf("\r\n\r\n") + 4);
        assertThat(Api.json(body).path("status").asInt()).as(shown).isEqualTo(status);
        assertThat(Api.json(body).path("title").asText()).as(shown).isNotBlank();
        assertThat(Api.json(body).path("detail").asText())
                .as(shown)
                .isNotBlank()
                .doesNotContain("Exception", "for the log only");
    }

    private static String raw(String request) {
        return raw(port, request);
    }

    private static String raw(int at, String request) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), at)) {
            socket.setSoTimeout(30_000);
            write(socket, request);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new AssertionError(request.substring(0, Math.min(200, request.length())), failure);
        }
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void readUntil(Socket socket, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        InputStream input = socket.getInputStream();
        while (read.indexOf(text) < 0) {
            int next = input.read();
            assertThat(next).as("after " + read).isNotNegative();
            read.append((char) next);
        }
    }

    private static long millisUntilClosed(Socket socket) {
        Instant start = Instant.now();
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException reset) {
            // as good as closed
        }
        return Duration.between(start, Instant.now()).toMillis();
    }

    private static long millisUntilClosedWhileDripping(Socket socket) throws IOException {
        Instant start = Instant.now();
        socket.setSoTimeout(50);
        while (Duration.between(start, Instant.now()).toSeconds() < 20) {
            try {
                write(socket, "x");
                if (socket.getInputStream().read() < 0) {
                    break;
                }
            } catch (SocketTimeoutException open) {
                // the next drop
            } catch (IOException reset) {
                break;
            }
        }
        return Duration.between(start, Instant.now()).toMillis();
    }
}
