package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stocktake.cleanup.FindingName;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.Purges.Purge;
import dev.stocktake.embedded.EmbeddedDatabase;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.InProcess;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.LogLines;
import dev.stocktake.run.Run;
import dev.stocktake.settings.DatabaseUrl;
import dev.stocktake.settings.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that are few by the settings, and fewer by the server. */
class ConnectionLimitsTest {
    private static final List<String> KEYS = IntStream.range(0, 4000)
            .mapToObj(i -> String.format("folder-%02d/%04d", i % 40, i))
            .toList();

    private final Assets assets = Assets.empty();
    private final Database database = assets.database();
    private final String role = "app_of_" + database.name();
    private final Map<String, String> environment = assets.environment();
    private final AtomicInteger peak = new AtomicInteger();
    private final List<Connection> ofOthers = new ArrayList<>();
    private final LogLines log = LogLines.recorded();

    @TempDir
    private Path folder;

    @BeforeEach
    void askForMany() {
        environment.put("PARALLELISM", "32");
    }

    @AfterEach
    void calmDown() throws SQLException {
        log.close();
        assets.store().onList(number -> {});
        for (Connection connection : ofOthers) {
            connection.close();
        }
    }

    @Test
    void thirtyTwoWorkersShareFourConnectionsToEitherDatabase() {
        allow(-1);

        assertCompares();

        assertThat(peak.get()).isBetween(2, 8);
        assertThat(told()).isEmpty();
    }

    @Test
    void asManyAsTheSettingsSayAreOpenedAndNoMore() {
        allow(-1);
        environment.put("DATABASE_CONNECTIONS", "2");
        environment.put("RESULTS_DATABASE_CONNECTIONS", "3");

        assertCompares();

        assertThat(peak.get()).isBetween(2, 5);
    }

