package dev.stocktake.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.embedded.HostileStore;
import dev.stocktake.embedded.StoreRequest;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store, or a proxy before it, leaves out of its answers: a run and a cleanup go on without it, or say so. */
class LeftOutAnswersTest {
    private final CleanableAssets cleanable = new CleanableAssets();
    private final Assets assets = cleanable.assets();

    @TempDir
    private Path folder;

    private HostileStore store;
    private StartedStocktake stocktake;

    @BeforeEach
    void start() {
        store = HostileStore.before(assets.store().endpoint().getPort());
        stocktake = cleanable.start(Map.of("S3_ENDPOINT", "http://127.0.0.1:" + store.port()));
        assets.objects("orphan", "orphan-2").records("missing");
    }

    @AfterEach
    void stop() {
        cleanable.close();
        store.close();
    }

    private static boolean isHead(StoreRequest request) {
        return request.method().equals("HEAD");
    }

    private static boolean isListing(StoreRequest request) {
        return request.method().equals("GET") && request.query().contains("list-type=2");
    }

    private void assertFindings(Run run) {
        assertThat(run.failure()).isNull();
        assertThat(assets.orphanedFiles(run)).containsExactly("orphan", "orphan-2");
        assertThat(assets.orphanedRecords(run)).containsExactly("missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length", "Last-Modified", "ETag"})
    void headsWithoutAHeaderAreGoodEnoughForARunACleanupAndTheWayBack(String header) {
        store.leaveOutHeader(LeftOutAnswersTest::isHead, header);
        assertFindings(cleanable.twice(stocktake));

        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();

        assertThat(stocktake.application().execute(plan, "somebody").done()).isEqualTo(2);
        assertThat(cleanable.keys()).doesNotContain("orphan");
        assertThat(stocktake.restore(plan)).extracting(Restored::outcome).containsOnly(Outcome.DONE);
        assertThat(cleanable.keys()).contains("orphan", "orphan-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ETag", "Content-Type", "Accept-Ranges"})
    void aRunDoesWithoutOtherHeaders(String header) {
        store.leaveOutHeader(LeftOutAnswersTest::isHead, header);

        assertFindings(stocktake.run());
    }

    @Test
    void withoutTheTimeOfHeadsNothingIsJudgedByItsAge() {
        store.leaveOutHeader(LeftOutAnswersTest::isHead, "Date");

        assertThat(stocktake.run().failure()).startsWith("The store's answers do not tell its time (no Date header)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Size | The listing gives no size for the key \"",
                "LastModified | The listing gives no time for the key \"",
                "Key | The listing has an object without its key",
                "IsTruncated | The store cannot be reached or gave no sensible answer.",
            })
    void aListingWithoutWhatItMustSayLeavesNoVerdictAndOneSentence(String element, String sentence) {
        store.leaveOutElement(LeftOutAnswersTest::isListing, element);

        Run run = cleanable
                .start(
                        Map.of("S3_ENDPOINT", "http://127.0.0.1:" + store.port()),
                        EditedRoutes.in(folder).impatient())
                .run();

        assertThat(run.status()).isEqualTo(Run.Status.INCOMPLETE);
        assertThat(run.failure()).startsWith(sentence).doesNotContain("Cannot invoke", "null", "java.", "Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ETag", "StorageClass", "Name", "KeyCount", "MaxKeys", "EncodingType"})
    void aListingMayLeaveOutTheRest(String element) {
        store.leaveOutElement(LeftOutAnswersTest::isListing, element);

        assertFindings(stocktake.run());
    }

    @Test
    void aFoldersNameMustBeThere() {
        store.leaveOutElement(request -> isListing(request) && request.query().contains("delimiter="), "Prefix");
        assets.objects("folder/a").records("folder/a");

        Run run = cleanable
                .start(
                        Map.of("S3_ENDPOINT", "http://127.0.0.1:" + store.port()),
                        EditedRoutes.in(folder).impatient())
                .run();

        assertThat(run.failure()).startsWith("The listing has a folder without its name.");
    }

    /** By the ETag that HEAD has, where the listing of the plan has none. */
    @Test
    void aFileThatIsOverwrittenRightBeforeItsDeletionStaysWhereTheListingHasNoETag() {
        store.leaveOutElement(LeftOutAnswersTest::isListing, "ETag");
        cleanable.twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        store.before(
                request -> request.deletes("orphan"),
                () -> assets.store().put(assets.bucket(), "orphan", "overwritten".getBytes(UTF_8)));

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.done()).isOne();
        assertThat(cleanable.content("orphan")).asString().isEqualTo("overwritten");
    }

    /** Nothing tells one file from another then. */
    @Test
    void aFileWithoutAnyETagIsLeftUnlessThatIsAccepted() {
        store.leaveOutElement(LeftOutAnswersTest::isListing, "ETag");
        store.leaveOutHeader(LeftOutAnswersTest::isHead, "ETag");
        cleanable.twice(stocktake);

        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.done()).isZero();
        assertThat(cleanable.reasons())
                .hasSize(2)
                .allMatch(reason -> reason.startsWith("the store gives it no ETag")
                        && reason.endsWith("--accept-unconditional " + assets.bucket()));
        assertThat(cleanable.keys()).contains("orphan", "orphan-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ETag", "LastModified"})
    void aCopyMayLeaveOutWhatItMade(String element) {
        cleanable.twice(stocktake);
        store.leaveOutElement(StoreRequest::isCopy, element);

        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();

        assertThat(stocktake.application().execute(plan, "somebody").done()).isEqualTo(2);
        assertThat(stocktake.restore(plan)).extracting(Restored::outcome).containsOnly(Outcome.DONE);
    }
}
