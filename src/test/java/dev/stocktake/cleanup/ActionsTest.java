package dev.stocktake.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.cleanup.ChainCheck.Chain;
import dev.stocktake.database.Databases;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.failure.DatabaseFaults;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.json.Json;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The chain of actions: how it grows, and what it shows. */
class ActionsTest {
    private static final Plan PLAN = new Plan(
            UUID.fromString("00000000-0000-4000-8000-00000000000A"),
            UUID.randomUUID(),
            PlannedAction.QUARANTINE,
            null,
            "photos",
            "",
            "photos/.stocktake-quarantine/",
            "",
            OffsetDateTime.parse("2024-01-15T03:00:00Z"),
            "somebody",
            OffsetDateTime.parse("2024-01-16T03:00:00Z"),
            3,
            9,
            false,
            false,
            null,
            "hash of the plan");

    private final Database database = TestServers.databases().create();
    private final DataSource results = new DriverManagerDataSource(database.jdbcUrl());
    private final Actions actions = new Actions(results);

    @BeforeEach
    void migrate() {
        Databases.migrate(results);
    }

    @Test
    void rowsOfTheOlderVersionVerifyAndAreGoneOnWith() {
        Database older = TestServers.databases().create();
        DataSource olderResults = new DriverManagerDataSource(older.jdbcUrl());
        migrateTo("9", olderResults);
        writeAsTheOlderVersionDid(older);

        Databases.migrate(olderResults);

        Actions both = new Actions(olderResults);
        Chain before = both.verify();
        assertThat(before.broken()).isEmpty();
        assertThat(before.rows()).isEqualTo(12);
        both.ofPlan(PLAN, "somebody", "confirm", null);
        assertThat(both.verify().broken()).isEmpty();
        assertThat(both.verify(before.head()).kept()).hasValue(12);
        assertThat(both.head().orElseThrow().number()).isEqualTo(13);
        older.execute("ALTER TABLE stocktake.action DISABLE TRIGGER refuse_change");
        older.execute("UPDATE stocktake.action SET at = at + interval '1 microsecond' WHERE number = 5");
        assertThat(both.verify().broken().orElseThrow()).startsWith("Row 5 ").contains("was changed");
    }

    @Test
    void rowsThatTheOlderVersionWroteInPostgresql13Verify() {
        Database older = TestServers.databases().create();
        DataSource olderResults = new DriverManagerDataSource(older.jdbcUrl());
        migrateTo("9", olderResults);
        // there, the seconds were a floating-point number
        older.execute("""
                CREATE OR REPLACE FUNCTION stocktake.action_hash(stocktake.action) RETURNS text LANGUAGE sql STABLE AS $$
                    SELECT encode(sha256(convert_to(json_build_array(
                        $1.previous_hash, $1.number, extract(epoch FROM $1.at)::float8::text, $1.made_by, $1.plan_id,
                        $1.plan_hash, $1.what, $1.item, $1.storage_key, $1.seen::text, $1.outcome, $1.reason,
                        $1.millis)::text, 'UTF8')), 'hex')
                $$""");
        for (String at : List.of("2021-01-15 03:00:00Z", "2021-01-15 03:00:00.12Z", "2021-01-15 03:00:00.000001Z")) {
            older.execute("INSERT INTO stocktake.action (at, made_by, plan_id, plan_hash, what, outcome, millis)"
                    + " VALUES ('" + at + "', 'somebody', gen_random_uuid(), 'hash', 'plan', 'done', 0)");
        }

        Databases.migrate(olderResults);

        Chain chain = new Actions(olderResults).verify();
        assertThat(chain.broken()).isEmpty();
        assertThat(chain.rows()).isEqualTo(3);
    }

    private static void migrateTo(String version, DataSource dataSource) {
        Flyway.configure()
                .dataSource(dataSource)
                .schemas("stocktake")
                .target(version)
                .load()
                .migrate();
    }

