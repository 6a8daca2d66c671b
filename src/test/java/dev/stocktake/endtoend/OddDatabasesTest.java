package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.PlanOrder;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.embedded.AwkwardKeys;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.LogLines;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records databases that are not as one would wish. */
class OddDatabasesTest {
    private final Assets assets = Assets.empty();

    @TempDir
    private Path folder;

    private static Run run(Map<String, String> environment, EditedRoutes routes) {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
            return stocktake.run();
        }
    }

    @Test
    void aRunFindsTheSameByIndexAndByCopyAndSaysOnceWhatIndexIsMissing() {
        List<String> keys = new ArrayList<>(AwkwardKeys.ADDRESSABLE);
        IntStream.range(0, 2500).forEach(i -> keys.add("folder-" + i % 7 + "/file " + i));
        List<String> objects = new ArrayList<>(keys);
        objects.removeIf(key -> Math.floorMod(key.hashCode(), 11) == 0);
        List<String> records = new ArrayList<>(keys);
        records.removeIf(key -> Math.floorMod(key.hashCode(), 13) == 0);
        records.addAll(List.copyOf(records.subList(0, 1200)));
        assets.objects(objects).records(records);
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            Run byIndex = stocktake.run();
            assertThat(byIndex.failure()).isNull();
            assets.database().execute("DROP INDEX assets_storage_key_idx");

            try (LogLines log = LogLines.recorded()) {
                Run byCopy = stocktake.run();

                assertThat(byCopy.failure()).isNull();
                assertThat(byCopy.counts()).isEqualTo(byIndex.counts());
                assertThat(assets.orphanedFiles(byCopy)).isNotEmpty().isEqualTo(assets.orphanedFiles(byIndex));
                assertThat(assets.orphanedRecords(byCopy)).isNotEmpty().isEqualTo(assets.orphanedRecords(byIndex));
                assertThat(log.with("CREATE INDEX CONCURRENTLY"))
                        .singleElement()
                        .asString()
                        .contains("CREATE INDEX CONCURRENTLY ON public.assets (storage_key COLLATE \"C\")"
                                + " WHERE octet_length(storage_key) <= 1024;");
            }
        }
    }

    @ParameterizedTest(name = "with an index: {0}")
    @ValueSource(booleans = {true, false})
    void whereAPoolerSharesConnectionsByTransactionsAllGoesAsElsewhere(boolean indexed) {
        assets.database().execute("CREATE ROLE plain_" + assets.database().name() + " LOGIN PASSWORD 'x'");
        assets.database()
                .execute("GRANT SELECT, INSERT, DELETE ON assets TO plain_"
                        + assets.database().name());
        if (!indexed) {
            assets.database().execute("DROP INDEX assets_storage_key_idx");
        }
        try (CleanableAssets cleanable = new CleanableAssets(assets)) {
            assets.objects("orphan").records("missing");
            StartedStocktake stocktake = cleanable.start(
                    Map.of(
                            "DATABASE_URL",
                            assets.database().url("plain_" + assets.database().name(), "x") + "?pgbouncer=true",
                            "RESULTS_DATABASE_URL",
                            assets.database().url() + "?pgbouncer=true"),
                    EditedRoutes.in(folder).replace("cleanup-records.camel.yaml", "0: nothing", "0: delete"));
            Run run = cleanable.twice(stocktake);
            assertThat(run.failure()).isNull();
            assertThat(assets.orphanedFiles(run)).containsExactly("orphan");
            assertThat(assets.orphanedRecords(run)).containsExactly("missing");

            for (PlanOrder order : List.of(PlanOrders.files(), PlanOrders.records())) {
                Plan plan = stocktake.application().plan(order).plan();
                assertThat(stocktake.application().execute(plan, "somebody").done())
                        .isOne();
                assertThat(stocktake.restore(plan))
                        .extracting(Restored::outcome)
                        .containsOnly(Outcome.DONE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SQL_ASCII", "LATIN1"})
    void anEncodingOtherThanUtf8IsRefusedWithTheReason(String encoding) {
        String name = assets.database().name() + "_other";
        assets.database()
                .execute("CREATE DATABASE " + name + " ENCODING '" + encoding
                        + "' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
        assets.objects("a");
        Map<String, String> environment = assets.environment();
        environment.put("RESULTS_DATABASE_URL", environment.get("DATABASE_URL"));
        environment.put("DATABASE_URL", environment.get("DATABASE_URL").replaceAll("/[^/]+$", "/" + name));

        Run run = run(environment, EditedRoutes.in(folder));

        assertThat(run.status()).isEqualTo(Run.Status.INCOMPLETE);
        assertThat(run.failure())
                .startsWith("The records database has the encoding ")
                .contains("has the encoding " + encoding + " and must have UTF8", "DATABASE_URL")
                .doesNotContain("postgres:");
    }

    @ParameterizedTest(name = "{1}: {0}")
    @CsvSource({
        "RAISE EXCEPTION 'conflict with recovery' USING ERRCODE = '40001', page, SELECT storage_key::text AS%",
        "RAISE EXCEPTION 'conflict with recovery' USING ERRCODE = '40001', count, SELECT count(*)%",
        "RAISE EXCEPTION 'conflict with recovery' USING ERRCODE = '40001', copy, COPY%",
        "RAISE EXCEPTION 'conflict with recovery' USING ERRCODE = '57P01', page, SELECT storage_key::text AS%",
        "PERFORM pg_terminate_backend(pg_backend_pid()), page, SELECT storage_key::text AS%",
        "PERFORM pg_terminate_backend(pg_backend_pid()), count, SELECT count(*)%",
        "PERFORM pg_terminate_backend(pg_backend_pid()), copy, COPY%",
    })
    void whatAReplicaCancelsIsAskedAgain(String fault, String what, String statement) {
        assets.objects("a", "b").records("a", "c").records(Collections.singletonList(null));
        if (what.equals("copy")) {
            assets.database().execute("DROP INDEX assets_storage_key_idx");
        }
        // a file is all that is left of a transaction which is rolled back
        assets.database().execute("""
                CREATE FUNCTION fails_once(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
                DECLARE
                    file text := current_setting('data_directory') || '/fault-' || current_database();
                BEGIN
                    IF current_query() LIKE statement AND (pg_stat_file(file, true)).size IS NULL THEN
                        EXECUTE format('COPY (SELECT 1) TO %L', file);
                        FAULT;
                    END IF;
                    RETURN true;
                END $$""".replace("FAULT", fault));
        EditedRoutes routes = EditedRoutes.in(folder)
                .impatient()
                .replace("records.camel.yaml", "FROM assets\n", "FROM assets WHERE fails_once('" + statement + "')\n");

        try (LogLines log = LogLines.recorded()) {
            Run run = run(assets.environment(), routes);

            assertThat(run.failure()).isNull();
            assertThat(assets.orphanedFiles(run)).containsExactly("b");
            assertThat(assets.orphanedRecords(run)).containsExactly("c");
            assertThat(run.counts().invalid()).isEqualTo(1);
            assertThat(log.with("again (1 of 7,"))
                    .singleElement()
                    .asString()
                    .contains("the records database", "Details: 127.0.0.1:");
        }
    }

    @Test
    void severalKeysARowOfAQueryWithEveryOddCharacterAreComparedAndCleanedUp() {
        try (CleanableAssets cleanable = new CleanableAssets()) {
            Assets few = cleanable.assets();
            few.objects("x?#:1", "x?#:2", "orphan?#:", "a/b/orphan");
            few.database().execute("CREATE TABLE galleries (id bigint, data jsonb)");
            few.database()
                    .execute(
                            "INSERT INTO galleries VALUES (1, '{\"keys\": [\"x?#:1\", \"x?#:2\"]}'), (2, '{\"other\": []}')");
            EditedRoutes routes = EditedRoutes.in(folder)
                    .replace(
                            "records.camel.yaml",
                            "SELECT storage_key, id AS record_id, created_at\n          FROM assets\n",
                            """
                            SELECT storage_key, id AS record_id FROM assets -- one key a row; or none?
                                      UNION ALL SELECT jsonb_array_elements_text(data->'keys'), id
                                      FROM galleries WHERE data ? 'keys' AND data #> '{keys}' IS NOT NULL;
                            """);
            StartedStocktake stocktake = cleanable.start(Map.of(), routes);
            Run run = cleanable.twice(stocktake);
            assertThat(run.failure()).isNull();
            assertThat(few.orphanedFiles(run)).containsExactly("a/b/orphan", "orphan?#:");

            Plan plan = stocktake.application().plan(PlanOrders.files()).plan();

            assertThat(stocktake.application().execute(plan, "somebody").done()).isEqualTo(2);
            assertThat(cleanable.keys()).contains("x?#:1", "x?#:2").doesNotContain("orphan?#:", "a/b/orphan");
        }
    }
}