    @Test
    void aRoleThatMayOpenFiveIsEnoughForBothDatabasesInOne() {
        allow(5);

        assertCompares();

        assertThat(peak.get()).isBetween(2, 5);
        assertThat(told()).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void aRoleThatMayOpenFourIsEnoughForCopiesOfBothSides() {
        allow(4);
        database.execute("DROP INDEX assets_storage_key_idx");
        environment.put("DATABASE_CONNECTIONS", "32");
        environment.put("RESULTS_DATABASE_CONNECTIONS", "32");

        assertCompares();

        assertThat(peak.get()).isBetween(2, 4);
    }

    @Test
    void aDatabaseThatAllowsFiveIsEnough() {
        allow(-1);
        database.execute("ALTER DATABASE " + database.name() + " CONNECTION LIMIT 5");

        assertCompares();
    }

    @Test
    void aServerOfTenWithOthersOnItIsEnough() throws SQLException {
        try (EmbeddedDatabase small = EmbeddedDatabase.start(10)) {
            Database shop = small.create();
            shop.execute("CREATE TABLE assets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                    + " storage_key text, created_at timestamptz)");
            shop.execute("CREATE INDEX ON assets (storage_key COLLATE \"C\") WHERE octet_length(storage_key) <= 1024");
            shop.execute(
                    "INSERT INTO assets (storage_key, created_at) SELECT 'folder-' || lpad((i % 40)::text, 2, '0') || '/'"
                            + " || lpad(i::text, 4, '0'), '2024-01-10 12:00Z' FROM generate_series(0, 3999) AS i");
            shop.execute("CREATE ROLE app LOGIN PASSWORD 'app'");
            shop.execute("GRANT pg_read_all_data TO app");
            shop.execute("GRANT CREATE ON DATABASE " + shop.name() + " TO app");
            environment.put("DATABASE_URL", shop.url("app", "app"));
            assets.objects(KEYS);
            // seven are not reserved
            for (int i = 0; i < 3; i++) {
                ofOthers.add(another());
            }

            assertThat(run().counts().matched()).isEqualTo(KEYS.size());
            assertThat(told()).hasSizeBetween(1, 2);
        }
    }

    @Test
    void othersMayTakeThemInTheMiddleOfARun() {
        allow(9);
        assets.objects(KEYS).records(KEYS);
        assets.store().onList(number -> {
            if (number == 20) {
                takeAllOthers();
            }
        });

        assertThat(run().counts().matched()).isEqualTo(KEYS.size());
        assertThat(ofOthers).isNotEmpty();
    }

    @Test
    void aRunWaitsForThoseThatOthersHoldForAWhile() {
        allow(5);
        assets.objects("a").records("a");
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment)) {
            takeAllOthers();
            Thread others = new Thread(() -> {
                await().atMost(Duration.ofSeconds(30)).until(() -> !told().isEmpty());
                ofOthers.forEach(ConnectionLimitsTest::close);
            });
            others.start();

            assertThat(stocktake.run().failure()).isNull();
        }
    }

    @Test
    void fewerThanTwoOfEitherAreRefusedInASentenceThatNamesTheSetting() {
        allow(3);
        assets.objects("a").records("a");

        assertThat(failure())
                .isEqualTo(
                        "DATABASE_CONNECTIONS must be at least 2, and the server of the records database gives only 1:"
                                + " let role, database and server (CONNECTION LIMIT, max_connections) leave 2 connections for"
                                + " DATABASE_CONNECTIONS and 2 for RESULTS_DATABASE_CONNECTIONS, or run again when others use"
                                + " fewer.");
    }

    @Test
    void noneAtAllIsRefusedInASentence() throws Exception {
        allow(0);
        EditedRoutes.in(Files.createDirectory(folder.resolve("routes")));

        BuiltJar.Result result = new InProcess(folder, environment).run("cleanup-assets");

        assertThat(result.exitStatus()).isEqualTo(3);
        assertThat(result.errors())
                .contains("There is no connection left for Stocktake: the results database (SQL state 53300). Let role,"
                        + " database and server (CONNECTION LIMIT, max_connections) leave 2 for DATABASE_CONNECTIONS and 2"
                        + " for RESULTS_DATABASE_CONNECTIONS at least, or run again when others use fewer.");
    }

    @Test
    void oneThatIsNotEnoughToMakeTheSchemaIsRefusedInASentence() {
        allow(1);
        database.execute("DROP SCHEMA stocktake CASCADE");
        database.execute("GRANT CREATE ON DATABASE " + database.name() + " TO " + role);

        assertThatThrownBy(() -> StartedStocktake.forOneRun(environment))
                .hasMessageStartingWith("There is no connection left for Stocktake: the results database");
    }

    @Test
    void filesAreCleanedUpRestoredAndPurgedWithFive() {
        allow(5);
        assets.objects(KEYS).records(KEYS.subList(0, 3900));
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment)) {
            twice(stocktake);
            Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
            watchPeak();

            assertThat(stocktake.application().execute(plan, "somebody").done()).isEqualTo(100);
            List<FindingName> half =
                    KEYS.subList(3900, 3950).stream().map(FindingName::ofFile).toList();
            assertThat(stocktake.restore(plan, Optional.of(half))).hasSize(50);
            stocktake.run();
            Purge purge = stocktake.application().purges().due(Duration.ZERO);
            assertThat(stocktake.application().purge(purge, "somebody")).hasSize(50);
            assertThat(stocktake.application().actions().verify().broken()).isEmpty();
        }
        assertThat(peak.get()).isLessThanOrEqualTo(5);
    }

    @Test
    void recordsAreCleanedUpAndPutBackWithFour() {
        allow(4);
        assets.objects(KEYS.subList(0, 3900)).records(KEYS);
        EditedRoutes routes = EditedRoutes.in(folder).replace("cleanup-records.camel.yaml", "0: nothing", "0: delete");
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
            twice(stocktake);
            Plan plan = stocktake.application().plan(PlanOrders.records()).plan();

            assertThat(stocktake.application().execute(plan, "somebody").done()).isEqualTo(100);
            assertThat(stocktake.restore(plan)).hasSize(100);
        }
    }

    @Test
    void aProcessThatNeverRanCleansUpRecordsWithTwo() {
        allow(-1);
        environment.put("DATABASE_CONNECTIONS", "2");
        assets.objects(KEYS.subList(0, 3600)).records(KEYS);
        environment.put("CLEANUP_MAX_RATIO", "50%");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "50");
        EditedRoutes routes = EditedRoutes.in(folder).replace("cleanup-records.camel.yaml", "0: nothing", "0: delete");
        Plan plan;
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
            twice(stocktake);
            plan = stocktake.application().plan(PlanOrders.records()).plan();
        }

        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
            assertThat(stocktake.application().execute(plan, "somebody").done()).isEqualTo(400);
        }
    }

    @Test
    void theServiceGivesThemBackWhenItHasNothingToDo() {
        allow(5);
        assets.objects(KEYS).records(KEYS);
        try (StartedStocktake stocktake = StartedStocktake.serving(environment)) {
            assertThat(stocktake.run().failure()).isNull();

            await().atMost(Duration.ofSeconds(30)).until(() -> open() == 0);

            assertThat(stocktake.run().failure()).isNull();
        }
    }

    private void assertCompares() {
        assets.objects(KEYS).records(KEYS);
        watchPeak();

        assertThat(run().counts().matched()).isEqualTo(KEYS.size());
    }

    private void watchPeak() {
        assets.store().onList(number -> peak.accumulateAndGet(open(), Math::max));
    }

    private Run run() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment)) {
            Run run = stocktake.run();
            assertThat(run.failure()).isNull();
            return run;
        }
    }

    private String failure() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment)) {
            return stocktake.run().failure();
        }
    }

    private void twice(StartedStocktake stocktake) {
        stocktake.run();
        assets.backdateFindings();
        assertThat(stocktake.run().failure()).isNull();
    }

    /** Lets both databases be read and written by a role that may open so many connections; -1 for any number. */
    private void allow(int connections) {
        database.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'app' CONNECTION LIMIT " + connections);
        database.execute("GRANT pg_read_all_data, pg_write_all_data TO " + role);
        environment.put("DATABASE_URL", database.url(role, "app"));
    }

    private void takeAllOthers() {
        try {
            while (true) {
                ofOthers.add(another());
            }
        } catch (SQLException refused) {
            assertThat(refused.getSQLState()).isEqualTo("53300");
        }
    }

    private int open() {
        return database.sql()
                .sql("SELECT count(*) FROM pg_stat_activity WHERE usename = ? AND application_name = 'stocktake'")
                .param(role)
                .query(Integer.class)
                .single();
    }

    private List<String> told() {
        return log.with(" gives fewer connections than ");
    }

    /** As the role that Stocktake has. */
    private Connection another() throws SQLException {
        DatabaseUrl url = DatabaseUrl.parse(environment.get("DATABASE_URL"));
        return DriverManager.getConnection(
                url.jdbcUrl(),
                url.user().orElseThrow(),
                url.password().map(Secret::reveal).orElseThrow());
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
