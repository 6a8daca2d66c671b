package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.embedded.Behaviour;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.ObjectEntry;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.embedded.SyntheticStore.RequestKind;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Whatever the keys are like, no worker is without a range while another has long to go. */
class DivisionTest {
    private static final long LATENCY_NANOS = 100_000_000;
    private static final int PARALLELISM = 8;
    private static final int PAGE = 1000;

    /** In none of these tests is there anything to verify. */
    private final Assets assets = Assets.empty();

    @Test
    void aBucketUnderOnePrefixThatNoRecordMentionsKeepsEveryWorkerBusy() {
        try (SyntheticStore store = store(60_000, "orphans/%07d.png")) {
            AtomicInteger mostAtOnce = mostAtOnce(store);

            Run run = run(store);

            assertThat(mostAtOnce).hasValue(PARALLELISM);
            assertThat(run.counts().objects()).isEqualTo(60_000);
            assertThat(run.counts().tooRecent()).isEqualTo(60_000);
            assertFewRequests(store, run, 60);
        }
    }

    @Test
    void aPrefixFullOfOrphansBesideMatchedOnesKeepsEveryWorkerBusy() {
        records("matched/%07d", 4000);
        assets.database().execute("ANALYZE assets");
        Stream<ObjectEntry> matched = LongStream.range(0, 4000).mapToObj(i -> recent("matched/%07d".formatted(i)));
        Stream<ObjectEntry> orphans = LongStream.range(0, 60_000).mapToObj(i -> recent("orphans/%07d".formatted(i)));
        try (SyntheticStore store =
                SyntheticStore.of(Listing.of(Stream.concat(matched, orphans).toList()))) {
            AtomicInteger mostAtOnce = mostAtOnce(store);

            Run run = run(store);

            assertThat(mostAtOnce).hasValue(PARALLELISM);
            assertThat(run.counts().matched()).isEqualTo(4000);
            assertThat(run.counts().tooRecent()).isEqualTo(60_000);
            assertFewRequests(store, run, 64);
        }
    }

    @Test
    void aTableMuchLargerThanTheBucketKeepsEveryWorkerBusy() {
        records("assets/%07d", 60_000);
        try (SyntheticStore store = store(10, "assets/%07d")) {
            Run run = run(store);

            assertThat(run.counts().records()).isEqualTo(60_000);
            assertThat(run.counts().matched()).isEqualTo(10);
            assertThat(rangesOf(run)).isGreaterThanOrEqualTo(PARALLELISM);
        }
    }

    @Test
    void aTableThatThePlannerKnowsIsCutEvenlyAtOnce() {
        records("assets/%07d", 64_000);
        assets.database().execute("ANALYZE assets");
        try (SyntheticStore store = store(64_000, "assets/%07d")) {
            Run run = run(store);

            assertThat(run.counts().matched()).isEqualTo(64_000);
            assertThat(rangesOf(run)).isGreaterThanOrEqualTo(PARALLELISM);
            assertFewRequests(store, run, 64);
        }
    }

    @Test
    void keysThatNoStoreCanBeCutAtAreComparedInOneRange() {
        try (SyntheticStore store =
                SyntheticStore.of(Listing.generated(20_000, i -> recent("\u00E9".repeat(3) + (char) (0x4E00 + i))))) {
            store.behave(Behaviour.echoingRaw());

            Run run = run(store);

            assertThat(run.counts().tooRecent()).isEqualTo(20_000);
            assertFewRequests(store, run, 20);
        }
    }

    @Test
    void aRunThatWasStoppedAfterARangeWasDividedGoesOnWithAllOfThem() throws Exception {
        try (SyntheticStore store = store(60_000, "orphans/%07d.png")) {
            Run stopped = stopOnceDivided(store);
            store.behave(Behaviour.honest());
            long before = store.requests(RequestKind.LIST);

            Run resumed = run(store);

            assertThat(resumed.id()).isEqualTo(stopped.id());
            assertThat(resumed.counts().objects()).isEqualTo(60_000);
            assertThat(resumed.counts().tooRecent()).isEqualTo(60_000);
            assertThat(rangesOf(resumed)).isGreaterThanOrEqualTo(PARALLELISM);
            assertThat(store.requests(RequestKind.LIST) - before)
                    .as("requests of the resumed run, for 60 pages and the rest of each range")
                    .isLessThan(60 + 4L * rangesOf(resumed));
        }
    }

    private Run stopOnceDivided(SyntheticStore store) throws InterruptedException {
        StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store));
        Thread closing = new Thread(stocktake::close, "closing");
        AtomicInteger coming = new AtomicInteger();
        store.behave((request, honest) -> {
            if (request.maxKeys() == PAGE && openRanges() >= PARALLELISM && coming.incrementAndGet() == 1) {
                closing.start();
                // it has told the run, and waits for it
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING)
                                .contains(closing.getState()));
            }
            return honest.apply(request);
        });
        Run run = stocktake.run();
        closing.join(60_000);
        stocktake.close();
        return run;
    }

    /**
     * How many pages are asked for at once, at most. Each takes its time until all workers have asked, so that no worker is
     * through before the others have found nothing to do.
     */
    private static AtomicInteger mostAtOnce(SyntheticStore store) {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        store.behave((request, honest) -> {
            if (request.maxKeys() != PAGE) {
                return honest.apply(request);
            }
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            if (most.get() < PARALLELISM) {
                LockSupport.parkNanos(LATENCY_NANOS);
            }
            try {
                return honest.apply(request);
            } finally {
                now.decrementAndGet();
            }
        });
        return most;
    }

    /** The bound that README promises, and what a run asks for once. */
    private static void assertFewRequests(SyntheticStore store, Run run, int pages) {
        assertThat(store.requests(RequestKind.LIST))
                .isLessThanOrEqualTo(Math.round(1.03 * pages) + 4L * rangesOf(run) + 2L * Assets.LISTS_OF_A_PROBE);
    }

    private static int rangesOf(Run run) {
        return run.proof().lines().stream()
                .filter(line -> line.condition().contains("cover all keys"))
                .map(line -> Integer.valueOf(line.found().replace(" ranges", "")))
                .findFirst()
                .orElseThrow();
    }

    private long openRanges() {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.range WHERE NOT closed")
                .query(Long.class)
                .single();
    }

    private static SyntheticStore store(int count, String key) {
        return SyntheticStore.of(Listing.generated(count, i -> recent(key.formatted(i))));
    }

    private static ObjectEntry recent(String key) {
        return new ObjectEntry(key, 3, "etag", Instant.now());
    }

    private void records(String key, int count) {
        assets.records(LongStream.range(0, count).mapToObj(key::formatted).toList());
        assets.database().execute("UPDATE assets SET created_at = now()");
    }

    private Map<String, String> environment(SyntheticStore store) {
        Map<String, String> environment = assets.environment();
        environment.put("S3_ENDPOINT", store.endpoint().toString());
        environment.put("S3_BUCKET", SyntheticStore.BUCKET);
        environment.put("PARALLELISM", Integer.toString(PARALLELISM));
        return environment;
    }

    private Run run(SyntheticStore store) {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store))) {
            Run run = stocktake.run();
            assertThat(run.failure()).isNull();
            return run;
        }
    }
}
