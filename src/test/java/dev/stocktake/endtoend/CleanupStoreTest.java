package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.embedded.StoreCondition;
import dev.stocktake.embedded.StoreFault;
import dev.stocktake.embedded.StoreFaultProxy;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store may do while files are moved, and what it may be that none should. */
class CleanupStoreTest {
    private static final String QUARANTINE = ".stocktake-quarantine/";
    private static final List<String> ORPHANS =
            IntStream.range(100, 200).mapToObj(i -> "orphan-" + i).toList();

    private final Assets assets = Assets.empty();

    private StoreFaultProxy store;
    private StartedStocktake stocktake;

    @BeforeEach
    void start(@TempDir Path folder) {
        store = StoreFaultProxy.before(assets.store().endpoint().getPort());
        assets.objects(ORPHANS).objects("matched").records("matched");
        Map<String, String> environment = assets.environment();
        environment.put("S3_ENDPOINT", "http://127.0.0.1:" + store.port());
        environment.put("CLEANUP_MAX_RATIO", "100");
        environment.put("CLEANUP_MIN_SIGHTINGS", "1");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "100");
        environment.put("PARALLELISM", "4");
        stocktake =
                StartedStocktake.forOneRun(environment, EditedRoutes.in(folder).impatient());
        stocktake.run();
        assets.backdateFindings();
    }

    @AfterEach
    void stop() {
        stocktake.close();
        store.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"RESET_BEFORE_ANSWER", "RESET_IN_ANSWER", "INTERNAL_ERROR", "FOREIGN"})
    void noFileIsLostWhateverAnswersAreLost(StoreFault fault) {
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        store.inject(fault, 0.03);

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(store.faults()).isPositive();
        store.calm();
        assertThat(whereverTheyAre(plan)).containsAll(ORPHANS);
        assertThat(result.done() + result.skipped() + result.failed())
                .isEqualTo(accounted("'done', 'skipped', 'failed'"));
        assertThat(keys().stream().filter(key -> key.startsWith(QUARANTINE + plan.id())))
                .as("the actions say which are there")
                .hasSizeGreaterThanOrEqualTo((int) result.done());
        assertThat(keys()).doesNotContainAnyElementsOf(movedByTheActions());
    }

    @ParameterizedTest
    @CsvSource({"500, InternalError", "403, InvalidObjectState"})
    void oneFileThatCannotBeCopiedStopsNoOther(int status, String code) {
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        store.refuse(line -> line.startsWith("PUT ") && line.contains("/orphan-150"), status, code);

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.done()).isEqualTo(99);
        assertThat(result.failed()).isOne();
        assertThat(result.stopped()).isNull();
        assertThat(keys()).contains("orphan-150");
    }

    @ParameterizedTest
    @CsvSource({"PUT, s3:PutObject", "DELETE, s3:DeleteObject", "HEAD, s3:GetObject"})
    void stopsWhereTheStoreForbidsItAndNamesTheRight(String method, String right) {
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        store.refuse(line -> line.startsWith(method + " ") && line.contains("orphan-"), 403, "AccessDenied");

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.stopped())
                .contains("the store forbids it", "Grant ", right)
                .doesNotContain("list the bucket (");
        assertThat(result.failed()).isBetween(1L, 4L);
        assertThat(result.done()).isZero();
        assertThat(keys()).containsAll(ORPHANS);
        store.refuse(line -> false, 403, "");
        CleanupResult gone = stocktake.application().execute(plan, "somebody");
        assertThat(gone.isWhole()).isTrue();
        assertThat(gone.done()).isEqualTo(100 - result.failed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Enabled", "Suspended"})
    void refusesABucketThatKeepsVersions(String status) {
        store.answer(
                line -> line.startsWith("GET ") && line.contains("?versioning"),
                200,
                "<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>");

        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("keeps versions")
                .hasMessageContaining("a deletion there only hides a file");
    }

    @Test
    void refusesABucketWithObjectLockEvenIfItCameAfterThePlan() {
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        store.answer(
                line -> line.startsWith("GET ") && line.contains("?object-lock"),
                200,
                "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>");

        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("has Object Lock");
        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("has Object Lock");
        assertThat(keys()).containsAll(ORPHANS);
    }

    @Test
    void refusesWhereItMayNotSeeWhetherVersionsAreKept() {
        store.refuse(line -> line.contains("?versioning"), 403, "AccessDenied");

        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("s3:GetBucketVersioning");
    }

    @Test
    void refusesAQuarantineThatMayNotBeWrittenTo() {
        store.refuse(line -> line.startsWith("PUT ") && line.contains(QUARANTINE), 403, "AccessDenied");

        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("cannot be written to")
                .hasMessageContaining("403");
    }

    @Test
    void deletesForGoodOnlyWhatIsStillOrphanedAndAsPlanned() {
        Plan plan = stocktake.application().plan(PlanOrders.permanently()).plan();
        assets.records("orphan-101");
        assets.store().put(assets.bucket(), "orphan-102", new byte[] {4, 5}, Assets.LONG_AGO);
        assets.store().delete(assets.bucket(), "orphan-103");

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.done()).isEqualTo(97);
        assertThat(result.skipped()).isEqualTo(3);
        assertThat(keys()).containsExactly("matched", "orphan-101", "orphan-102");
        assertThatThrownBy(() -> stocktake.restore(plan))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("for good");
        assertThat(stocktake.application().actions().verify().broken()).isEmpty();
    }

    @Test
    void saysInTheActionsWhetherTheStoreMindedTheCondition() {
        assets.store().forget(assets.bucket(), StoreCondition.DELETE_IF_MATCH);
        Plan plan = stocktake
                .application()
                .plan(PlanOrders.accepting(PlanOrders.files()))
                .plan();

        stocktake.application().execute(plan, "somebody");

        assertThat(assets.database()
                        .sql()
                        .sql("SELECT DISTINCT seen ->> 'conditional' FROM stocktake.action WHERE what = 'quarantine'")
                        .query(String.class)
                        .list())
                .containsExactly("false");
    }

    private List<String> movedByTheActions() {
        return assets.database()
                .sql()
                .sql("SELECT storage_key FROM stocktake.action WHERE what = 'quarantine' AND outcome = 'done'")
                .query(String.class)
                .list();
    }

    private long accounted(String outcomes) {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.action WHERE what = 'quarantine' AND outcome IN (" + outcomes
                        + ")")
                .query(Long.class)
                .single();
    }

    private List<String> whereverTheyAre(Plan plan) {
        return keys().stream()
                .map(key -> key.replace(QUARANTINE + plan.id() + "/", ""))
                .toList();
    }

    /** Without what Stocktake puts down about a quarantine, and tries. */
    private List<String> keys() {
        return assets.objectKeys().stream()
                .filter(key -> !key.endsWith(".json") && !key.contains("stocktake-trial"))
                .toList();
    }
}
