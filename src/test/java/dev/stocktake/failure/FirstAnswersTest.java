package dev.stocktake.failure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.database.Databases;
import dev.stocktake.failure.FirstAnswers.Side;
import dev.stocktake.failure.FirstAnswers.SilenceException;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.run.LogLines;
import dev.stocktake.settings.DatabaseUrl;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.Settings;
import dev.stocktake.storage.StoreClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

/** What is taken for silence, and what is said of it, by asking servers that are not what the settings say. */
class FirstAnswersTest {
    private static final Duration SHORT = Duration.ofSeconds(2);

    /** More than any machine needs for what does answer. */
    private static final Duration LONG = Duration.ofMinutes(2);

    private static final String HTML =
            "<!DOCTYPE html><html><head><meta charset=utf-8></head><body>Hello</body></html>";

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Explanation explanation = new Explanation("the bucket", "records-host", "reader", "results-host");
    private final FirstAnswers firstAnswers = opened(
            new FirstAnswers(explanation, Clock.fixed(Instant.parse("2024-01-15T03:00:00.900Z"), ZoneOffset.UTC)));
    private final LogLines logs = opened(LogLines.recorded());

    @AfterEach
    void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://no-such-host.invalid",
                "http://127.0.0.1:1",
                "http silent",
                "https silent",
                "http closing",
                "https plain",
                "http tls",
                "http html",
                "http xhtml"
            })
    void whatIsNoStoreGivesNoAnswer(String endpoint) throws IOException {
        firstAnswers.ask(Side.STORE, SHORT, () -> list(endpoint));

        assertThat(catchThrowable(firstAnswers::refuseSilence))
                .isInstanceOf(SilenceException.class)
                .hasMessageStartingWith("The store ")
                .hasMessageContainingAll("S3_ENDPOINT", " Tried for 2 s. Details: the bucket: ");
        assertThat(firstAnswers.isWell(Side.STORE)).isFalse();
        assertThat(logs.with("No answer yet from the store, which is tried for 2 s, until 2024-01-15T03:00:02Z"))
                .hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void whatWouldBeRightIsSaid() throws IOException {
        firstAnswers.ask(Side.STORE, SHORT, () -> list("https plain"));

        assertThat(catchThrowable(firstAnswers::refuseSilence))
                .hasMessageContaining("S3_ENDPOINT must begin with http:// if it speaks no TLS");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404, 500, 503})
    void whateverIsAnsweredIsLeftToThoseWhoAskNext(int status) {
        firstAnswers.ask(Side.STORE, LONG, () -> list("http " + status));

        assertThatCode(firstAnswers::refuseSilence).doesNotThrowAnyException();
        assertThat(firstAnswers.isWell(Side.STORE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-host.invalid:5432", "127.0.0.1:1", "silent", "closing", "html"})
    void whatIsNoPostgresqlGivesNoAnswer(String host) throws IOException {
        ask(Side.RECORDS, host);

        assertThat(catchThrowable(firstAnswers::refuseSilence))
                .isInstanceOf(SilenceException.class)
                .hasMessageContainingAll(
                        "the records database", "Check DATABASE_URL", " Tried for 2 s. Details: records-host: ");
        assertThat(firstAnswers.isWell(Side.RECORDS)).isFalse();
    }

    @Test
    void allThatGiveNoAnswerAreNamedAtOnce() throws IOException {
        firstAnswers.ask(Side.STORE, SHORT, () -> list("http://127.0.0.1:1"));
        ask(Side.RECORDS, "127.0.0.1:1");
        ask(Side.RESULTS, "127.0.0.1:1");

        assertThat(catchThrowable(() -> firstAnswers.refuseUnlessWell(Side.RESULTS)))
                .isInstanceOf(SilenceException.class)
                .hasMessageContainingAll("The store", "the records database", "the results database")
                .hasMessageContainingAll("Details: the bucket: ", "; records-host: ", "; results-host: ");
        assertThat(explanation.of(catchThrowable(firstAnswers::refuseSilence)))
                .as("what is wrong is said in all detail where it is explained")
                .contains("Details: the bucket: ", "; results-host: ");
        assertThat(Explanation.withoutDetails(explanation.of(catchThrowable(firstAnswers::refuseSilence))))
                .contains("RESULTS_DATABASE_URL", "Tried for 2 s.")
                .doesNotContain("-host", "127.0.0.1");
    }

    @Test
    void isAskedAgainUntilItAnswers() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        String server = html();
        firstAnswers.ask(Side.STORE, LONG, () -> {
            if (asked.incrementAndGet() < 3) {
                list(server);
            }
        });

        assertThat(firstAnswers.isWell(Side.STORE)).isTrue();
        assertThat(asked).hasValue(3);
        assertThatCode(firstAnswers::refuseSilence).doesNotThrowAnyException();
        assertThat(logs.with("No answer yet from the store")).hasSize(1);
    }

    @Test
    void aLoginThatIsRefusedIsAnAnswer() {
        HikariDataSource pool = pool(
                Side.RESULTS,
                "postgres://nobody:nothing@"
                        + TestServers.databases().create().url().replaceFirst("^.*@", ""));
        firstAnswers.ask(Side.RESULTS, LONG, () -> pool.getConnection().close(), () -> Databases.connectPastPool(pool));

        assertThat(catchThrowable(() -> firstAnswers.refuseUnlessWell(Side.RESULTS)))
                .isInstanceOf(SQLException.class);
        assertThat(logs.with("No answer yet")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void whoeverIsNotAskedIsWell(Side side) {
        assertThat(firstAnswers.isWell(side)).isTrue();
        assertThatCode(() -> firstAnswers.refuseUnlessWell(side)).doesNotThrowAnyException();
    }

    /** As whoever starts Stocktake asks. */
    private void ask(Side side, String host) throws IOException {
        String address = host.contains(":") ? host : server(host).replaceFirst("^.*//", "");
        HikariDataSource pool = pool(side, "postgres://somebody:secret@" + address + "/shop");
        firstAnswers.ask(side, SHORT, () -> pool.getConnection().close(), () -> Databases.connectPastPool(pool));
    }

    private HikariDataSource pool(Side side, String url) {
        DatabaseUrl database = DatabaseUrl.parse(url);
        return opened(side == Side.RECORDS ? Databases.records(database, 2) : Databases.results(database, 2));
    }

    /** Asks a store at a URL, or at a scheme and a kind of server. */
    private void list(String endpoint) throws IOException {
        String[] schemeAndServer = endpoint.split(" ", 2);
        String url = schemeAndServer.length == 1
                ? endpoint
                : server(schemeAndServer[1]).replaceFirst("^http:", schemeAndServer[0] + ":");
        try (S3Client client = StoreClient.of(settings(url), 2)) {
            client.listObjectsV2(list -> list.bucket("bucket").maxKeys(0));
        }
    }

    private static Settings settings(String endpoint) {
        return Settings.from(
                Map.of(
                        "DATABASE_URL", "postgres://somebody@127.0.0.1:1/shop",
                        "S3_BUCKET", "bucket",
                        "S3_ENDPOINT", endpoint,
                        "S3_ACCESS_KEY_ID", "somebody",
                        "S3_SECRET_ACCESS_KEY", "secret"),
                Purpose.CLEANUP_ASSETS);
    }

    private String server(String kind) throws IOException {
        return switch (kind) {
            case "silent" -> "http://127.0.0.1:" + socket().getLocalPort();
            case "closing" -> closing(connection -> {});
            case "plain" ->
                closing(connection -> {
                    connection.getInputStream().read();
                    connection.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
                });
            case "tls" ->
                closing(connection -> {
                    try (SSLSocket tls = (SSLSocket) SSLContext.getDefault()
                            .getSocketFactory()
                            .createSocket(connection, null, connection.getPort(), true)) {
                        tls.setUseClientMode(false);
                        tls.startHandshake();
                    }
                });
            case "html" -> html();
            case "xhtml" -> answering(200, "<html><body>Hello</body></html>");
            default ->
                answering(
                        Integer.parseInt(kind),
                        kind.equals("404") ? HTML : "<Error><Code>InternalError</Code></Error>");
        };
    }

    private String html() throws IOException {
        return answering(200, HTML);
    }

    private String answering(int status, String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        opened(() -> server.stop(0));
        server.createContext("/", request -> {
            byte[] bytes = body.getBytes(UTF_8);
            request.sendResponseHeaders(status, bytes.length);
            request.getResponseBody().write(bytes);
            request.close();
        });
        server.start();
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private interface Conversation {
        void with(Socket connection) throws Exception;
    }

    private String closing(Conversation conversation) throws IOException {
        ServerSocket port = socket();
        Thread accepting = new Thread(() -> {
            while (!port.isClosed()) {
                try (Socket connection = port.accept()) {
                    conversation.with(connection);
                } catch (Exception over) {
                    // the next one
                }
            }
        });
        accepting.setDaemon(true);
        accepting.start();
        return "http://127.0.0.1:" + port.getLocalPort();
    }

    /** Takes connections, and says nothing. */
    private ServerSocket socket() throws IOException {
        return opened(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }
}
