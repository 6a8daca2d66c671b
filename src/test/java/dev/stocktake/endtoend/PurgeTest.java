package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.Purges.Purge;
import dev.stocktake.cleanup.Purges.Purged;
import dev.stocktake.cleanup.Purges.State;
import dev.stocktake.cleanup.Purges.Waiting;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.embedded.EmbeddedStore;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of the way: what may be deleted for good, and what not. */
class PurgeTest {
    private final CleanableAssets cleanable = new CleanableAssets();

    @AfterEach
    void stop() {
        cleanable.close();
    }

    @Test
    void leavesWhatARecordNamesAtThatMomentExactlyOrNearly() {
        cleanable.assets().objects("named", "named nearly", "orphan");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        Purge purge = due(stocktake);
        cleanable.assets().records("named", "named%20nearly");

        List<Purged> purged = stocktake.application().purge(purge, "somebody");

        assertThat(purged)
                .extracting(file -> file.file().storageKey() + " " + file.outcome())
                .containsExactlyInAnyOrder("named SKIPPED", "named nearly SKIPPED", "orphan DONE");
        assertThat(purged.stream().filter(file -> file.outcome() == Outcome.SKIPPED))
                .allSatisfy(file -> assertThat(file.reason())
                        .contains("a record names it", "restore --plan " + plan.id() + " brings it back"));
        assertThat(quarantined(plan)).containsExactly("named", "named nearly");
        assertThat(stocktake.restore(plan))
                .extracting(file -> file.item().storageKey())
                .containsExactly("named", "named nearly");
        assertThat(cleanable.keys()).contains("named", "named nearly").doesNotContain("orphan");
        assertThat(stocktake.application().actions().verify().broken()).isEmpty();
    }

    @Test
    void takesARecentVerdictThatNothingIsOddAbout() {
        cleanable.assets().objects("orphan");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        Purge purge = due(stocktake);

        for (String change : List.of(
                "finished_at = finished_at - interval '25 hours', started_at = started_at - interval '25 hours'",
                "suspicious = 'x'",
                "records_query = 'another'")) {
            cleanable.assets().database().execute("CREATE TABLE kept AS TABLE stocktake.run");
            cleanable.assets().database().execute("UPDATE stocktake.run SET " + change);
            assertThatThrownBy(() -> stocktake.application().purge(purge, "somebody"))
                    .as(change)
                    .isInstanceOf(RefusedException.class);
            cleanable
                    .assets()
                    .database()
                    .execute("UPDATE stocktake.run SET started_at = kept.started_at, finished_at = kept.finished_at,"
                            + " suspicious = kept.suspicious, records_query = kept.records_query FROM kept"
                            + " WHERE run.id = kept.id");
            cleanable.assets().database().execute("DROP TABLE kept");
        }
        assertThat(quarantined(plan)).containsExactly("orphan");
        assertThat(stocktake.application().purge(purge, "somebody")).hasSize(1);
        assertThat(quarantined(plan)).isEmpty();
    }

    @Test
    void deletesNothingAndSaysNothingWhereItIsAboutAnotherStore() {
        cleanable.assets().objects("orphan");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        try (EmbeddedStore another = EmbeddedStore.start()) {
            another.createBucket(cleanable.assets().bucket());
            StartedStocktake elsewhere = cleanable.start(Map.of(
                    "S3_ENDPOINT", another.endpoint().toString(),
                    "S3_ACCESS_KEY_ID", another.accessKey(),
                    "S3_SECRET_ACCESS_KEY", another.secretKey()));

            assertThat(due(elsewhere).files()).isEmpty();
            assertThatThrownBy(() -> elsewhere.restore(plan))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("is about another store")
                    .hasMessageContaining("S3_ENDPOINT");
        }
        assertThat(cleanable.actions()).noneMatch(action -> action.startsWith("purge"));
        assertThat(quarantined(plan)).containsExactly("orphan");
    }

