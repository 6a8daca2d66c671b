package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.embedded.HostileStore;
import dev.stocktake.fixture.BuiltJar;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanAnywhere;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that sleeps while it moves files, or whose request is late, and another one that goes on meanwhile. */
class HeldUpProcessTest {
    private final CleanableAssets cleanable = new CleanableAssets();

    private HostileStore store;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() {
        store = HostileStore.before(cleanable.assets().store().endpoint().getPort());
    }

    @AfterEach
    void stop() {
        cleanable.close();
        store.close();
    }

    @Test
    void oneThatWasStoppedBetweenItsLookAndItsDeletionDeletesNothingWhenItWakesUp() throws Exception {
        cleanable.assets().objects("orphan");
        StartedStocktake other = cleanable.start(Map.of());
        Plan plan = cleanable.planned(other, PlanOrders.files());
        Map<String, String> environment = cleanable.environment(Map.of(
                "S3_ENDPOINT",
                "http://127.0.0.1:" + store.port(),
                "STOCKTAKE_ROUTES",
                Path.of("routes").toAbsolutePath().toString()));
        Plan anywhere = PlanAnywhere.of(other, cleanable.assets().database(), plan);
        HostileStore.Held look = store.holdAnswer(request -> request.looksAt("orphan"));

        Process process = new BuiltJar(folder, environment)
                .startUnread("cleanup-assets", "--execute", "--confirm", anywhere.hash());
        await().atMost(Duration.ofMinutes(2)).until(() -> look.isHolding() || !process.isAlive());
        assertThat(look.isHolding()).isTrue();
        signal("STOP", process);
        look.release();
        // its lease ends by itself
        await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> cleanable
                        .assets()
                        .database()
                        .sql()
                        .sql("SELECT expires_at < now() - interval '1 second' FROM stocktake.lease")
                        .query(Boolean.class)
                        .single());
        CleanupResult gone = other.application().execute(anywhere, "somebody else");
        assertThat(gone.done()).isOne();
        other.restore(anywhere);
        assertThat(cleanable.keys()).contains("orphan");
        cleanable.assets().records("orphan");

        signal("CONT", process);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(3);
        assertThat(cleanable.keys()).contains("orphan", ".stocktake-quarantine/" + plan.id() + "/orphan");
    }

    @Test
    void aDeletionThatIsLateTakesNothingThatIsNotInQuarantine() throws Exception {
        cleanable.assets().objects("orphan");
        StartedStocktake late = cleanable.start(
                Map.of("S3_ENDPOINT", "http://127.0.0.1:" + store.port()),
                EditedRoutes.in(folder).impatient());
        Plan anywhere =
                PlanAnywhere.of(late, cleanable.assets().database(), cleanable.planned(late, PlanOrders.files()));
        HostileStore.Held deletion = store.hold(request -> request.deletes("orphan"));
        CompletableFuture<CleanupResult> execution =
                CompletableFuture.supplyAsync(() -> late.application().execute(anywhere, "somebody"));
        deletion.await();
        // as if it had been late for as long as a lease lasts
        cleanable.assets().database().execute("UPDATE stocktake.lease SET expires_at = now() - interval '1 second'");
        StartedStocktake other = cleanable.start(Map.of());
        assertThat(other.application().execute(anywhere, "somebody else").done())
                .isOne();
        other.restore(anywhere);
        cleanable.assets().records("orphan");

        deletion.release();
        deletion.awaitAnswers(1);

        assertThat(cleanable.keys()).contains(".stocktake-quarantine/" + anywhere.id() + "/orphan");
        other.restore(anywhere);
        assertThat(cleanable.keys()).contains("orphan");
        execution.get(120, TimeUnit.SECONDS);
    }

    private static void signal(String name, Process process) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
