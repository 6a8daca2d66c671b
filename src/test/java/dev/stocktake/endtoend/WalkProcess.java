package dev.stocktake.endtoend;

import static org.awaitility.Awaitility.await;

import dev.stocktake.Application;
import dev.stocktake.cleanup.FindingName;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.embedded.DatabaseFaultProxy;
import dev.stocktake.embedded.HostileStore;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.fixture.TestServers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A process of Stocktake that can be ended and paused: all that it says to the store and the database goes through here. */
final class WalkProcess implements AutoCloseable {
    private static final AtomicInteger STARTED = new AtomicInteger();

    private final int number = STARTED.incrementAndGet();
    private final HostileStore store;
    private final DatabaseFaultProxy database =
            DatabaseFaultProxy.before(TestServers.databases().port(), backend -> {});
    private final StartedStocktake stocktake;
    private final Settings settings;

    private volatile boolean ended;
    private volatile long endedAt;

    /** By which processes of the walk differ. */
    record Settings(String prefix, String quarantine, int parallelism, String settlePeriod) {
        @Override
        public String toString() {
            return "prefix \"" + prefix + "\", quarantine " + quarantine + ", parallelism " + parallelism + ", settled "
                    + settlePeriod;
        }
    }

    WalkProcess(Assets assets, EditedRoutes routes, Settings settings) {
        this.settings = settings;
        store = HostileStore.before(assets.store().endpoint().getPort());
        Map<String, String> environment = assets.environment();
        environment.put("DATABASE_URL", assets.database().url() + database.way());
        environment.put("S3_PREFIX", settings.prefix());
        environment.put("QUARANTINE_PREFIX", settings.quarantine());
        environment.put("PARALLELISM", Integer.toString(settings.parallelism()));
        environment.put("SETTLE_PERIOD", settings.settlePeriod());
        environment.put("GRACE_PERIOD", settings.settlePeriod());
        environment.put("CLEANUP_MIN_AGE", "0s");
        environment.put("CLEANUP_MIN_SIGHTINGS", "1");
        environment.put("CLEANUP_MAX_RATIO", "100");
        environment.put("CLEANUP_MAX_COUNT", "999999999");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "100");
        stocktake = StartedStocktake.forOneRun(environment, routes, http -> http.proxyConfiguration(store.way()));
    }

    Application application() {
        return stocktake.application();
    }

    void restore(Plan plan, Optional<List<FindingName>> names) {
        stocktake.restore(plan, names);
    }

    HostileStore store() {
        return store;
    }

    Settings settings() {
        return settings;
    }

    boolean isEnded() {
        return ended;
    }

    /** As {@code kill -9} does. The database first: it must not hear that the store is gone. */
    void end() {
        ended = true;
        database.cut();
        store.cut();
        endedAt = System.nanoTime();
    }

    /** Whether an HTTP client sees by now that the connections of the old process are no use to a new one. */
    boolean canStartAgain() {
        return System.nanoTime() - endedAt > TimeUnit.SECONDS.toNanos(3);
    }

    /** Waits until the servers have done what they had got before the end. */
    void settle() {
        pause();
        resume();
    }

    /** Is a new process of the same settings, once all threads of the old one have noticed its end. */
    void startAgain() {
        store.calm();
        store.mend();
        database.mend();
        // a new process would have a new pool, where this one may still be waiting before it tries again
        await().atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .until(() -> application().actions().head() != null);
        ended = false;
    }

    /** As {@code kill -STOP} does. */
    void pause() {
        store.pause();
        database.pause();
    }

    /** As {@code kill -CONT} does. */
    void resume() {
        database.resume();
        store.resume();
    }

    @Override
    public String toString() {
        return "process " + number + " (" + settings + ")";
    }

    @Override
    public void close() {
        store.calm();
        stocktake.close();
        store.close();
        database.close();
    }
}
