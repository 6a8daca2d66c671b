package dev.stocktake.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The port is open as long as there are routes behind it. */
class StartTest {
    private static final List<String> PATHS =
            List.of("/api/runs", "/api/runs/00000000-0000-0000-0000-000000000000", "/api/plans/x/items", "/x");

    private final ConcurrentLinkedQueue<String> answers = new ConcurrentLinkedQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);

    @Test
    void noKnownPathIsUnknownWhileItStartsOrStops() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Map<String, String> environment = Assets.empty().environment();
        environment.put("PORT", Integer.toString(port));
        List<Thread> clients = IntStream.range(0, 2)
                .mapToObj(i -> new Thread(() -> askAgainAndAgain(port)))
                .toList();
        clients.forEach(Thread::start);

        try (StartedStocktake started = StartedStocktake.serving(environment)) {
            assertThat(started.port()).isEqualTo(port);
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> answers.size() > 100);
        } finally {
            over.countDown();
            for (Thread client : clients) {
                client.join();
            }
        }

        assertThat(answers)
                .allMatch(answer -> answer.startsWith("/x 404")
                        || answer.startsWith("/api/runs 200")
                        || answer.matches("(?s)/api/(runs|plans)/.* 404 .*There is no (run|plan) .*")
                        || answer.matches("(?s)/.* 503 .*[Rr]etry-[Aa]fter: 10\r\n.*"));
        assertThat(answers).anyMatch(answer -> answer.startsWith("/api/runs 200"));
    }

    private void askAgainAndAgain(int port) {
        while (over.getCount() > 0) {
            for (String path : PATHS) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    socket.getOutputStream()
                            .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                            + "Authorization: Bearer " + StartedStocktake.SECRET + "\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                    String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    // none at all where the port is closed in between
                    if (!answer.isEmpty()) {
                        answers.add(path + " " + answer.substring("HTTP/1.1 ".length()));
                    }
                } catch (ConnectException closed) {
                    Thread.onSpinWait();
                } catch (IOException reset) {
                    // when it stops
                }
            }
        }
    }
}
