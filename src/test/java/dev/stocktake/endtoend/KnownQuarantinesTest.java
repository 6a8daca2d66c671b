package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.run.Run;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waits in quarantine is nobody's orphan, whatever the settings say by now and whoever looks. */
class KnownQuarantinesTest {
    private final CleanableAssets cleanable = new CleanableAssets();

    @AfterEach
    void stop() {
        cleanable.close();
    }

    @Test
    void aQuarantineOfEarlierSettingsStaysOutOfRunsAndPlans() {
        cleanable.assets().objects("orphan", "other");
        StartedStocktake before = cleanable.start(Map.of());
        Plan plan = cleanable.moved(before);
        StartedStocktake after = cleanable.start(Map.of("QUARANTINE_PREFIX", "elsewhere/"));

        Run run = cleanable.twice(after);

        assertThat(run.counts().orphanedFiles()).isZero();
        assertThat(run.remarks()).contains("Not compared", "\".stocktake-quarantine/\"");
        assertThat(after.application().plan(PlanOrders.permanently()).plan().items())
                .isZero();
        before.restore(plan);
        assertThat(cleanable.keys()).contains("orphan", "other");
    }

    @Test
    void findingsFromBeforeAQuarantineWasKnownAreInNoPlan() {
        StartedStocktake stocktake = cleanable.start(Map.of());
        cleanable.assets().objects("old/orphan");
        cleanable.twice(stocktake);
        cleanable
                .assets()
                .database()
                .execute("INSERT INTO stocktake.quarantine (bucket, prefix, known_by) VALUES ('"
                        + cleanable.assets().bucket() + "', 'old/', 'marker')");

        assertThat(stocktake.application().plan(PlanOrders.files()).plan().items())
                .isZero();
    }

    @Test
    void anotherDeploymentRecognisesAQuarantineByItsMarker() {
        cleanable.assets().objects("orphan");
        StartedStocktake stocktake = cleanable.start(Map.of("QUARANTINE_PREFIX", "theirs/q/"));
        Plan plan = cleanable.moved(stocktake);
        assertThat(cleanable.keys()).contains("theirs/q/" + plan.id() + "/orphan");
        StartedStocktake another = cleanable.start(
                Map.of("RESULTS_DATABASE_URL", TestServers.databases().create().url()));

        Run run = another.run();

        assertThat(run.status()).as(run.failure()).isEqualTo(Run.Status.COMPLETE);
        assertThat(run.counts().orphanedFiles()).isZero();
        assertThat(run.counts().objects()).isEqualTo(30);
        assertThat(run.remarks()).contains("\"theirs/q/\"");
        assertThat(another.run().counts().objects())
                .as("and knows it from then on")
                .isEqualTo(30);
    }

    @Test
    void aFileThatOnlyLooksLikeAMarkerHidesNothing() {
        for (String content :
                new String[] {"", "{}", "{\"stocktake\":\"quarantine\",\"prefix\":\"elsewhere/\"}", "x"}) {
            cleanable
                    .assets()
                    .store()
                    .put(
                            cleanable.assets().bucket(),
                            "folder" + content.length() + "/.stocktake-quarantine.json",
                            content.getBytes(StandardCharsets.UTF_8),
                            Assets.LONG_AGO);
        }
        cleanable.assets().objects("folder0/orphan", "folder1/orphan");
        // one folder after another is looked into
        StartedStocktake stocktake = cleanable.start(Map.of());
        Run run = stocktake.run();
        while (!run.isComplete()) {
            assertThat(run.failure()).contains("says that it is a quarantine");
            run = stocktake.run();
        }

        assertThat(run.counts().orphanedFiles()).isEqualTo(6);
        assertThat(run.remarks()).isNull();
    }

    @Test
    void aPlanIsExecutedOnlyInTheBucketThatItIsAbout() {
        cleanable.assets().objects("orphan");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.planned(stocktake, PlanOrders.permanently());
        String other = cleanable.assets().bucket() + "-other";
        cleanable.assets().store().createBucket(other);
        cleanable.assets().store().put(other, "orphan", new byte[] {1, 2, 3}, Assets.LONG_AGO);
        StartedStocktake elsewhere = cleanable.start(Map.of("S3_BUCKET", other));

        assertThatThrownBy(() -> elsewhere.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(
                        "is about the bucket \"" + cleanable.assets().bucket() + "\"")
                .hasMessageContaining("set them back");
        assertThat(cleanable.assets().store().keys(other)).contains("orphan");
    }
}