    @Test
    void deletesNothingOfAPlanThatIsAboutAnotherPrefix() {
        cleanable.assets().objects("a/orphan");
        StartedStocktake stocktake = cleanable.start(Map.of());
        cleanable.moved(stocktake);
        StartedStocktake narrower = cleanable.start(Map.of("S3_PREFIX", "a/"));

        Purge purge = due(narrower);

        assertThat(purge.files()).isEmpty();
        assertThat(purge.elsewhere()).isOne();
    }

    @Test
    void deletesACopyBesideItsOriginalOnceThatWasThereForAnHour() {
        cleanable.assets().objects("back", "back and gone");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        stocktake.restore(plan);
        assertThat(due(stocktake).files())
                .as("it may still be deleted by a process that was held up")
                .isEmpty();
        cleanable.backdateActions("61 minutes");
        cleanable.assets().store().delete(cleanable.assets().bucket(), "back and gone");

        Purge purge = due(stocktake);
        List<Purged> purged = stocktake.application().purge(purge, "somebody");

        assertThat(purged)
                .extracting(file -> file.file().storageKey() + " " + file.outcome())
                .containsExactlyInAnyOrder("back DONE", "back and gone SKIPPED");
        assertThat(cleanable.keys()).contains("back").doesNotContain("back and gone");
        assertThat(quarantined(plan)).containsExactly("back and gone");
        stocktake.restore(plan);
        assertThat(cleanable.keys()).contains("back", "back and gone");
    }

    @Test
    void leavesAndTellsWhatTheDatabaseDoesNotKnow() {
        cleanable.assets().objects("orphan");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        cleanable.asOwner("DELETE FROM stocktake.action WHERE storage_key IS NOT NULL");

        Purge purge = due(stocktake);

        assertThat(purge.files()).isEmpty();
        assertThat(purge.unknown()).isOne();
        assertThat(quarantined(plan)).containsExactly("orphan");
    }

    @Test
    void saysWhatAnInterruptedOneDeleted(@TempDir Path folder) {
        cleanable.assets().objects("deleted", "waits");
        StartedStocktake stocktake =
                cleanable.start(Map.of(), EditedRoutes.in(folder).impatient());
        Plan plan = cleanable.moved(stocktake);
        Purge purge = onlyOf("deleted", due(stocktake));
        cleanable
                .assets()
                .database()
                .execute("ALTER TABLE stocktake.action ADD CONSTRAINT no_purge CHECK (what <> 'purge') NOT VALID");
        assertThatThrownBy(() -> stocktake.application().purge(purge, "somebody"));
        assertThat(quarantined(plan)).containsExactly("waits");
        cleanable.assets().database().execute("ALTER TABLE stocktake.action DROP CONSTRAINT no_purge");
        assertThat(said("purge"))
                .as("who was at it is known all the same")
                .containsExactly("confirm_purge somebody " + purge.hash());

        Purge next = stocktake.application().purges().due(Duration.ofDays(30));
        assertThat(next.files())
                .extracting(file -> file.storageKey() + " " + file.state())
                .containsExactly("deleted GONE");
        assertThat(stocktake.application().purge(next, "another"))
                .extracting(file -> file.file().storageKey() + " " + file.outcome() + ": " + file.reason())
                .containsExactly("deleted DONE: it was gone: a purge that was interrupted deleted it");

        assertThat(cleanable.actions()).endsWith("purge done deleted");
        assertThat(said("purge")).endsWith("end_purge another " + next.hash());
        assertThat(stocktake.application().purges().due(Duration.ofDays(30)).files())
                .isEmpty();
        assertThat(quarantined(plan)).containsExactly("waits");
        assertThat(stocktake.application().actions().verify().broken()).isEmpty();
    }