    private static void writeAsTheOlderVersionDid(Database older) {
        String insert = "INSERT INTO stocktake.action"
                + " (at, made_by, plan_id, plan_hash, what, item, storage_key, seen, outcome, reason, millis)"
                + " VALUES (?::timestamptz, ?, gen_random_uuid(), ?, 'quarantine', ?, ?, ?::json, 'failed', ?, ?)";
        List<Object[]> rows = List.of(
                new Object[] {"2024-01-15 03:00:00.123456Z", "somebody", "hash", 1L, "a/b", "{}", "why", 12L},
                new Object[] {"2024-01-15 03:00:00Z", "", "", null, null, null, null, 0L},
                new Object[] {"2024-01-15 03:00:00.1Z", "say \"hello\"", "\\", 2L, "back\\slash\\\"", "{}", "\"", 1L},
                new Object[] {
                    "1969-12-31 23:59:59.999999Z", "\b\f\n\r\t", "\u0001\u001F", 3L, "\u007F\u0080", "{}", "", 1L
                },
                new Object[] {"1883-11-18 12:03:58Z", "\u2028\u2029", "\uFEFF", 4L, "\uD83E\uDD81", "{}", "e\u0301", 1L
                },
                new Object[] {"0044-03-15 12:00:00Z BC", "a", "b", 5L, "c", " {\"b\" :\t1,\n\"a\":[ ] } ", "d", 1L},
                new Object[] {"4713-01-01 00:00:00Z BC", "a", "b", 6L, "c", "{\"k\":1,\"k\":2.50e+1}", "d", 1L},
                new Object[] {"294246-12-31 23:59:59.999999Z", "a", "b", 7L, "c", "\"\\u00e9\\/\"", "d", 1L},
                new Object[] {"1970-01-01 00:00:00Z", "a", "b", 8L, "null", "null", "null", Long.MAX_VALUE},
                new Object[] {"2024-06-15 03:00:00+05:30", "a", "b", -9L, "%41+ä", "[1 , 2]", "</script>", -1L},
                new Object[] {"2000-01-01 00:00:00.5Z", "a", "b", Long.MIN_VALUE, "\uFFFF", "{}", "'", Long.MIN_VALUE},
                new Object[] {"2024-01-15 03:00:00.000001Z", "a", "b", 11L, "x".repeat(1024), "{}", "d", 1L});
        rows.forEach(row -> older.sql().sql(insert).params(row).update());
    }

