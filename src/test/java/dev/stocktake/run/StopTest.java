package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.quartz.impl.SchedulerRepository;

class StopTest {
    private static final Assets ASSETS = Assets.empty().objects("a", "b").records("a");

    /** Threads that live as long as the JVM come with the first start. */
    @BeforeAll
    static void startOnce() {
        try (StartedStocktake stocktake = StartedStocktake.serving(ASSETS.environment())) {
            stocktake.run();
        }
    }

    @Test
    void aServiceThatWasStoppedLeavesNoThreadAndNoOpenPort() throws IOException {
        Set<Thread> before = threads();
        int port;
        try (StartedStocktake stocktake = StartedStocktake.serving(ASSETS.environment())) {
            stocktake.run();
            port = stocktake.port();
            connect(port);
            assertThat(ours(before))
                    .as("that it has threads which can be left")
                    .anySatisfy(name -> assertThat(name).startsWith("range-"))
                    .anySatisfy(name -> assertThat(name).startsWith("page-"))
                    .anySatisfy(name -> assertThat(name).startsWith("clockwork-"))
                    .anySatisfy(name -> assertThat(name).startsWith("vert.x-"))
                    .anySatisfy(name -> assertThat(name).contains("Quartz"))
                    .anySatisfy(name -> assertThat(name).startsWith("Camel"));
            assertThat(schedulers()).isEqualTo(1);
        }

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(ours(before)).isEmpty());
        assertThat(schedulers()).isZero();
        assertThatThrownBy(() -> connect(port)).isInstanceOf(ConnectException.class);
        try (ServerSocket next = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(next.isBound()).isTrue();
        }
        assertThat(connections()).isZero();
    }

    @Test
    void aSingleRunHasNeitherScheduleNorPort() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Map<String, String> environment = ASSETS.environment();
        environment.put("PORT", Integer.toString(port));
        Set<Thread> before = threads();
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment)) {
            assertThat(stocktake.run().status()).isEqualTo(Run.Status.COMPLETE);

            assertThatThrownBy(() -> connect(port)).isInstanceOf(ConnectException.class);
            assertThat(schedulers()).isZero();
            assertThat(ours(before)).isNotEmpty().noneMatch(name -> name.contains("Quartz") || name.contains("vert.x"));
        }

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(ours(before)).isEmpty());
    }

    private static void connect(int port) throws IOException {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
    }

    /** What is left at the database, which ends a connection a moment after its client. */
    private static long connections() {
        return await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> ASSETS.database()
                                .sql()
                                .sql("SELECT count(*) FROM pg_stat_activity"
                                        + " WHERE datname = current_database() AND application_name = 'stocktake'")
                                .query(Long.class)
                                .single(),
                        count -> count == 0);
    }

    private static int schedulers() {
        return SchedulerRepository.getInstance().lookupAll().size();
    }

    private static Set<Thread> threads() {
        return Set.copyOf(Thread.getAllStackTraces().keySet());
    }

    /** The names of the threads since then, without those of the servers that tests share. */
    private static List<String> ours(Set<Thread> before) {
        Set<Thread> now = new HashSet<>(Thread.getAllStackTraces().keySet());
        now.removeAll(before);
        return now.stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name ->
                        !name.startsWith("S3Proxy") && !name.startsWith("qtp") && !name.startsWith("awaitility"))
                .sorted()
                .toList();
    }
}