    @Test
    void doesNotTakeForGoneWhatAListingLeavesOut() {
        cleanable.assets().objects("left out");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        Waiting there = due(stocktake).files().get(0);
        Waiting gone = new Waiting(
                there.planId(),
                there.planHash(),
                there.item(),
                there.storageKey(),
                there.quarantined(),
                there.size(),
                there.etag(),
                State.GONE,
                false);

        assertThat(stocktake.application().purge(new Purge(List.of(gone), 0, 0, Set.of()), "somebody"))
                .extracting(Purged::outcome)
                .containsExactly(Outcome.SKIPPED);
        assertThat(quarantined(plan)).containsExactly("left out");
    }

    @Test
    void endsNoOtherOneThatWasInterruptedSinceItLooked() {
        cleanable.assets().objects("a", "b");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        Purge purge = onlyOf("a", due(stocktake));
        stocktake
                .application()
                .actions()
                .ofPlan(
                        plan,
                        "another",
                        "confirm_purge",
                        onlyOf("b", due(stocktake)).hash());

        assertThatThrownBy(() -> stocktake.application().purge(purge, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("Look again");
        assertThat(quarantined(plan)).containsExactly("a", "b");
        assertThat(stocktake.application().purge(due(stocktake), "somebody")).hasSize(2);
        assertThat(quarantined(plan)).isEmpty();
    }

    @Test
    void bringsOneToItsEndThatHadNothingLeftToDo() {
        cleanable.assets().objects("a");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        stocktake.application().purge(due(stocktake), "somebody");
        stocktake.application().actions().ofPlan(plan, "another", "confirm_purge", "a hash");

        assertThat(stocktake.application().purge(due(stocktake), "somebody")).isEmpty();

        assertThat(said("purge").get(said("purge").size() - 1)).startsWith("end_purge somebody");
    }

    @Test
    void endsNoneThatWentOnAfterItLooked() {
        cleanable.assets().objects("a", "b");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        stocktake.application().actions().ofPlan(plan, "another", "confirm_purge", "a hash");
        Purge purge = onlyOf("a", due(stocktake));
        cleanable.assets().store().delete(cleanable.assets().bucket(), ".stocktake-quarantine/" + plan.id() + "/b");

        assertThatThrownBy(() -> stocktake.application().purge(purge, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("Look again");
        assertThat(quarantined(plan)).containsExactly("a");
        stocktake.application().purge(due(stocktake), "somebody");
        assertThat(cleanable.actions()).contains("purge done a", "purge done b");
    }

    private static Purge onlyOf(String key, Purge purge) {
        return new Purge(
                purge.files().stream()
                        .filter(file -> file.storageKey().equals(key))
                        .toList(),
                0,
                0,
                purge.interrupted());
    }

    private List<String> said(String what) {
        return cleanable
                .assets()
                .database()
                .sql()
                .sql("SELECT concat_ws(' ', what, made_by, reason) FROM stocktake.action WHERE what LIKE '%_' || ?"
                        + " ORDER BY number")
                .param(what)
                .query(String.class)
                .list();
    }

    @Test
    void takesTheLease() {
        cleanable.assets().objects("orphan");
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        cleanable
                .assets()
                .database()
                .execute("INSERT INTO stocktake.lease (bucket, prefix, plan_id, work, expires_at) VALUES ('"
                        + cleanable.assets().bucket() + "', 'a/', '" + plan.id()
                        + "', 'restore', now() + interval '1 hour')");

        assertThatThrownBy(() -> stocktake.application().purge(due(stocktake), "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("Plan " + plan.id() + " is undone in the bucket");
        assertThatThrownBy(() -> stocktake.restore(plan))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is undone in the bucket");
    }

    private static Purge due(StartedStocktake stocktake) {
        return stocktake.application().purges().due(Duration.ZERO);
    }

    private List<String> quarantined(Plan plan) {
        String folder = ".stocktake-quarantine/" + plan.id() + "/";
        return cleanable.keys().stream()
                .filter(key -> key.startsWith(folder))
                .map(key -> key.substring(folder.length()))
                .toList();
    }
}
