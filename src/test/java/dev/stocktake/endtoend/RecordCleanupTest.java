package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.FindingName;
import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BetweenRoutes;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From orphaned records to their rows in the audit, and back. */
class RecordCleanupTest {
    private final Assets assets = Assets.empty();
    private final List<StartedStocktake> started = new ArrayList<>();

    @TempDir
    private Path folder;

    @BeforeEach
    void enoughThatIsMatched() {
        List<String> matched =
                IntStream.range(0, 30).mapToObj(i -> "matched-" + i).toList();
        assets.objects(matched).records(matched);
    }

    @AfterEach
    void stop() {
        started.forEach(StartedStocktake::close);
    }

    @Test
    void refusesAsLongAsTheRouteFileSaysNothing() {
        assets.records("missing");
        StartedStocktake stocktake = start(EditedRoutes.in(folder));
        twice(stocktake);

        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.records()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("cleanup-records.camel.yaml says nothing");
    }

    @Test
    void refusesWhereTheRouteFileDoesNotSayWhatIsAllowed() {
        assets.records("missing");
        String bean = """
                - beans:
                    - name: orphanedRecords
                      type: dev.stocktake.cleanup.OrphanedRecords
                      constructors:
                        0: nothing
                """;
        StartedStocktake stocktake = start(EditedRoutes.in(folder).replace("cleanup-records.camel.yaml", bean, ""));
        twice(stocktake);

        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.records()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("cleanup-records.camel.yaml says nothing");
    }

    @Test
    void deletesARowThatItSavedWholeAndPutsItBack() throws Exception {
        assets.database().execute("ALTER TABLE assets ADD COLUMN owner text DEFAULT 'nöbody \"x\"'");
        assets.records("missing %41+ä", "stays");
        assets.objects("stays");
        StartedStocktake stocktake = start(deleting());
        twice(stocktake);
        Map<String, Object> before = row("missing %41+ä");

        Plan plan = stocktake.application().plan(PlanOrders.records()).plan();
        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.done()).isOne();
        assertThat(keys()).contains("stays").doesNotContain("missing %41+ä").hasSize(31);
        JsonNode saved = Json.MAPPER.readTree(assets.database()
                .sql()
                .sql("SELECT seen::text FROM stocktake.action WHERE what = 'save'")
                .query(String.class)
                .single());
        assertThat(saved.path("row").path("owner").asText()).isEqualTo("nöbody \"x\"");
        assertThat(saved.path("records").asInt()).isOne();
        assertThat(actions())
                .containsExactly("plan done", "confirm done", "save done", "delete_record done", "end done");
        assertThat(stocktake.run().counts().orphanedRecords()).isZero();

        List<Restored> restored = stocktake.restore(plan);

