package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.cleanup.Restores.RestoreOrder;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.StartedStocktake;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The way back, also where the results database was set back to an earlier time. */
class RestoreTest {
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

    private static RestoreOrder fromQuarantine(UUID plan) {
        return new RestoreOrder(plan, true, Optional.empty(), false, "somebody");
    }
}
