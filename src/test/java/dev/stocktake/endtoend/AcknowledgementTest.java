package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.Application;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BetweenRoutes;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.LogLines;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessException;

/** What a suspicious run counts for, before and after somebody answers for it. */
class AcknowledgementTest {
    private final Assets assets = Assets.empty();

    private static List<String> keys(int from, int to) {
        return IntStream.range(from, to).mapToObj("asset-%04d.png"::formatted).toList();
    }

    private static Run acknowledge(StartedStocktake stocktake, Run run) {
        return stocktake.application().acknowledgements().acknowledge(run.id(), "somebody", "looked at it");
    }

    @Test
    void whatARecordLossOrphanedIsNotPlannedHoweverOftenItIsFound() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            Application application = stocktake.application();
            assets.hold(keys(0, 1000), keys(0, 1000));
            assertThat(stocktake.run().suspicions()).isEmpty();

            assets.database().execute("DELETE FROM assets WHERE id <= 40");
            Run second = stocktake.run();
            Run third = stocktake.run();

            assertThat(List.of(second, third))
                    .allSatisfy(run -> assertThat(run.suspicions())
                            .singleElement()
                            .asString()
                            .startsWith("40 orphans are above ten times the 0 of the previous trusted run (20"));
            assets.backdateFindings();
            assertThatThrownBy(() -> application.plan(PlanOrders.files()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("Run " + third.id() + " is suspicious")
                    .hasMessageContaining("acknowledge --run " + third.id() + " --reason TEXT");

            assertThat(acknowledge(stocktake, second).isTrusted()).isTrue();

            assertThatThrownBy(() -> application.plan(PlanOrders.ofRun(second.id())))
                    .hasMessageContaining("Run " + third.id() + " is suspicious, and newer than run " + second.id());
            Run fourth = stocktake.run();
            assertThat(fourth.suspicions()).as("measured by the second").isEmpty();
            assertThatThrownBy(() -> application.plan(PlanOrders.ofRun(second.id())))
                    .as("its own and older sightings, without those of the third")
                    .hasMessageContaining("is suspicious, and newer");
            assets.backdateFindings();
            assertThat(application.plan(PlanOrders.files()).plan().items())
                    .as("found by the second and the fourth")
                    .isEqualTo(40);
        }
    }

    @Test
    void sightingsOfASuspiciousRunDoNotCount() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            assets.hold(keys(0, 1000), keys(0, 1000));
            stocktake.run();
            assets.database().execute("DELETE FROM assets WHERE id <= 40");
            Run second = stocktake.run();
            assets.backdateFindings();
            assets.database().execute("DELETE FROM assets WHERE id BETWEEN 41 AND 49");
            assets.records(keys(0, 40));
            Run third = stocktake.run();
            assertThat(third.suspicions()).isEmpty();
            assets.database().execute("DELETE FROM assets WHERE id > 1000");
            Run fourth = stocktake.run();
            assertThat(fourth.suspicions()).as("49 are not above ten times 9").isEmpty();
            assets.backdateFindings();

            var before = stocktake.application().plan(PlanOrders.files());
            acknowledge(stocktake, second);
            var after = stocktake.application().plan(PlanOrders.files());

