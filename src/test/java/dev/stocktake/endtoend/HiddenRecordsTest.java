package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps rows from the role that reads the records must never make their files look orphaned. */
class HiddenRecordsTest {
    private static final String PASSWORD = "not-checked-here";
    private static final String HIDE = "CREATE POLICY most ON assets FOR SELECT USING (id % 10 <> 0)";

    private final CleanableAssets cleanable = new CleanableAssets();
    private final Assets assets = cleanable.assets();
    private final String reader = assets.database().name() + "_reader";

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        cleanable.close();
    }

    private void execute(String... statements) {
        for (String statement : statements) {
            assets.database().execute(statement.replace("READER", reader));
        }
    }

    private void makeReader() {
        execute("CREATE ROLE READER LOGIN", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO READER");
    }

    private Map<String, String> asReader() {
        Map<String, String> settings = new HashMap<>();
        settings.put("DATABASE_URL", assets.database().url(reader, PASSWORD));
        settings.put("RESULTS_DATABASE_URL", assets.database().url());
        return settings;
    }

    @Test
    void aPolicyThatHidesRowsFromTheRoleLeavesNoVerdict() {
        execute(HIDE, "ALTER TABLE assets ENABLE ROW LEVEL SECURITY");
        makeReader();

        Run run = cleanable.start(asReader()).run();

        assertThat(run.status()).isEqualTo(Run.Status.INCOMPLETE);
        assertThat(run.counts()).isNull();
        assertThat(run.failure())
                .startsWith("Row-level security of the table assets would hide rows from the role " + reader
                        + ", and files whose records are hidden would look orphaned (SQL state 42501). ")
                .contains("BYPASSRLS", "filtered")
                .doesNotContain("GRANT SELECT");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "its owner, who is not held to it | INDEX | ALTER TABLE assets OWNER TO READER | COMPLETE",
                "its owner, who is | INDEX | ALTER TABLE assets OWNER TO READER; ALTER TABLE assets FORCE ROW LEVEL SECURITY | INCOMPLETE",
                "who bypasses it | INDEX | ALTER ROLE READER BYPASSRLS | COMPLETE",
                "a role that belongs to another one with a policy | INDEX | CREATE ROLE READER_group; GRANT READER_group TO READER;"
                        + " DROP POLICY most ON assets; CREATE POLICY most ON assets TO READER_group USING (id % 10 <> 0) | INCOMPLETE",
                "without an index | COPY | DROP INDEX assets_storage_key_idx | INCOMPLETE",
                "through the view of one who sees all | VIEW | COMMENT ON VIEW visible IS '' | COMPLETE",
                "through a view with the rights of who asks | VIEW | ALTER VIEW visible SET (security_invoker = true) | INCOMPLETE",
            })
    void onlyWhoSeesAllRowsComparesThem(String who, String how, String statements, Run.Status status) {
        execute(HIDE, "ALTER TABLE assets ENABLE ROW LEVEL SECURITY", "CREATE VIEW visible AS SELECT * FROM assets");
        makeReader();
        execute(statements.split(";"));
        EditedRoutes routes = EditedRoutes.in(folder);
        if (how.equals("VIEW")) {
            routes.replace("records.camel.yaml", "FROM assets", "FROM visible");
        }

        Run run = cleanable.start(asReader(), routes).run();

        assertThat(run.status()).as(run.failure()).isEqualTo(status);
        if (status == Run.Status.COMPLETE) {
            assertThat(run.counts().orphanedFiles()).isZero();
            assertThat(run.counts().records()).isEqualTo(30);
        } else {
            assertThat(run.failure())
                    .startsWith("Row-level security of the table assets would hide rows from the role ");
        }
    }

    @ParameterizedTest
    @CsvSource({"assets, COMPLETE", "assets_1, INCOMPLETE"})
    void thePolicyOfAPartitionHoldsForWhoReadsItByItself(String table, Run.Status status) {
        execute(
                "ALTER TABLE assets RENAME TO assets_1",
                "CREATE TABLE assets (id bigint NOT NULL, storage_key text, created_at timestamptz) PARTITION BY RANGE (id)",
                "ALTER TABLE assets_1 ALTER id DROP IDENTITY",
                "ALTER TABLE assets ATTACH PARTITION assets_1 FOR VALUES FROM (0) TO (1000)",
                "CREATE POLICY most ON assets_1 USING (id % 10 <> 0)",
                "ALTER TABLE assets_1 ENABLE ROW LEVEL SECURITY");
        makeReader();
        EditedRoutes routes = EditedRoutes.in(folder).replace("records.camel.yaml", "FROM assets", "FROM " + table);

        assertThat(cleanable.start(asReader(), routes).run().status()).isEqualTo(status);
    }

    @Test
    void whoSaysThatAFilteredViewIsRightReadsItInEachReportAndCleansUpNoFile() {
        execute(HIDE, "ALTER TABLE assets ENABLE ROW LEVEL SECURITY");
        makeReader();
        EditedRoutes routes = EditedRoutes.in(folder)
                .replace("records.camel.yaml", "FROM assets\n", "FROM assets\n        1: filtered\n");
        StartedStocktake stocktake = cleanable.start(asReader(), routes);

        Run run = cleanable.twice(stocktake);

        assertThat(run.failure()).isNull();
        assertThat(run.counts().orphanedFiles()).isEqualTo(3);
        assertThat(run.remarks()).contains("The records query is said to be filtered");
        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("The records query is said to be filtered");
    }

    @Test
    void aPolicyThatComesBetweenPlanAndExecutionKeepsEveryFile() {
        makeReader();
        assets.objects("orphan");
        StartedStocktake stocktake = cleanable.start(asReader());
        Plan plan = cleanable.planned(stocktake, PlanOrders.files());
        List<String> before = cleanable.keys();
        execute("CREATE POLICY none ON assets USING (false)", "ALTER TABLE assets ENABLE ROW LEVEL SECURITY");

        Throwable refused = catchThrowable(() -> stocktake.application().execute(plan, "somebody"));

        assertThat(cleanable.keys()).isEqualTo(before);
        assertThat(stocktake.application().explain(refused))
                .startsWith("Row-level security of the table assets would hide rows");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a table of the same name | CREATE SCHEMA first; CREATE TABLE first.assets (LIKE assets INCLUDING ALL);"
                        + " INSERT INTO first.assets OVERRIDING SYSTEM VALUE SELECT * FROM assets; ALTER ROLE READER SET search_path = first, public;"
                        + " GRANT USAGE ON SCHEMA first TO READER; GRANT SELECT ON first.assets TO READER"
                        + " | no longer reads public.assets, but first.assets",
                "made anew | CREATE TABLE anew (LIKE assets INCLUDING ALL); INSERT INTO anew OVERRIDING SYSTEM VALUE SELECT * FROM assets;"
                        + " DROP TABLE assets; ALTER TABLE anew RENAME TO assets; GRANT SELECT ON assets TO READER"
                        + " | The table public.assets is another one",
            })
    void anotherTableUnderTheSameQueryIsSuspicious(String what, String statements, String reason) {
        makeReader();
        assertThat(run().suspicions()).isEmpty();
        execute(statements.split(";"));

        assertThat(run().suspicions()).singleElement().asString().contains(reason);
    }

    @Test
    void aPartitionThatWasDetachedIsSuspiciousAndOneThatWasAttachedIsNot() {
        execute(
                "ALTER TABLE assets RENAME TO assets_1",
                "CREATE TABLE assets (id bigint NOT NULL, storage_key text, created_at timestamptz) PARTITION BY RANGE (id)",
                "ALTER TABLE assets_1 ALTER id DROP IDENTITY",
                "ALTER TABLE assets ATTACH PARTITION assets_1 FOR VALUES FROM (0) TO (1000)");
        makeReader();
        assertThat(run().suspicions()).isEmpty();
        execute("CREATE TABLE assets_2 PARTITION OF assets FOR VALUES FROM (1000) TO (2000)");
        assertThat(run().suspicions()).isEmpty();
        execute("ALTER TABLE assets DETACH PARTITION assets_2");

        assertThat(run().suspicions())
                .singleElement()
                .asString()
                .startsWith("The records query no longer reads public.assets_2: check");
    }

    private Run run() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(cleanable.environment(asReader()))) {
            Run run = stocktake.run();
            assertThat(run.failure()).isNull();
            return run;
        }
    }

    @Test
    void theRunKeepsWhatItRead() {
        cleanable.start(Map.of()).run();

        assertThat(assets.database()
                        .sql()
                        .sql("SELECT records_database #>> '{relations,0,name}' FROM stocktake.run")
                        .query(String.class)
                        .single())
                .isEqualTo("public.assets");
    }
}
