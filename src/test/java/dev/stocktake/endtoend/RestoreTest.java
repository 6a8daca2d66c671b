package dev.stocktake.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.cleanup.Restores.RestoreOrder;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The way back, also where the results database was set back to an earlier time. */
class RestoreTest {
    private static final Map<String, String> AT_ANY_AGE = Map.of("CLEANUP_MIN_AGE", "0s", "GRACE_PERIOD", "0s");

    private final CleanableAssets cleanable = new CleanableAssets();

    @AfterEach
    void stop() {
        cleanable.close();
    }

    @Test
    void bringsBackOnceMoreWhatWasTakenAwayAgain() {
        cleanable.assets().objects("orphan");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        stocktake.restore(plan);
        cleanable.assets().store().delete(cleanable.assets().bucket(), "orphan");

        assertThat(stocktake.restore(plan)).extracting(Restored::outcome).containsExactly(Outcome.DONE);

        assertThat(cleanable.keys()).contains("orphan");
    }

    @Test
    void tellsWhatLiesInTheFolderOfAPlanWhoseActionsAreLostAndBringsItBack() {
        cleanable.assets().objects("orphan", "orphan%20b");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        cleanable.asOwner("DELETE FROM stocktake.action WHERE what <> 'plan'");

        assertThat(stocktake.restore(plan)).isEmpty();
        assertThat(stocktake.application().restores().unknownIn(plan)).isEqualTo(2);

        assertThat(stocktake.application().restore(fromQuarantine(plan.id())))
                .extracting(Restored::outcome)
                .containsExactly(Outcome.DONE, Outcome.DONE);
        assertThat(cleanable.keys()).contains("orphan", "orphan%20b");
        assertThat(cleanable.actions()).containsExactlyInAnyOrder("restore done orphan", "restore done orphan%20b");
    }

    @Test
    void bringsBackByTheMarkerOfAPlanThatTheDatabaseNeverHadHeardOf() {
        cleanable.assets().objects("orphan");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        cleanable.asOwner("TRUNCATE stocktake.action", "TRUNCATE stocktake.plan_item", "TRUNCATE stocktake.plan");

        assertThatThrownBy(() -> stocktake.restore(plan))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("There is no plan " + plan.id() + " in the results database")
                .hasMessageContaining("restore --from-quarantine " + plan.id());
        List<Restored> restored = stocktake.application().restore(fromQuarantine(plan.id()));

        assertThat(restored).extracting(Restored::outcome).containsExactly(Outcome.DONE);
        assertThat(cleanable.keys()).contains("orphan");
    }

    @Test
    void refusesAFolderThatIsNoPlans() {
        StartedStocktake stocktake = cleanable.start(Map.of());

        assertThatThrownBy(() -> stocktake.application().restore(fromQuarantine(new UUID(1, 2))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("has no folder of a plan");
    }

    @Test
    void bringsNoOlderFileBackWhileANewerOneOfItsKeyWaits() {
        StartedStocktake stocktake = cleanable.start(AT_ANY_AGE);
        Plan older = moved(stocktake, "older");
        Plan newer = moved(stocktake, "newer");

        assertThat(stocktake.restore(older))
                .extracting(restored -> restored.outcome() + " " + restored.reason())
                .containsExactly("SKIPPED plan " + newer.id()
                        + " has moved a newer file of its key: restore --plan " + newer.id()
                        + " brings that one back; this one stays in quarantine");
        assertThat(stocktake.restore(newer)).extracting(Restored::outcome).containsExactly(Outcome.DONE);
        assertThat(cleanable.content("key")).asString(UTF_8).isEqualTo("newer");
    }

    @Test
    void bringsNoOlderFileBackWhileANewerOneWaitsOfWhichTheActionsDoNotKnowYet() {
        StartedStocktake stocktake = cleanable.start(AT_ANY_AGE);
        Plan older = moved(stocktake, "older");
        Plan newer = moved(stocktake, "newer");
        cleanable.asOwner("DELETE FROM stocktake.action WHERE plan_id = '" + newer.id() + "' AND what <> 'confirm'");

        assertThat(stocktake.restore(older)).extracting(Restored::outcome).containsExactly(Outcome.SKIPPED);
        cleanable
                .assets()
                .store()
                .delete(cleanable.assets().bucket(), newer.quarantine().split("/", 2)[1] + "key");
        assertThat(stocktake.restore(older)).extracting(Restored::outcome).containsExactly(Outcome.DONE);
    }

    @Test
    void goingOnWithAPlanPutsNoOlderFileBackWhileANewerOneOfItsKeyWaits() {
        StartedStocktake stocktake = cleanable.start(AT_ANY_AGE);
        Plan older = moved(stocktake, "older");
        Plan newer = moved(stocktake, "newer");
        cleanable.asOwner("DELETE FROM stocktake.action WHERE plan_id = '" + older.id() + "' AND what = 'end'");
        cleanable.assets().records("key");

        stocktake.application().execute(older, "somebody");

        assertThat(cleanable.keys()).doesNotContain("key");
        assertThat(cleanable.actions()).endsWith("restore failed key");
        assertThat(stocktake.restore(newer)).extracting(Restored::outcome).containsExactly(Outcome.DONE);
        assertThat(cleanable.content("key")).asString(UTF_8).isEqualTo("newer");
    }

    private Plan moved(StartedStocktake stocktake, String content) {
        cleanable.assets().store().put(cleanable.assets().bucket(), "key", content.getBytes(UTF_8));
        Plan plan = cleanable.planned(stocktake, PlanOrders.unsafe());
        stocktake.application().execute(plan, "somebody");
        return plan;
    }

    private static RestoreOrder fromQuarantine(UUID plan) {
        return new RestoreOrder(plan, true, Optional.empty(), false, "somebody");
    }
}
