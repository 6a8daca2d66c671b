package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.ObjectEntry;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BetweenRoutes;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.time.Instant;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What changes between the reading of the two sides is not reported. */
class ChangesDuringARunTest {
    private final Assets assets = Assets.empty();
    private EditedRoutes routes;

    @BeforeEach
    void copyRoutes(@TempDir Path folder) {
        routes = EditedRoutes.in(folder);
    }

    @AfterEach
    void calmDown() {
        assets.store().onList(number -> {});
    }

    @ParameterizedTest(name = "{0} of each")
    @ValueSource(ints = {1, 12, 13, 500, 1700})
    void onlyWhatIsStillOrphanedWhenItIsAskedAboutAgainIsFound(int each) {
        List<String> orphanedFiles = keys("file/orphaned", each);
        List<String> orphanedRecords = keys("record/orphaned", each);
        List<String> committedLate = keys("file/committed late", each);
        List<String> deletedFiles = keys("file/deleted", each);
        List<String> uploadedLate = keys("record/uploaded late", each);
        List<String> deletedRecords = keys("record/deleted", each);
        List<String> matched = keys("matched", each);
        assets.objects(matched).objects(orphanedFiles).objects(committedLate).objects(deletedFiles);
        assets.records(matched).records(orphanedRecords).records(uploadedLate).records(deletedRecords);

        Run run = runWith(() -> {
            assets.records(committedLate).objects(uploadedLate);
            deletedFiles.forEach(key -> assets.store().delete(assets.bucket(), key));
            assets.database().execute("DELETE FROM assets WHERE storage_key LIKE 'record/deleted%'");
        });

        assertThat(assets.orphanedFiles(run)).isEqualTo(orphanedFiles);
        assertThat(assets.orphanedRecords(run)).isEqualTo(orphanedRecords);
        assertThat(run.counts().matched()).isEqualTo(each);
        assertThat(run.counts().vanished()).isEqualTo(4L * each);
        assertThat(run.counts().objects()).isEqualTo(4L * each);
        assertThat(run.counts().records()).isEqualTo(4L * each);
        assertThat(run.counts().orphanedBytes()).isEqualTo(3L * each);
        assertThat(run.proof().lines()).allMatch(line -> line.holds());
    }

    @Test
    void whatWasReplacedIsTooRecentToJudge() {
        assets.objects("file", "matched").records("matched", "record");
        assets.database().execute("ALTER TABLE assets ADD updated_at timestamptz");
        routes.replace("records.camel.yaml", "created_at\n", "created_at, updated_at\n");

        Run run = runWith(() -> {
            assets.store().put(assets.bucket(), "file", new byte[] {9}, Instant.now());
            assets.database().execute("UPDATE assets SET updated_at = now() WHERE storage_key = 'record'");
        });

        assertThat(run.hasOrphans()).isFalse();
        assertThat(run.counts().tooRecent()).isEqualTo(2);
    }

    @Test
    void oneOfSeveralRecordsOfAKeyThatIsDeletedIsNotReportedTheOthersAre() {
        assets.records("gone", "gone", "gone");

        Run run = runWith(() -> assets.database().execute("DELETE FROM assets WHERE id = 2"));

        assertThat(assets.database()
                        .sql()
                        .sql("SELECT record_id FROM stocktake.finding WHERE run_id = ? ORDER BY 1")
                        .param(run.id())
                        .query(String.class)
                        .list())
                .containsExactly("1", "3");
    }

    @Test
    void aRecordThatMovedToAFileWithoutOneSavesTheFile() {
        assets.objects("new-name").records("old-name");

        Run run = runWith(() -> assets.database().execute("UPDATE assets SET storage_key = 'new-name'"));

        assertThat(run.hasOrphans()).isFalse();
        assertThat(run.counts().vanished()).isEqualTo(2);
    }

