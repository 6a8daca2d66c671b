package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is suspected is verified while the rest is compared. */
class EarlyVerificationTest {
    /** One range, and 40 pages of the listing. */
    private static final List<String> KEYS =
            IntStream.range(0, 4000).mapToObj(i -> String.format("key-%05d", i)).toList();

    private static final int LATE_IN_THE_LISTING = 35;

    private final Assets assets = Assets.empty();
    private EditedRoutes routes;

    @BeforeEach
    void fill(@TempDir Path folder) {
        List<String> objects = new ArrayList<>(KEYS);
        List<String> records = new ArrayList<>(KEYS);
        // too far apart for the listing to be asked about them
        for (int i = 50; i < KEYS.size(); i += 250) {
            objects.remove(KEYS.get(i + 1));
            records.remove(KEYS.get(i));
        }
        assets.objects(objects).records(records);
        routes = EditedRoutes.in(folder).replace("storage.camel.yaml", "pageSize: 1000", "pageSize: 100");
    }

    @AfterEach
    void calmDown() {
        assets.store().onList(number -> {});
    }

    @Test
    void whatHasSettledIsFoundWhileTheListingGoesOn() {
        AtomicLong foundMeanwhile = new AtomicLong();
        assets.store().onList(number -> {
            if (number == LATE_IN_THE_LISTING) {
                Awaitility.await().until(() -> findings() >= 14);
                foundMeanwhile.set(findings());
            }
        });

        Run run = run(assets.environment());

        assertThat(run.failure()).isNull();
        assertThat(foundMeanwhile.get()).isBetween(14L, 31L);
        assertThat(run.counts().orphanedFiles()).isEqualTo(16);
        assertThat(run.counts().orphanedRecords()).isEqualTo(16);
        assertThat(assets.orphanedFiles(run)).hasSize(16);
    }

    @Test
    void nothingIsFoundBeforeItHasSettled() {
        Map<String, String> environment = assets.environment();
        environment.put("SETTLE_PERIOD", "3s");

        Run run = run(environment);

        assertThat(run.counts().orphanedFiles()).isEqualTo(16);
        assertThat(assets.database().sql().sql("""
                                SELECT min(found_at) - (SELECT started_at FROM stocktake.run) >= '3 s'
                                FROM stocktake.finding""").query(Boolean.class).single())
                .isTrue();
    }

    @Test
    void whatVanishesBeforeItHasSettledIsNeverFound() {
        AtomicBoolean done = new AtomicBoolean();
        assets.store().onList(number -> {
            if (number >= LATE_IN_THE_LISTING && done.compareAndSet(false, true)) {
                assets.objects(KEYS.get(51));
            }
        });
        Map<String, String> environment = assets.environment();
        environment.put("SETTLE_PERIOD", "4s");

        Run run = run(environment);

        assertThat(assets.orphanedRecords(run)).hasSize(15).doesNotContain(KEYS.get(51));
        assertThat(run.counts().vanished()).isEqualTo(1);
    }

    private long findings() {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.finding")
                .query(Long.class)
                .single();
    }

    private Run run(Map<String, String> environment) {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
            return stocktake.run();
        }
    }
}