        assertThat(restored).extracting(Restored::outcome).containsExactly(Outcome.DONE);
        assertThat(row("missing %41+ä")).isEqualTo(before);
        assertThat(stocktake.restore(plan)).isEmpty();
        assertThat(stocktake.application().actions().verify().broken()).isEmpty();
    }

    @Test
    void marksAndUnmarksWhereThatIsWanted() {
        assets.database().execute("ALTER TABLE assets ADD COLUMN file_missing_since timestamptz");
        assets.records("missing");
        StartedStocktake stocktake =
                start(EditedRoutes.in(folder).replace("cleanup-records.camel.yaml", "0: nothing", "0: mark"));
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.records()).plan();

        assertThat(stocktake.application().execute(plan, "somebody").done()).isOne();
        assertThat(row("missing").get("file_missing_since")).isNotNull();

        assertThat(stocktake.restore(plan)).extracting(Restored::outcome).containsExactly(Outcome.DONE);
        assertThat(row("missing").get("file_missing_since")).isNull();
    }

    @Test
    void whatChangedSinceItWasFoundSurvives() {
        assets.database().execute("ALTER TABLE assets ADD COLUMN owner text");
        assets.records("uploaded", "gone", "changed", "twice", "orphaned", "Folder/near")
                .objects("folder/near");
        StartedStocktake stocktake = start(deleting());
        twice(stocktake);
        var made = stocktake.application().plan(PlanOrders.records());
        assertThat(made.nearMatches()).isOne();
        assertThat(made.plan().items()).isEqualTo(5);
        assets.objects("uploaded");
        assets.database().execute("DELETE FROM assets WHERE storage_key = 'gone'");
        assets.database().execute("UPDATE assets SET created_at = now() WHERE storage_key = 'changed'");
        assets.database().execute("ALTER TABLE assets DROP CONSTRAINT assets_pkey");
        assets.database()
                .execute("INSERT INTO assets OVERRIDING SYSTEM VALUE SELECT * FROM assets WHERE storage_key = 'twice'");

        CleanupResult result = stocktake.application().execute(made.plan(), "somebody");

        assertThat(result.reasons()).as(result.toString()).hasSize(4);
        assertThat(result.done()).isOne();
        assertThat(result.skipped()).isEqualTo(4);
        assertThat(keys())
                .contains("uploaded", "changed", "twice", "Folder/near")
                .doesNotContain("orphaned");
    }

    @Test
    void whatChangesRightBeforeItsDeletionSurvives() {
        assets.database().execute("ALTER TABLE assets ADD COLUMN owner text");
        assets.records("missing");
        EditedRoutes routes = BetweenRoutes.before(
                deleting(),
                "cleanup-records.camel.yaml",
                "Before anything happens to them",
                () -> assets.database().execute("UPDATE assets SET owner = 'somebody' WHERE storage_key = 'missing'"));
        StartedStocktake stocktake = start(routes);
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.records()).plan();

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.skipped()).isOne();
        assertThat(keys()).contains("missing");
    }

    @Test
    void aStatementThatChangesMoreThanOneRowStopsTheRest() {
        assets.records(IntStream.range(0, 60).mapToObj(i -> "missing-" + i).toList());
        StartedStocktake stocktake = start(deleting()
                .replace(
                        "cleanup-records.camel.yaml",
                        "WHERE storage_key COLLATE \"C\" = :#${body.item.storageKey} AND octet_length(storage_key) <= 1024\n"
                                + "                          AND id::text = :#${body.item.recordId}\n"
                                + "                          AND (created_at = :#${body.lastModified}::timestamptz"
                                + " OR :#${body.lastModified}::timestamptz IS NULL\n"
                                + "                          AND coalesce(created_at NOT BETWEEN '0001-01-01 00:00Z'"
                                + " AND now() + interval '1 day', true))\n"
                                + "                          AND to_jsonb(assets) = :#${body.row}::jsonb",
                        "WHERE id IN (SELECT id FROM assets WHERE storage_key LIKE 'missing-%' LIMIT 2)"));
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.records()).plan();

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.stopped()).contains("would have changed 2 rows");
        assertThat(keys()).hasSize(90);
        assertThat(result.failed()).isPositive();
        assertThat(result.isWhole()).isFalse();
    }

    @Test
    void aStatementThatIsWrongChangesNothingAndSaysWhy() {
        assets.records(IntStream.range(0, 60).mapToObj(i -> "missing-" + i).toList());
        StartedStocktake stocktake =
                start(deleting().replace("cleanup-records.camel.yaml", "RETURNING id", "RETURNING no_such_column"));
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.records()).plan();

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.stopped())
                .contains("records one after another failed")
                .contains("no_such_column");
        assertThat(result.reasons())
                .as("each for its own reason, not for want of connections")
                .hasSize(1);
        assertThat(keys()).hasSize(90);
    }

    @Test
    void narrowsByKeyAndIdAndRefusesWhatIsNoFinding() {
        assets.records("missing", "missing", "other");
        StartedStocktake stocktake = start(deleting());
        twice(stocktake);
        List<String> ids = assets.database()
                .sql()
                .sql("SELECT id::text FROM assets WHERE storage_key = 'missing' ORDER BY id")
                .query(String.class)
                .list();

        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.record(new FindingName("missing", "0"))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("no orphaned record");
        Plan plan = stocktake
                .application()
                .plan(PlanOrders.record(new FindingName("missing", ids.get(0))))
                .plan();
        stocktake.application().execute(plan, "somebody");

        assertThat(plan.items()).isOne();
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT id::text FROM assets WHERE storage_key IN ('missing', 'other')")
                        .query(String.class)
                        .list())
                .hasSize(2)
                .doesNotContain(ids.get(0));
    }

    @Test
    void refusesAPlanThatTheRouteFileNoLongerFits() {
        assets.records("missing");
        EditedRoutes routes = deleting();
        StartedStocktake stocktake = start(routes);
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.records()).plan();
        StartedStocktake other = start(routes.replace("cleanup-records.camel.yaml", "0: delete", "0: mark"));

        assertThatThrownBy(() -> other.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("now says otherwise");
        assertThat(keys()).contains("missing");
    }

    private EditedRoutes deleting() {
        return EditedRoutes.in(folder).replace("cleanup-records.camel.yaml", "0: nothing", "0: delete");
    }

    private StartedStocktake start(EditedRoutes routes) {
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MAX_RATIO", "100");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "100");
        StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes);
        started.add(stocktake);
        return stocktake;
    }

    private void twice(StartedStocktake stocktake) {
        stocktake.run();
        assets.backdateFindings();
        stocktake.run();
    }

    private Map<String, Object> row(String key) {
        return assets.database()
                .sql()
                .sql("SELECT * FROM assets WHERE storage_key = ?")
                .param(key)
                .query()
                .singleRow();
    }

    private List<String> keys() {
        return assets.database()
                .sql()
                .sql("SELECT storage_key FROM assets ORDER BY storage_key")
                .query(String.class)
                .list();
    }

    private List<String> actions() {
        return assets.database()
                .sql()
                .sql("SELECT what || ' ' || outcome FROM stocktake.action ORDER BY number")
                .query(String.class)
                .list();
    }
}