    @ParameterizedTest(name = "HEAD answers {0}")
    @ValueSource(ints = {400, 403})
    void anObjectThatMayNotBeLookedAtIsListed(int status) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b", "file"))) {
            assets.records("a", "b", "missing");
            Map<String, String> environment = synthetic(store);
            BetweenRoutes.edit(routes, () -> store.behaveOnHead(found -> status));
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
                Run run = stocktake.run();

                assertThat(run.status()).isEqualTo(Run.Status.COMPLETE);
                assertThat(assets.orphanedRecords(run)).containsExactly("missing");
                assertThat(assets.orphanedFiles(run)).containsExactly("file");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 404})
    void whatHeadSaysOfAnotherObjectThanTheListingDidIsNotBelieved(int status) {
        List<ObjectEntry> entries = List.of(ObjectEntry.of("a"), ObjectEntry.of("b//c"), ObjectEntry.of("file"));
        try (SyntheticStore store = SyntheticStore.of(Listing.of(entries))) {
            assets.records("a", "missing");
            Map<String, String> environment = synthetic(store);
            BetweenRoutes.edit(routes, () -> store.behaveOnHead(found -> found ? status : 404));
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
                Run run = stocktake.run();

                assertThat(run.status()).isEqualTo(Run.Status.COMPLETE);
                assertThat(assets.orphanedFiles(run)).containsExactly("b//c", "file");
            }
        }
    }

    @ParameterizedTest(name = "HEAD answers {0}")
    @ValueSource(ints = {429, 500, 503})
    void anObjectOfWhichTheStoreWillNotTellLeavesNoVerdict(int status) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b"))) {
            assets.records("a", "b", "missing");
            routes.impatient();
            Map<String, String> environment = synthetic(store);
            BetweenRoutes.edit(routes, () -> store.behaveOnHead(found -> status));
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
                Run run = stocktake.run();

                assertThat(run.status()).isEqualTo(Run.Status.INCOMPLETE);
                assertThat(run.failure()).contains(Integer.toString(status));
                assertThat(assets.orphanedRecords(run)).isEmpty();
            }
        }
    }

    @ParameterizedTest(name = "{0} missing in {1}")
    @CsvSource({"1, 3000", "40, 3000", "1000, 3000", "3000, 3000"})
    void askingAgainCostsAtMostOneRequestForEachSuspect(int missing, int records) {
        List<String> keys = keys("key", records);
        List<String> there = new ArrayList<>(keys);
        there.removeAll(every(keys, records / missing));
        try (SyntheticStore store =
                SyntheticStore.of(Listing.of(there.stream().map(ObjectEntry::of).toList()))) {
            assets.records(keys);
            AtomicInteger before = new AtomicInteger();
            BetweenRoutes.edit(routes, () -> before.set((int) store.requests()));
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(synthetic(store), routes)) {
                Run run = stocktake.run();

                assertThat(run.counts().orphanedRecords()).isEqualTo(missing);
                // and two more to see that the bucket is still there, and whose it is
                assertThat(store.requests() - before.get() - 2)
                        .isLessThanOrEqualTo(missing)
                        .isLessThanOrEqualTo(13L * (records / 900 + 1));
            }
        }
    }

    private Run runWith(Runnable inTheMiddle) {
        try (StartedStocktake stocktake =
                StartedStocktake.forOneRun(assets.environment(), BetweenRoutes.edit(routes, inTheMiddle))) {
            Run run = stocktake.run();
            assertThat(run.failure()).isNull();
            return run;
        }
    }

    private Map<String, String> synthetic(SyntheticStore store) {
        Map<String, String> environment = assets.environment();
        environment.put("S3_ENDPOINT", store.endpoint().toString());
        environment.put("S3_BUCKET", SyntheticStore.BUCKET);
        return environment;
    }

    private static List<String> keys(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> String.format("%s-%05d", name, i))
                .toList();
    }

    private static List<String> every(List<String> keys, int step) {
        return IntStream.range(0, keys.size())
                .filter(i -> i % step == 0)
                .mapToObj(keys::get)
                .toList();
    }
}
