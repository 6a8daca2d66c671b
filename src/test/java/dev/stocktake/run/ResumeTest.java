package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that was stopped goes on where it was, when the same trigger comes again in time. */
class ResumeTest {
    /** One range, and 40 pages of the listing, so that checkpoints are stored on the way. */
    private static final List<String> KEYS =
            IntStream.range(0, 4000).mapToObj(i -> String.format("key-%05d", i)).toList();

    private final AtomicInteger listings = new AtomicInteger();
    private final Assets assets = Assets.empty();
    private EditedRoutes routes;

    @BeforeEach
    void fill(@TempDir Path folder) {
        List<String> objects = new ArrayList<>(KEYS);
        List<String> records = new ArrayList<>(KEYS);
        for (int i = 3; i < KEYS.size(); i += 97) {
            objects.remove(KEYS.get(i));
        }
        for (int i = 5; i < KEYS.size(); i += 89) {
            records.remove(KEYS.get(i));
        }
        assets.objects(objects).records(records);
        routes = EditedRoutes.in(folder).replace("storage.camel.yaml", "pageSize: 1000", "pageSize: 100");
    }

    @AfterEach
    void calmDown() {
        assets.store().onList(number -> {});
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 13, 38, 50, 60})
    void aRunThatWasStoppedEndsAsIfItHadNotBeen(int listing) throws Exception {
        Run whole = run(assets.environment());
        int listingsOfAWholeRun = listings.get();
        Run stopped = stopAtListing(listing);
        listings.set(0);

        Run resumed = run(assets.environment());

        assertThat(resumed.status()).isEqualTo(Run.Status.COMPLETE);
        assertThat(resumed.counts()).isEqualTo(whole.counts());
        assertThat(assets.orphanedFiles(resumed)).isEqualTo(assets.orphanedFiles(whole));
        assertThat(assets.orphanedRecords(resumed)).isEqualTo(assets.orphanedRecords(whole));
        assertThat(rows("stocktake.range")).isZero();
        assertThat(rows("stocktake.suspect")).isZero();
        if (listing > 2) {
            assertThat(resumed.id()).isEqualTo(stopped.id());
            assertThat(resumed.startedAt()).isEqualTo(stopped.startedAt());
        }
        if (listing > 13) {
            assertThat(listings.get()).as("pages read again").isLessThan(listingsOfAWholeRun - 8);
        }
    }

    @Test
    void aRunThatWasStoppedAgainAndAgainEndsAsIfItHadNotBeen() throws Exception {
        Run whole = run(assets.environment());
        for (int i = 0; i < 6; i++) {
            stopAtListing(15);
        }

        Run resumed = run(assets.environment());

        assertThat(resumed.counts()).isEqualTo(whole.counts());
        assertThat(assets.orphanedFiles(resumed)).isEqualTo(assets.orphanedFiles(whole));
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT resumed FROM stocktake.run WHERE id = ?")
                        .param(resumed.id())
                        .query(Integer.class)
                        .single())
                .isEqualTo(6);
    }

    @Test
    void anotherTriggerStartsAnew() throws Exception {
        Run stopped = stopAtListing(30);
        assets.database().execute("UPDATE stocktake.run SET trigger = 'schedule'");

        assertStartsAnew(stopped, run(assets.environment()));
    }

    @Test
    void aRunThatBeganTooLongAgoIsNotResumed() throws Exception {
        Run stopped = stopAtListing(30);
        Map<String, String> environment = assets.environment();
        environment.put("RESUME_LIMIT", "0s");

        assertStartsAnew(stopped, run(environment));
    }

    @Test
    void aRunOfOtherSettingsIsNotResumed() throws Exception {
        Run stopped = stopAtListing(30);
        Map<String, String> environment = assets.environment();
        environment.put("GRACE_PERIOD", "59m");

        assertStartsAnew(stopped, run(environment));
    }

    @Test
    void aRunOfAnotherRecordsQueryIsNotResumed() throws Exception {
        Run stopped = stopAtListing(30);
        routes.replace("records.camel.yaml", "FROM assets", "FROM assets WHERE true");

        assertStartsAnew(stopped, run(assets.environment()));
    }

    private void assertStartsAnew(Run stopped, Run next) {
        assertThat(next.id()).isNotEqualTo(stopped.id());
        assertThat(next.status()).isEqualTo(Run.Status.COMPLETE);
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT status || ' ' || failure FROM stocktake.run WHERE id = ?")
                        .param(stopped.id())
                        .query(String.class)
                        .single())
                .startsWith("INCOMPLETE The process that made this run ended");
        assertThat(assets.found(stopped, "orphaned_file")).isEmpty();
        assertThat(rows("stocktake.range")).isZero();
    }

    private Run run(Map<String, String> environment) {
        assets.store().onList(number -> listings.incrementAndGet());
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
            Run run = stocktake.run();
            assertThat(run.failure()).isNull();
            return run;
        }
    }

    /** Stops Stocktake while it waits for an answer of the store; a run of so few listings ends before. */
    private Run stopAtListing(int listing) throws Exception {
        StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment(), routes);
        Thread closing = new Thread(stocktake::close, "closing");
        AtomicInteger number = new AtomicInteger();
        assets.store().onList(any -> {
            if (number.incrementAndGet() == listing) {
                closing.start();
                // it has told the run, and waits for it
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> List.of(Thread.State.WAITING, Thread.State.TIMED_WAITING)
                                .contains(closing.getState()));
            }
        });
        Run run = stocktake.run();
        closing.join(60_000);
        stocktake.close();
        return run;
    }

    private long rows(String table) {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM " + table)
                .query(Long.class)
                .single();
    }
}