    @Test
    void aTimeThatIsInfiniteIsNoActionOfStocktakes() {
        Database older = TestServers.databases().create();
        DataSource olderResults = new DriverManagerDataSource(older.jdbcUrl());
        migrateTo("9", olderResults);
        older.execute("INSERT INTO stocktake.action (at, made_by, plan_id, plan_hash, what, outcome, millis)"
                + " VALUES ('infinity', 'somebody', gen_random_uuid(), 'hash', 'plan', 'done', 0)");
        Databases.migrate(olderResults);

        assertThat(new Actions(olderResults).verify().broken().orElseThrow()).contains("Row 1 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"serializable", "repeatable read", "read committed"})
    void twoWritersAtOnceMakeOneChainWhateverTheDefaultIsolation(String isolation) throws Exception {
        database.execute(
                "ALTER DATABASE " + database.name() + " SET default_transaction_isolation = '" + isolation + "'");
        int writers = 4;
        int batches = 25;
        int batch = 5;
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        try {
            CountDownLatch start = new CountDownLatch(writers);
            List<Future<Void>> all = IntStream.range(0, writers)
                    .mapToObj(writer -> threads.submit(() -> {
                        Actions own = new Actions(new DriverManagerDataSource(database.jdbcUrl()));
                        start.countDown();
                        start.await();
                        for (int i = 0; i < batches; i++) {
                            int first = (writer * batches + i) * batch;
                            own.ofItems(cleanup(), "quarantine", columns(first, first + batch));
                        }
                        return (Void) null;
                    }))
                    .toList();
            for (Future<Void> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        Chain chain = actions.verify();
        assertThat(chain.broken()).isEmpty();
        assertThat(chain.rows()).isEqualTo((long) writers * batches * batch);
    }

    @Test
    void whatBecameOfAnItemIsAddedOnceAndLeavesNoGap() {
        actions.ofItems(cleanup(), "quarantine", columns(1, 51));
        actions.ofItems(cleanup(), "quarantine", columns(1, 51));
        actions.ofItems(cleanup(), "quarantine", columns(30, 71));
        actions.ofItems(cleanup(), "delete", columns(70, 72));
        actions.ofItems(cleanup(), "quarantine", columns(1, 1));

        assertThat(actions.verify().broken()).isEmpty();
        assertThat(actions.verify().rows()).isEqualTo(71);
        assertThat(items("quarantine")).containsExactlyElementsOf(sequence(1, 71));
        assertThat(items("delete")).containsExactly(71L);
    }

    @Test
    void whatIsSaidTwiceAtOnceIsAddedOnce() {
        ActionColumns twice = new ActionColumns(
                new String[] {"1", "1"},
                new String[] {"a", "a"},
                new String[] {"{}", "{}"},
                new String[] {"done", "failed"},
                new String[] {null, "why"},
                new String[] {"1", "2"});

        actions.ofItems(cleanup(), "quarantine", twice);

        assertThat(actions.verify().broken()).isEmpty();
        assertThat(items("quarantine")).containsExactly(1L);
    }

    @Test
    void savedRowsAndRestoresMayBeSaidAgain() {
        actions.ofItems(cleanup(), "save", columns(1, 3));
        actions.ofItems(cleanup(), "save", columns(1, 3));

        assertThat(items("save")).containsExactly(1L, 2L, 1L, 2L);
        assertThat(actions.verify().broken()).isEmpty();
    }

    @Test
    void aLostAnswerIsNoSecondActionWhenTheStatementIsMadeAgain() {
        DataSource losing = new DelegatingDataSource(results) {
            @Override
            public Connection getConnection() throws SQLException {
                return with(super.getConnection(), "commit", connection -> {
                    connection.commit();
                    throw new SQLException("lost", "08006");
                });
            }
        };

        assertThatThrownBy(() -> new Actions(losing).ofItems(cleanup(), "quarantine", columns(1, 4)))
                .hasRootCauseMessage("lost")
                .satisfies(failure ->
                        assertThat(passing().has(failure)).as("is made again").isTrue());
        actions.ofItems(cleanup(), "quarantine", columns(1, 4));

        assertThat(items("quarantine")).containsExactly(1L, 2L, 3L);
        assertThat(actions.verify().broken()).isEmpty();
    }

    @Test
    void aProcessThatStandsStillKeepsTheOthersWaitingForSecondsOnly() throws Exception {
        CountDownLatch standsStill = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        DataSource halted = new DelegatingDataSource(results) {
            @Override
            public Connection getConnection() throws SQLException {
                return with(super.getConnection(), "prepareStatement INSERT INTO", connection -> {
                    standsStill.countDown();
                    goesOn.await();
                });
            }
        };
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<?> first = thread.submit(() -> new Actions(halted).ofItems(cleanup(), "quarantine", columns(1, 4)));
            assertThat(standsStill.await(30, TimeUnit.SECONDS)).isTrue();

            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                actions.ofItems(cleanup(), "quarantine", columns(3, 6));
                assertThat(items("quarantine")).containsExactly(3L, 4L, 5L);
            });
            goesOn.countDown();

            assertThatThrownBy(() -> first.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .satisfies(failure -> assertThat(passing().has(failure.getCause()))
                            .as("is made again: %s", failure)
                            .isTrue());
        } finally {
            thread.shutdownNow();
        }
        actions.ofItems(cleanup(), "quarantine", columns(1, 4));
        assertThat(items("quarantine")).containsExactly(3L, 4L, 5L, 1L, 2L);
        assertThat(actions.verify().broken()).isEmpty();
    }

    @Test
    void aRowThatTheTableDoesNotTakeIsNoSilence() {
        database.execute("CREATE FUNCTION stocktake.swallow() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN IF NEW.item = 2 THEN RETURN NULL; END IF; RETURN NEW; END'");
        database.execute("CREATE TRIGGER swallow BEFORE INSERT ON stocktake.action FOR EACH ROW"
                + " EXECUTE FUNCTION stocktake.swallow()");

        actions.ofPlan(PLAN, "somebody", "plan", null);
        assertThatThrownBy(() -> actions.ofItems(cleanup(), "quarantine", columns(1, 4)))
                .hasMessage(
                        "stocktake.action did not take every row: a trigger or rule that is not Stocktake's stands in the way."
                                + " Drop it.");
        assertThat(actions.verify().broken()).isEmpty();
        assertThat(actions.verify().rows()).isOne();
    }

    @Test
    void whatATriggerOfSomebodyElseChangesOnItsWayShows() {
        actions.ofPlan(PLAN, "somebody", "plan", null);
        database.execute("CREATE FUNCTION stocktake.lie() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN NEW.made_by := ''nobody''; RETURN NEW; END'");
        database.execute("CREATE TRIGGER lie BEFORE INSERT ON stocktake.action FOR EACH ROW"
                + " EXECUTE FUNCTION stocktake.lie()");

        actions.ofPlan(PLAN, "somebody", "confirm", null);

        assertThat(actions.verify().broken()).contains("Row 2 of stocktake.action was changed after it was written.");
    }

    @Test
    void charactersThatNoTextCanHoldAreHashedAsTheyAreStored() {
        // half of a character
        actions.ofPlan(PLAN, "a\uD83Eb", "plan", "\uDD81");

        assertThat(actions.verify().broken()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE stocktake.action SET made_by = concat(made_by, ' ') WHERE number = 3 | Row 3 | was changed",
                "UPDATE stocktake.action SET at = at + interval '1 us' WHERE number = 3     | Row 3 | was changed",
                "UPDATE stocktake.action SET at = 'infinity' WHERE number = 3               | Row 3 | was changed",
                "UPDATE stocktake.action SET at = '1417-02-29 12:00Z BC' WHERE number = 3   | Row 3 | has a time that",
                "UPDATE stocktake.action SET plan_id = gen_random_uuid() WHERE number = 3   | Row 3 | was changed",
                "UPDATE stocktake.action SET plan_hash = '' WHERE number = 3                | Row 3 | was changed",
                "UPDATE stocktake.action SET what = 'restore' WHERE number = 3              | Row 3 | was changed",
                "UPDATE stocktake.action SET item = NULL WHERE number = 3                   | Row 3 | was changed",
                "UPDATE stocktake.action SET storage_key = NULL WHERE number = 3            | Row 3 | was changed",
                "UPDATE stocktake.action SET seen = '{ }' WHERE number = 3                  | Row 3 | was changed",
                "UPDATE stocktake.action SET outcome = 'failed' WHERE number = 3            | Row 3 | was changed",
                "UPDATE stocktake.action SET reason = 'null' WHERE number = 3               | Row 3 | was changed",
                "UPDATE stocktake.action SET millis = millis + 1 WHERE number = 3           | Row 3 | was changed",
                "UPDATE stocktake.action SET previous_hash = '' WHERE number = 3            | Row 3 | was changed",
                "UPDATE stocktake.action SET hash = upper(hash) WHERE number = 3            | Row 3 | was changed",
                "UPDATE stocktake.action SET number = 9 WHERE number = 5                    | Row 9 | was changed",
                "DELETE FROM stocktake.action WHERE number = 1                              | Row 2 | does not follow",
                "DELETE FROM stocktake.action WHERE number = 3                              | Row 4 | does not follow",
                "WITH x AS (SELECT * FROM stocktake.action WHERE number = 2) UPDATE stocktake.action SET made_by = x.made_by,"
                        + " item = x.item, storage_key = x.storage_key, hash = x.hash FROM x WHERE action.number = 3"
                        + "                                                                 | Row 3 | was changed",
            })
    void everyChangeShows(String statement, String row, String problem) {
        actions.ofPlan(PLAN, "somebody", "plan", null);
        actions.ofItems(cleanup(), "quarantine", columns(1, 4));
        actions.ofPlan(PLAN, "somebody", "end", null);
        assertThat(actions.verify().broken()).isEmpty();
        database.execute("ALTER TABLE stocktake.action DISABLE TRIGGER refuse_change");
        database.execute("DROP INDEX stocktake.action_item");

        assertThat(database.sql().sql(statement).update()).isOne();

        assertThat(actions.verify().broken().orElseThrow())
                .startsWith(row + " of stocktake.action")
                .contains(problem);
    }

    @Test
    void aValueThatBecomesNullShows() {
        actions.ofItems(cleanup(), "quarantine", columns(1, 2));
        database.execute("ALTER TABLE stocktake.action DISABLE TRIGGER refuse_change");
        database.execute("ALTER TABLE stocktake.action ALTER COLUMN millis DROP NOT NULL");
        database.execute("UPDATE stocktake.action SET millis = NULL");

        assertThat(actions.verify().broken().orElseThrow()).contains("Row 1 ").contains("was changed");
    }

    @Test
    void aChainThatWasCutOffShowsByAHeadThatWasKept() {
        actions.ofPlan(PLAN, "somebody", "plan", null);
        actions.ofItems(cleanup(), "quarantine", columns(1, 4));
        String kept = actions.head().orElseThrow().hash();
        actions.ofPlan(PLAN, "somebody", "end", null);
        assertThat(actions.verify(kept).kept()).hasValue(4);
        assertThat(actions.verify("0000").kept()).isEmpty();

        database.execute("ALTER TABLE stocktake.action DISABLE TRIGGER refuse_change");
        database.execute("DELETE FROM stocktake.action WHERE number > 3");

        assertThat(actions.verify().broken()).isEmpty();
        assertThat(actions.verify(kept).kept()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER TABLE stocktake.action RENAME TO other; CREATE VIEW stocktake.action AS SELECT * FROM stocktake.other"
                        + " | is a view",
                "ALTER TABLE stocktake.action RENAME TO other; CREATE MATERIALIZED VIEW stocktake.action AS"
                        + " SELECT * FROM stocktake.other | is a view",
                "ALTER TABLE stocktake.action RENAME TO other; CREATE TABLE stocktake.action (LIKE stocktake.other)"
                        + " PARTITION BY RANGE (number) | is a view",
                "CREATE RULE quiet AS ON INSERT TO stocktake.action DO ALSO NOTHING | has rules",
                "ALTER TABLE stocktake.action ENABLE ROW LEVEL SECURITY | has row-level security",
                "ALTER TABLE stocktake.action FORCE ROW LEVEL SECURITY | has row-level security",
                "CREATE TABLE stocktake.more () INHERITS (stocktake.action) | inherited from",
                "ALTER TABLE stocktake.action SET UNLOGGED | does not survive a crash",
                "ALTER TABLE stocktake.action ALTER COLUMN seen TYPE jsonb | no column seen of the right type",
                "ALTER TABLE stocktake.action DROP COLUMN hash;"
                        + " ALTER TABLE stocktake.action ADD COLUMN hash text GENERATED ALWAYS AS (md5(previous_hash)) STORED"
                        + " | no column hash of the right type",
                "DROP TABLE stocktake.action | is not there",
            })
    void aTableThatSomebodyReplacedProvesNothing(String statements, String oddity) {
        actions.ofPlan(PLAN, "somebody", "plan", null);
        for (String statement : statements.split(";", -1)) {
            database.execute(statement);
        }

        Chain chain = actions.verify();

        assertThat(chain.broken().orElseThrow())
                .startsWith("stocktake.action is not the table that Stocktake made: it ")
                .contains(oddity)
                .endsWith("What is read there proves nothing.");
        assertThat(chain.kept()).isEmpty();
    }

    @Test
    void whatShadowsTheTableOrItsOperatorsDoesNotMatter() {
        actions.ofPlan(PLAN, "somebody", "plan", null);
        actions.ofPlan(PLAN, "somebody", "confirm", null);
        database.execute("CREATE SCHEMA shadow");
        database.execute("CREATE TABLE shadow.action (LIKE stocktake.action)");
        database.execute("CREATE TABLE shadow.pg_class (LIKE pg_catalog.pg_class)");
        database.execute("CREATE FUNCTION shadow.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'");
        database.execute("CREATE OPERATOR shadow.= (LEFTARG = text, RIGHTARG = text, FUNCTION = shadow.same)");
        database.execute("CREATE FUNCTION shadow.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
                + " 'SELECT timestamptz ''2000-01-01Z'''");
        database.execute("ALTER DATABASE " + database.name() + " SET search_path = shadow, pg_catalog, public");

        actions.ofPlan(PLAN, "somebody", "end", null);

        assertThat(actions.verify().broken()).isEmpty();
        assertThat(actions.verify().rows()).isEqualTo(3);
        assertThat(actions.head().orElseThrow().at()).isAfter("2024-01-01T00:00:00Z");
        database.execute("ALTER TABLE stocktake.action DISABLE TRIGGER refuse_change");
        database.execute("UPDATE stocktake.action SET made_by = 'x' WHERE number = 2");
        assertThat(actions.verify().broken().orElseThrow()).startsWith("Row 2 ");
    }

    @Test
    void theHeadIsTheLastAction() throws Exception {
        assertThat(actions.head()).isEmpty();
        assertThat(actions.headAsJson()).isNull();
        assertThat(actions.verify()).isEqualTo(new Chain(0, "", Optional.empty(), OptionalLong.empty()));

        actions.ofPlan(PLAN, "somebody", "plan", null);

        AuditHead head = actions.head().orElseThrow();
        assertThat(head.line()).matches("Audit head: 1 [0-9a-f]{64}");
        assertThat(head.hash()).isEqualTo(actions.verify().head());
        JsonNode json = Json.MAPPER.readTree(actions.headAsJson());
        assertThat(json.fieldNames()).toIterable().containsExactly("number", "hash", "at");
        assertThat(json.path("number").asLong()).isOne();
        assertThat(json.path("hash").asText()).isEqualTo(head.hash());
        assertThat(OffsetDateTime.parse(json.path("at").asText())).isEqualTo(head.at());
    }

    private static CleanupInProgress cleanup() {
        return new CleanupInProgress(PLAN, "somebody", null, null, false, null);
    }

    /** Of the items from one number up to another. */
    private static ActionColumns columns(int from, int to) {
        return new ActionColumns(
                strings(from, to, ""),
                strings(from, to, "key \"%41+\u00E4\\ "),
                strings(from, to, "\t "),
                IntStream.range(from, to).mapToObj(i -> "done").toArray(String[]::new),
                new String[to - from],
                strings(from, to, ""));
    }

    private static String[] strings(int from, int to, String before) {
        return IntStream.range(from, to).mapToObj(i -> before + i).toArray(String[]::new);
    }

    private static List<Long> sequence(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private List<Long> items(String what) {
        return database.sql()
                .sql("SELECT item FROM stocktake.action WHERE what = ? ORDER BY number")
                .param(what)
                .query(Long.class)
                .list();
    }

    /** As the routes have it. */
    private static DatabaseFaults passing() {
        DatabaseFaults faults = new DatabaseFaults();
        faults.setStates("08, 25P03, 57P01");
        return faults;
    }

    private interface Meddling {
        void with(Connection connection) throws Exception;
    }

    /** A connection on which something happens first when a method is called, with an argument that begins so. */
    private static Connection with(Connection connection, String call, Meddling meddling) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    String called = method.getName() + (arguments == null ? "" : " " + arguments[0]);
                    if (called.startsWith(call)) {
                        meddling.with(connection);
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }
}