            assertThat(before.plan().items()).as("of the third and fourth").isEqualTo(9);
            assertThat(before.tooFewSightings()).isEqualTo(40);
            assertThat(after.plan().items()).isEqualTo(49);
        }
    }

    @Test
    void aNewerSuspiciousRunKeepsAnOlderPlanFromBeingExecuted() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(withOneSighting())) {
            assets.hold(keys(0, 100), keys(1, 100));
            stocktake.run();
            assets.backdateFindings();
            var plan = stocktake.application().plan(PlanOrders.files()).plan();
            assets.database().execute("DELETE FROM assets WHERE id > 70");
            Run suspicious = stocktake.run();

            assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                    .hasMessageContaining(
                            "Run " + suspicious.id() + " is suspicious, and newer than run " + plan.runId());
            acknowledge(stocktake, suspicious);

            assertThat(stocktake.application().execute(plan, "somebody").done()).isOne();
        }
    }

    @Test
    void aDatabaseThatWasReplacedStaysSuspiciousUntilSomebodyAnswersForIt() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            assets.objects("a").records("a");
            Run known = stocktake.run();
            remember(known, "system_identifier", "\"123\"");

            Run second = stocktake.run();
            assertThat(second.suspicions()).singleElement().asString().contains("its system identifier was 123");
            assertThat(stocktake.run().suspicions())
                    .singleElement()
                    .asString()
                    .contains("its system identifier was 123");

            acknowledge(stocktake, second);
            assertThat(stocktake.run().suspicions()).isEmpty();
        }
    }

    @Test
    void aRunThatCouldNotTellWhichDatabaseItReadDoesNotLetOneReplaceAnother() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            assets.objects("a").records("a");
            remember(stocktake.run(), "system_identifier", "\"123\"");
            Run blind = stocktake.run();
            assets.database().execute("UPDATE stocktake.run SET suspicious = NULL WHERE id = '" + blind.id() + "'");
            remember(blind, "system_identifier", "null");

            assertThat(stocktake.run().suspicions())
                    .singleElement()
                    .asString()
                    .contains("its system identifier was 123");
        }
    }

    @Test
    void aFailoverIsNoticedThroughARunThatReadAReplica() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            assets.objects("a").records("a");
            remember(stocktake.run(), "timeline", "77");
            Run ofReplica = stocktake.run();
            assets.database().execute("UPDATE stocktake.run SET suspicious = NULL WHERE id = '" + ofReplica.id() + "'");
            remember(ofReplica, "standby", "true");

            assertThat(stocktake.run().suspicions())
                    .singleElement()
                    .asString()
                    .contains("its timeline was 77 and is 1");
        }
    }

    private void remember(Run run, String field, String json) {
        assets.database()
                .execute("UPDATE stocktake.run SET records_database = jsonb_set(records_database, '{" + field + "}', '"
                        + json + "') WHERE id = '" + run.id() + "'");
    }

    @Test
    void anAcknowledgementAnswersForNoOtherReason() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            assets.hold(keys(0, 200), keys(0, 200));
            stocktake.run();
            assets.database().execute("DELETE FROM assets WHERE id <= 11");
            acknowledge(stocktake, stocktake.run());
            assertThat(stocktake.run().suspicions()).isEmpty();

            assets.hold(keys(0, 151), keys(0, 151));

            assertThat(stocktake.run().suspicions())
                    .singleElement()
                    .asString()
                    .startsWith("The 151 records are over 20 % fewer than the 189 of the previous trusted run (20");
        }
    }

    @Test
    void aRunThatIsBeingJudgedCannotBeAcknowledgedAndIsMeasuredByWhatCountedThen(@TempDir Path folder) {
        UUID[] second = new UUID[1];
        StartedStocktake[] started = new StartedStocktake[1];
        String store = "              - to:\n                  description: Stores the verdict\n";
        EditedRoutes routes = EditedRoutes.in(folder)
                .replace(
                        "maintenance.camel.yaml",
                        store,
                        "              - to:\n                  uri: direct:judged\n" + store);
        BetweenRoutes.insteadOf(routes, "maintenance.camel.yaml", "uri: direct:judged", () -> {
            if (second[0] != null) {
                UUID judged = assets.database()
                        .sql()
                        .sql("SELECT id FROM stocktake.run WHERE status = 'RUNNING'")
                        .query(UUID.class)
                        .single();
                assertThatThrownBy(() -> acknowledge(started[0], judged))
                        .hasMessageContaining("is RUNNING and has no verdict");
                acknowledge(started[0], second[0]);
            }
        });
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment(), routes)) {
            started[0] = stocktake;
            assets.hold(keys(0, 200), keys(0, 200));
            stocktake.run();
            assets.database().execute("DELETE FROM assets WHERE id <= 11");
            second[0] = stocktake.run().id();

            Run third = stocktake.run();
            second[0] = null;

            assertThat(third.suspicions()).singleElement().asString().contains("ten times the 0");
            assertThat(third.isTrusted()).isFalse();
            assertThat(stocktake.run().suspicions()).isEmpty();
        }
    }

    private static void acknowledge(StartedStocktake stocktake, UUID id) {
        stocktake.application().acknowledgements().acknowledge(id, "somebody", "looked at it");
    }

    @Test
    void isGivenOnceAndOnlyForASuspiciousRunOfHere() {
        assets.objects("a", "b");
        Map<String, String> elsewhere = assets.environment();
        elsewhere.put("S3_PREFIX", "a");
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment());
                StartedStocktake other = StartedStocktake.forOneRun(elsewhere)) {
            Run suspicious = stocktake.run();
            Run ofOther = other.run();
            UUID unknown = UUID.randomUUID();

            assertThatThrownBy(() -> acknowledge(stocktake, unknown)).hasMessage("There is no run " + unknown + ".");
            assertThatThrownBy(() -> acknowledge(stocktake, ofOther))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("S3_BUCKET is " + assets.bucket() + " and S3_PREFIX is \"a\"");
            acknowledge(stocktake, suspicious);
            assertThatThrownBy(() -> stocktake
                            .application()
                            .acknowledgements()
                            .acknowledge(suspicious.id(), "somebody else", "another reason"))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("is already acknowledged by somebody at 20")
                    .hasMessageContaining("looked at it. That cannot be changed.");
            assertThatThrownBy(() -> assets.database()
                            .sql()
                            .sql("UPDATE stocktake.run SET acknowledged_reason = 'x' WHERE acknowledged_at IS NOT NULL")
                            .update())
                    .isInstanceOf(DataAccessException.class)
                    .hasStackTraceContaining("was acknowledged, which cannot be changed");

            assets.records("a", "b");
            assertThat(stocktake.run().suspicions()).isEmpty();
            Run fine = stocktake.run();
            assertThatThrownBy(() -> acknowledge(stocktake, fine)).hasMessageContaining("is not suspicious");
            assets.database().execute("ALTER TABLE assets RENAME TO away");
            Run incomplete = stocktake.run();
            assertThatThrownBy(() -> acknowledge(stocktake, incomplete))
                    .hasMessageContaining("is INCOMPLETE and has no verdict");
        }
    }

    @Test
    void theTableTheReportsAndTheLogShowIt() {
        assets.objects("a", "b");
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment());
                LogLines logs = LogLines.recorded()) {
            Run run = stocktake.run();

            Run acknowledged = stocktake
                    .application()
                    .acknowledgements()
                    .acknowledge(run.id(), "ops", "the table is\nstill empty");

            String shown = "acknowledged by ops at "
                    + acknowledged.acknowledgement().at().toInstant().toString().substring(0, 19)
                    + "Z: the table is\\nstill empty";
            assertThat(stocktake
                            .application()
                            .reports()
                            .text(acknowledged)
                            .lines()
                            .limit(4))
                    .satisfiesExactly(
                            title -> assertThat(title).isEqualTo("=== Storage Maintenance Report ==="),
                            warning -> assertThat(warning).startsWith("⚠️  SUSPICIOUS: There is no record"),
                            word -> assertThat(word).isEqualTo("⚠️  SUSPICIOUS, but " + shown),
                            time -> assertThat(time).startsWith("Timestamp: "));
            assertThat(stocktake.application().reports().json(acknowledged))
                    .contains(
                            "\"acknowledged_by\" : \"ops\"",
                            "\"acknowledged_reason\" : \"the table is\\nstill empty\"");
            assertThat(logs.events())
                    .extracting(event -> event.getFormattedMessage())
                    .contains("Run " + run.id() + " is SUSPICIOUS, but " + shown);
            assertThat(assets.database()
                            .sql()
                            .sql("SELECT acknowledged_by || ' ' || trusted FROM stocktake.run")
                            .query(String.class)
                            .single())
                    .isEqualTo("ops true");
        }
    }

    private Map<String, String> withOneSighting() {
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MIN_SIGHTINGS", "1");
        return environment;
    }
}
