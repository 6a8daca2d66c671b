package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stocktake.Application.FinishedRun;
import dev.stocktake.embedded.DatabaseFault;
import dev.stocktake.embedded.DatabaseFaultProxy;
import dev.stocktake.embedded.FaultProxy;
import dev.stocktake.embedded.StoreFault;
import dev.stocktake.embedded.StoreFaultProxy;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.run.Run;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;

/**
 * Every fault, between Stocktake and each of its servers, now and then and always: a run ends with the right findings or
 * without a verdict, and what passes does not keep it from its verdict.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultProxyTest {
    private static final double[] RATES = {0.01, 0.1, 1};
    private static final int FOLDERS = 8;
    private static final int KEYS_IN_A_FOLDER = 250;

    private final List<String> orphanedFiles = new ArrayList<>();
    private final List<String> orphanedRecords = new ArrayList<>();
    private final List<String> table = new ArrayList<>();
    private final List<String> withoutVerdict = new ArrayList<>();

    private Assets assets;
    private int objects;
    private int records;
    private StoreFaultProxy store;
    private DatabaseFaultProxy recordsDatabase;
    private DatabaseFaultProxy resultsDatabase;
    private StartedStocktake stocktake;
    /** Gives up after one more attempt: for faults that do not pass. */
    private StartedStocktake hasty;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        assets = Assets.empty();
        fill();
        store = StoreFaultProxy.before(assets.store().endpoint().getPort());
        recordsDatabase = DatabaseFaultProxy.before(TestServers.databases().port(), this::terminate);
        resultsDatabase = DatabaseFaultProxy.before(TestServers.databases().port(), this::terminate);
        EditedRoutes routes = inSmallPages(folder.resolve("patient"));
        stocktake = StartedStocktake.forOneRun(environment(), routes, this::inTests);
        EditedRoutes soonGivingUp = inSmallPages(folder.resolve("hasty"))
                .replace("read-again.camel.yaml", "maximumRedeliveries: 7", "maximumRedeliveries: 1");
        hasty = StartedStocktake.forOneRun(environment(), soonGivingUp, this::inTests);
    }

    private static EditedRoutes inSmallPages(Path folder) throws Exception {
        return EditedRoutes.in(Files.createDirectory(folder))
                .impatient()
                .replace("storage.camel.yaml", "pageSize: 1000", "pageSize: 100")
                .replace("records.camel.yaml", "FETCH FIRST 1000 ROWS", "FETCH FIRST 100 ROWS");
    }

    private void fill() {
        List<String> both = new ArrayList<>(List.of(
                "a b",
                "a+b",
                "a%20b",
                "100%",
                "e\u0301",
                "\u00e9",
                "\uD83D\uDE00/x",
                "\uFF5E/x",
                "tab\there",
                "q?a=b#c"));
        for (int folder = 0; folder < FOLDERS; folder++) {
            for (int key = 0; key < KEYS_IN_A_FOLDER; key++) {
                both.add(String.format("folder-%d/key %04d+%%2F.png", folder, key));
            }
            orphanedFiles.add("folder-" + folder + "/key 0099+%2F.png only file");
            orphanedFiles.add("folder-" + folder + "/\u00fcber?");
            orphanedRecords.add("folder-" + folder + "/key 0100+%2F.png only record");
            orphanedRecords.add("folder-" + folder + "/\uD83D\uDE00&<x>");
        }
        List<String> objectKeys = concat(both, orphanedFiles);
        List<String> recordKeys = concat(both, orphanedRecords);
        objects = objectKeys.size();
        records = recordKeys.size();
        assets.hold(objectKeys, recordKeys);
    }

    private static List<String> concat(List<String> one, List<String> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    private Map<String, String> environment() {
        Map<String, String> environment = assets.environment();
        String direct = assets.database().url();
        String port = ":" + TestServers.databases().port() + "/";
        environment.put(
                "DATABASE_URL",
                direct.replace(port, ":" + recordsDatabase.port() + "/") + recordsDatabase.parameters());
        environment.put(
                "RESULTS_DATABASE_URL",
                direct.replace(port, ":" + resultsDatabase.port() + "/") + resultsDatabase.parameters());
        environment.put("S3_ENDPOINT", "http://127.0.0.1:" + store.port());
        return environment;
    }

    private void inTests(Apache5HttpClient.Builder http) {
        http.socketTimeout(Duration.ofMillis(500)).dnsResolver(new SystemDefaultDnsResolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                store.resolve(host);
                return super.resolve(host);
            }
        });
    }

    private void terminate(int backend) {
        assets.database()
                .sql()
                .sql("SELECT pg_terminate_backend(?)")
                .param(backend)
                .query(Boolean.class)
                .single();
    }

    @AfterAll
    void stop() {
        for (AutoCloseable each : new AutoCloseable[] {stocktake, hasty, store, recordsDatabase, resultsDatabase}) {
            try {
                each.close();
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
        }
        System.out.println();
        System.out.println("fault                            where    rate  messages  faults  outcome");
        table.forEach(System.out::println);
    }

    private void calmDown() {
        store.calm();
        recordsDatabase.calm();
        resultsDatabase.calm();
    }

    /** What nobody could tell the results database, the next run would have to wait for. */
    private void forget() {
        assets.database().execute("DELETE FROM stocktake.lease");
        assets.database()
                .execute("UPDATE stocktake.run SET status = 'INCOMPLETE', finished_at = now(), failure = 'as the test"
                        + " wants it' WHERE status = 'RUNNING'");
    }

    static Stream<Arguments> faultsOfTheStore() {
        return Arrays.stream(StoreFault.values()).flatMap(FaultProxyTest::atEveryRate);
    }

    static Stream<Arguments> faultsOfTheRecords() {
        // nothing is written there
        return Arrays.stream(DatabaseFault.values())
                .filter(fault -> fault != DatabaseFault.READ_ONLY && fault != DatabaseFault.LOST_ACKNOWLEDGEMENT)
                .flatMap(FaultProxyTest::atEveryRate);
    }

    static Stream<Arguments> faultsOfTheResults() {
        return Arrays.stream(DatabaseFault.values()).flatMap(FaultProxyTest::atEveryRate);
    }

    private static Stream<Arguments> atEveryRate(Enum<?> fault) {
        return Arrays.stream(RATES).mapToObj(rate -> Arguments.of(fault, rate));
    }

    @Order(1)
    @Test
    void withoutFaultsTheRunIsComplete() {
        assertThat(outcome("none", "", 0, stocktake, store)).isEqualTo("COMPLETE");
        assertThat(outcome("none", "", 0, hasty, store)).isEqualTo("COMPLETE");
    }

    @Order(2)
    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("faultsOfTheStore")
    void betweenStocktakeAndTheStore(StoreFault fault, double rate) {
        endsWellOrWithoutVerdict(fault, "store", rate, store);
    }

    @Order(2)
    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("faultsOfTheRecords")
    void betweenStocktakeAndTheRecords(DatabaseFault fault, double rate) {
        endsWellOrWithoutVerdict(fault, "records", rate, recordsDatabase);
    }

    @Order(2)
    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("faultsOfTheResults")
    void betweenStocktakeAndTheResults(DatabaseFault fault, double rate) {
        endsWellOrWithoutVerdict(fault, "results", rate, resultsDatabase);
    }

    /**
     * Not counted: databases at 10 % of their round trips, because a step of many round trips is made again as a whole,
     * and a new connection takes some, too.
     */
    @Order(3)
    @Test
    void whatPassesDoesNotKeepRunsFromTheirVerdict() {
        int runs = 2 * StoreFault.values().length + 2 * DatabaseFault.values().length - 2;
        assertThat(withoutVerdict)
                .as("of %d runs with passing faults, those without a verdict", runs)
                .hasSizeLessThan(runs / 10);
    }

    private <F extends Enum<F>> void endsWellOrWithoutVerdict(F fault, String where, double rate, FaultProxy<F> proxy) {
        proxy.inject(fault, rate);

        StartedStocktake started = rate >= 1 ? hasty : stocktake;
        String outcome = outcome(fault.toString(), where, rate, started, proxy);
        long faults = proxy.faults();
        calmDown();
        forget();

        assertThat(faults)
                .as("faults that were injected; it ended as %s", outcome)
                .isPositive();
        if (rate >= 1) {
            assertThat(outcome).doesNotStartWith("COMPLETE");
            await().atMost(Duration.ofSeconds(60)).until(() -> isWellAgain(started));
        } else if (!outcome.equals("COMPLETE") && (rate < 0.1 || fault instanceof StoreFault)) {
            withoutVerdict.add(fault + " of the " + where + " at " + rate + ": " + outcome);
        }
    }

    /** Pools may still be waiting before they try to connect again. */
    private boolean isWellAgain(StartedStocktake started) {
        try {
            return outcome(started.run()).equals("COMPLETE");
        } catch (RuntimeException notYet) {
            return false;
        } finally {
            forget();
        }
    }

    /** Runs, and checks what the run says against what is there. */
    private String outcome(String fault, String where, double rate, StartedStocktake started, FaultProxy<?> proxy) {
        String outcome;
        try {
            FinishedRun finished = started.finish();
            long messages = proxy.messages();
            long faults = proxy.faults();
            outcome = outcome(finished.run());
            note(fault, where, rate, messages, faults, outcome);
        } catch (RuntimeException notBegun) {
            outcome = "NOT BEGUN: " + started.application().explain(notBegun);
            note(fault, where, rate, proxy.messages(), proxy.faults(), outcome);
            assertThat(outcome).doesNotContain("\n").doesNotContain("Exception");
        }
        return outcome;
    }

    private String outcome(Run run) {
        String stored = assets.database()
                .sql()
                .sql("SELECT status FROM stocktake.run WHERE id = ?")
                .param(run.id())
                .query(String.class)
                .single();
        if (run.status() == Run.Status.COMPLETE) {
            assertThat(assets.orphanedFiles(run)).containsExactlyInAnyOrderElementsOf(orphanedFiles);
            assertThat(assets.orphanedRecords(run)).containsExactlyInAnyOrderElementsOf(orphanedRecords);
            assertThat(run.counts().objects()).isEqualTo(objects);
            assertThat(run.counts().records()).isEqualTo(records);
            assertThat(run.counts().orphanedFiles()).isEqualTo(orphanedFiles.size());
            assertThat(run.counts().orphanedRecords()).isEqualTo(orphanedRecords.size());
            assertThat(stored).isEqualTo("COMPLETE");
            return "COMPLETE";
        }
        assertThat(run.status()).isEqualTo(Run.Status.INCOMPLETE);
        assertThat(run.counts()).isNull();
        assertThat(run.failure()).isNotBlank().doesNotContain("\n").doesNotContain("Exception");
        // RUNNING when nobody could be told: the next run ends it
        assertThat(stored).isIn("INCOMPLETE", "RUNNING");
        if (stored.equals("INCOMPLETE")) {
            assertThat(assets.orphanedFiles(run)).isEmpty();
            assertThat(assets.orphanedRecords(run)).isEmpty();
        }
        return "INCOMPLETE: " + run.failure();
    }

    private void note(String fault, String where, double rate, long messages, long faults, String outcome) {
        table.add(String.format(
                Locale.ROOT,
                "%-32s %-8s %4s  %8d  %6d  %s",
                fault,
                where,
                rate >= 1 ? "all" : Math.round(rate * 100) + " %",
                messages,
                faults,
                outcome.length() > 110 ? outcome.substring(0, 109) + "…" : outcome));
    }
}
