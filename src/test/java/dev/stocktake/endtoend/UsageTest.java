package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.embedded.Behaviour;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.ObjectEntry;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.embedded.SyntheticStore.RequestKind;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.json.Json;
import dev.stocktake.run.Run;
import dev.stocktake.run.Runs;
import dev.stocktake.run.Usage;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What a run asks of the store: counted, priced, and no more of it a second than the cap. */
class UsageTest {
    private static final List<String> KEYS = IntStream.range(0, 600)
            .mapToObj(i -> String.format("folder-%02d/%04d", i % 20, i))
            .toList();

    private final Assets assets = Assets.empty().records(KEYS).records("missing-1", "missing-2");
    private EditedRoutes routes;

    @BeforeEach
    void edit(@TempDir Path folder) {
        routes = EditedRoutes.in(folder).impatient();
    }

    @Test
    void aRunHasTheRequestsThatTheStoreGotWithTheirPrice() throws Exception {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(KEYS.toArray(String[]::new)));
                StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
            store.behave(Behaviour.failing(503, "SlowDown").onRequest(3));

            for (int number = 0; number < 2; number++) {
                long lists = store.requests(RequestKind.LIST);
                long all = store.requests();
                Run run = stocktake.run();
                lists = store.requests(RequestKind.LIST) - lists;
                long heads = store.requests() - all - lists;

                assertThat(run.failure()).isNull();
                assertThat(heads).isPositive();
                assertThat(run.usage().listRequests()).isEqualTo(lists);
                assertThat(run.usage().headRequests()).isEqualTo(heads);
                assertThat(run.usage().storeRetries()).isEqualTo(number == 0 ? 1 : 0);
                assertThat(run.usage().databaseRetries()).isZero();
                assertThat(run.usage().cost())
                        .isEqualByComparingTo(
                                BigDecimal.valueOf(lists * 2 + heads).movePointLeft(3));
                assertThat(stored(run)).usingRecursiveComparison().isEqualTo(run.usage());
                JsonNode json =
                        Json.MAPPER.readTree(stocktake.application().reports().json(run));
                assertThat(json.path("list_requests").asLong()).isEqualTo(lists);
                assertThat(json.path("cost").decimalValue())
                        .isEqualByComparingTo(run.usage().cost());
            }
        }
    }

    @Test
    void scatteredOrphansAreLookedAtOneByOneAndListedByNobody() {
        int objects = 30_000;
        assets.records(IntStream.range(0, objects)
                .filter(i -> i % 100 != 99)
                .mapToObj(UsageTest::scattered)
                .toList());
        Listing listing = Listing.generated(objects, i -> ObjectEntry.of(scattered((int) i)));
        try (SyntheticStore store = SyntheticStore.of(listing);
                StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
            Run run = stocktake.run();

            assertThat(run.failure()).isNull();
            assertThat(run.counts().orphanedFiles()).isEqualTo(objects / 100);
            int ranges = Integer.parseInt(run.proof().lines().get(0).found().split(" ", 2)[0]);
            System.out.printf(
                    "Scattered orphans: %,d objects, %,d orphans, %d ranges: %,d list and %,d HEAD requests%n",
                    objects,
                    objects / 100,
                    ranges,
                    run.usage().listRequests(),
                    run.usage().headRequests());
            assertThat(run.usage().listRequests()).isLessThanOrEqualTo(objects * 103L / 100_000 + 4L * ranges);
            assertThat(run.usage().headRequests()).isLessThanOrEqualTo(objects / 100 + 10);
        }
    }

    private static String scattered(int number) {
        return String.format("scattered/%06d", number);
    }

    @Test
    void aRunWithoutAVerdictHasAskedAllTheSame() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(KEYS.toArray(String[]::new)));
                StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
            store.behave(Behaviour.failing(503, "SlowDown").fromRequest(3));

            Run run = stocktake.run();

            assertThat(run.status()).isEqualTo(Run.Status.INCOMPLETE);
            assertThat(run.usage().listRequests()).isEqualTo(store.requests(RequestKind.LIST));
            assertThat(run.usage().storeRetries()).isEqualTo(7);
            assertThat(stored(run)).usingRecursiveComparison().isEqualTo(run.usage());
        }
    }

    @Test
    void aRunThatWasStoppedAndResumedAddsUp() throws Exception {
        CountDownLatch underWay = new CountDownLatch(20);
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(KEYS.toArray(String[]::new)))) {
            store.behave(Behaviour.slow(Duration.ofMillis(50))
                    .over(Behaviour.pagesOf(3))
                    .over((request, honest) -> {
                        underWay.countDown();
                        return honest.apply(request);
                    }));
            StartedStocktake stopped = StartedStocktake.forOneRun(environment(store), routes);
            CompletableFuture<Run> run = CompletableFuture.supplyAsync(stopped::run);
            assertThat(underWay.await(30, TimeUnit.SECONDS)).isTrue();
            stopped.close();
            Usage before = stored(run.get(30, TimeUnit.SECONDS));
            assertThat(before.listRequests()).isGreaterThanOrEqualTo(20);

            store.behave(Behaviour.honest());
            long lists = store.requests(RequestKind.LIST);
            try (StartedStocktake resuming = StartedStocktake.forOneRun(environment(store), routes)) {
                Run resumed = resuming.run();

                assertThat(resumed.id()).isEqualTo(run.get().id());
                assertThat(resumed.failure()).isNull();
                assertThat(resumed.usage().listRequests())
                        .isEqualTo(before.listRequests() + store.requests(RequestKind.LIST) - lists);
            }
        }
    }

    @Test
    void noMoreRequestsASecondAreSentThanTheCapAllows() {
        int cap = 20;
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(KEYS.toArray(String[]::new)))) {
            Map<String, String> environment = environment(store);
            environment.put("S3_MAX_REQUESTS_PER_SECOND", Integer.toString(cap));
            store.behave(Behaviour.pagesOf(20));
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
                long start = System.nanoTime();
                Run run = stocktake.run();
                Duration took = Duration.ofNanos(System.nanoTime() - start);

                assertThat(run.failure()).isNull();
                long requests = run.usage().listRequests() + run.usage().headRequests();
                assertThat(requests).isGreaterThan(cap);
                assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(1000 * (requests - 1) / cap));
            }
        }
    }

    private Usage stored(Run run) {
        return new Runs(
                        new DriverManagerDataSource(assets.database().jdbcUrl()),
                        assets.bucket(),
                        "",
                        () -> "",
                        () -> "",
                        Duration.ZERO,
                        Clock.systemUTC())
                .find(run.id())
                .orElseThrow()
                .usage();
    }

    private Map<String, String> environment(SyntheticStore store) {
        Map<String, String> environment = assets.environment();
        environment.put("S3_ENDPOINT", store.endpoint().toString());
        environment.put("S3_BUCKET", SyntheticStore.BUCKET);
        environment.put("S3_LIST_PRICE_PER_1000", "2");
        environment.put("S3_HEAD_PRICE_PER_1000", "1");
        return environment;
    }
}
