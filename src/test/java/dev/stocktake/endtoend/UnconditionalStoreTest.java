package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.PlanOrder;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.cleanup.Restores.RestoreOrder;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.embedded.HostileStore;
import dev.stocktake.embedded.StoreCondition;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stores that do what they are asked whatever has changed, and clocks that are wrong. */
class UnconditionalStoreTest {
    private final CleanableAssets cleanable = new CleanableAssets();
    private final Assets assets = cleanable.assets();

    private HostileStore store;
    private StartedStocktake stocktake;

    @BeforeEach
    void start() {
        store = HostileStore.before(assets.store().endpoint().getPort());
        stocktake = cleanable.start(Map.of("S3_ENDPOINT", "http://127.0.0.1:" + store.port()));
        assets.objects("orphan");
        cleanable.twice(stocktake);
    }

    @AfterEach
    void stop() {
        cleanable.close();
        store.close();
    }

    @ParameterizedTest
    @EnumSource
    void areCleanedUpOnlyWhereSomebodyAcceptsIt(StoreCondition forgotten) {
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        assets.store().forget(assets.bucket(), forgotten);

        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("This store cannot ")
                .hasMessageContaining("an upload in the same instant can be lost")
                .hasMessageContaining("--accept-unconditional " + assets.bucket());
        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("does not accept that");
        assertThat(cleanable.keys()).contains("orphan");

        Plan accepted = accepted();
        assertThat(stocktake.application().execute(accepted, "somebody").done()).isOne();
        assertThat(stocktake.restore(accepted)).extracting(Restored::outcome).containsExactly(Outcome.DONE);
        assertThat(cleanable.keys()).contains("orphan");
    }

    @Test
    void oneThatDoesNotKnowTheConditionOfACopyBringsFilesBackAllTheSame() {
        store.refuseCopiesThatMayNotReplace();
        Plan accepted = accepted();

        stocktake.application().execute(accepted, "somebody");

        assertThat(cleanable.keys()).doesNotContain("orphan");
        assertThat(stocktake.restore(accepted)).extracting(Restored::outcome).containsExactly(Outcome.DONE);
        assertThat(cleanable.keys()).contains("orphan");
    }

    @Test
    void oneThatTakesNoBodiesInChunksOfTheSdksOwnIsCleanedUp() {
        store.refuse(
                request -> request.header("content-encoding").contains("aws-chunked")
                        || request.header("x-amz-content-sha256").startsWith("STREAMING"),
                501,
                "NotImplemented");

        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();

        assertThat(stocktake.application().execute(plan, "somebody").done()).isOne();
        assertThat(stocktake.restore(plan)).extracting(Restored::outcome).containsExactly(Outcome.DONE);
    }

    @Test
    void anUploadRightBeforeTheDeletionLeavesTheNewerFileOutsideAndBothETagsInTheActions() {
        assets.store().forget(assets.bucket(), StoreCondition.values());
        Plan accepted = accepted();
        store.after(request -> request.deletes("orphan"), () -> upload("newer"));

        CleanupResult result = stocktake.application().execute(accepted, "somebody");

        assertThat(result.failed()).isOne();
        assertThat(result.reasons().keySet())
                .singleElement()
                .asString()
                .contains("another file is there after it was deleted", "the one of the plan is in quarantine");
        assertThat(cleanable.content("orphan")).asString(StandardCharsets.UTF_8).isEqualTo("newer");
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT seen ->> 'etag' <> seen ->> 'etag_after' FROM stocktake.action"
                                + " WHERE what = 'quarantine'")
                        .query(Boolean.class)
                        .single())
                .isTrue();
    }

    @Test
    void nothingIsPutBackOverAnotherFile() {
        assets.store().forget(assets.bucket(), StoreCondition.values());
        Plan accepted = accepted();
        store.after(request -> request.deletes("orphan"), () -> {
            assets.records("orphan");
            upload("newer");
        });

        stocktake.application().execute(accepted, "somebody");

        assertThat(cleanable.content("orphan")).asString(StandardCharsets.UTF_8).isEqualTo("newer");
    }

    @Test
    void nothingIsRestoredOverANewerUpload() {
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        stocktake.application().execute(plan, "somebody");
        store.before(request -> request.copiesTo("orphan"), () -> upload("newer"));

        List<Restored> restored = stocktake.restore(plan);

        assertThat(restored).extracting(Restored::outcome).containsExactly(Outcome.SKIPPED);
        assertThat(cleanable.content("orphan")).asString(StandardCharsets.UTF_8).isEqualTo("newer");
    }

    @Test
    void aRestoreTakesTheSameConsent() {
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        stocktake.application().execute(plan, "somebody");
        assets.store().forget(assets.bucket(), StoreCondition.values());

        assertThatThrownBy(() -> stocktake.restore(plan))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("--accept-unconditional " + assets.bucket());
        assertThat(stocktake
                        .application()
                        .restore(new RestoreOrder(plan.id(), false, Optional.empty(), true, "somebody")))
                .extracting(Restored::outcome)
                .containsExactly(Outcome.DONE);
    }

    @Test
    void clocksThatAreHoursApartTellNoAge() {
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        store.pretendToBeAhead(Duration.ofHours(2));

        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("more than an hour apart");

        store.pretendToBeAhead(Duration.ofMinutes(2));
        assertThat(stocktake.application().execute(plan, "somebody").done()).isOne();
        store.pretendToBeAhead(Duration.ofHours(2));
        assertThatThrownBy(() -> stocktake
                        .application()
                        .purge(stocktake.application().purges().due(Duration.ZERO), "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("more than an hour apart");
    }

    private Plan accepted() {
        PlanOrder order = PlanOrders.accepting(PlanOrders.files());
        return stocktake.application().plan(order).plan();
    }

    private void upload(String content) {
        assets.store().put(assets.bucket(), "orphan", content.getBytes(StandardCharsets.UTF_8), Instant.now());
    }
}
