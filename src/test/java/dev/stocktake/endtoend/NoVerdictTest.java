package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.Application;
import dev.stocktake.embedded.Answer;
import dev.stocktake.embedded.Behaviour;
import dev.stocktake.embedded.EmbeddedDatabase;
import dev.stocktake.embedded.EmbeddedStore;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.S3Failure;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever fails on either side, the run says so and accuses nobody. */
class NoVerdictTest {
    /** Enough for several pages of either side. */
    private static final List<String> KEYS =
            IntStream.range(0, 3500).mapToObj(i -> String.format("key-%05d", i)).toList();

    private Assets assets;
    private EditedRoutes routes;

    @BeforeEach
    void fill(@TempDir Path folder) {
        routes = EditedRoutes.in(folder).impatient();
        assets = Assets.empty();
        // some findings before whatever happens in the middle
        List<String> objects = new ArrayList<>(KEYS);
        objects.remove("key-00010");
        List<String> records = new ArrayList<>(KEYS);
        records.remove("key-00020");
        assets.hold(objects, records);
    }

    @AfterEach
    void calmDown() {
        assets.store().onList(number -> {});
    }

    private String failureOfRunWith(Map<String, String> settings) {
        Map<String, String> environment = assets.environment();
        environment.putAll(settings);
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
            return failureOfRun(stocktake);
        }
    }

    private String failureOfRun(StartedStocktake stocktake) {
        Application.FinishedRun finished = stocktake.finish();
        Run run = finished.run();
        assertThat(run.status()).isEqualTo(Run.Status.INCOMPLETE);
        assertThat(run.counts()).isNull();
        assertThat(run.failure())
                .doesNotContain("\n")
                .doesNotContain("Exception")
                .hasSizeLessThan(600);
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT status || ': ' || failure FROM stocktake.run WHERE id = ?")
                        .param(run.id())
                        .query(String.class)
                        .single())
                .isEqualTo("INCOMPLETE: " + run.failure());
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT count(*) FROM stocktake.finding")
                        .query(Long.class)
                        .single())
                .isZero();
        String report = stocktake.application().reports().text(run);
        assertThat(report).contains("NO VERDICT").contains(run.failure()).doesNotContain("✅", "Orphaned files");
        assertThat(report.lines().limit(3)).anyMatch(line -> line.contains(run.failure()));
        return run.failure();
    }

    @Test
    void wrongSecretOfTheStore() {
        assertThat(failureOfRunWith(Map.of("S3_SECRET_ACCESS_KEY", "not-the-secret")))
                .contains("refused the credentials", assets.bucket(), "Check S3_ACCESS_KEY_ID")
                .doesNotContain("not-the-secret");
    }

    @Test
    void aBucketThatIsNotThere() {
        assertThat(failureOfRunWith(Map.of("S3_BUCKET", "no-such-bucket")))
                .contains("no-such-bucket", "does not exist", "Check S3_BUCKET");
    }

    @Test
    void aStoreThatIsNotThere() {
        assertThat(failureOfRunWith(Map.of("S3_ENDPOINT", "http://127.0.0.1:1")))
                .contains("cannot be reached", "http://127.0.0.1:1", "Check S3_ENDPOINT");
    }

    @Test
    void aHostNameThatNobodyKnows() {
        assertThat(failureOfRunWith(Map.of("S3_ENDPOINT", "http://store.invalid")))
                .contains("cannot be reached", "store.invalid");
    }

    @Test
    void aBucketThatVanishesInTheMiddle() {
        failListing(3, new S3Failure(404, "NoSuchBucket"));

        assertThat(failureOfRunWith(Map.of())).contains("does not exist");
    }

    @Test
    void rightsThatAreTakenAwayInTheMiddle() {
        failListing(3, new S3Failure(403, "AccessDenied"));

        assertThat(failureOfRunWith(Map.of())).contains("does not allow", "s3:ListBucket");
    }

    @Test
    void aStoreThatStaysOverloaded() {
        failListing(3, new S3Failure(503, "SlowDown"));

        assertThat(failureOfRunWith(Map.of())).contains("slow down");
    }

    @Test
    void aStoreThatIsStoppedInTheMiddle() {
        try (EmbeddedStore store = EmbeddedStore.start()) {
            store.createBucket(assets.bucket());
            KEYS.forEach(key -> store.put(assets.bucket(), key, Assets.LONG_AGO));
            store.onList(number -> {
                if (number == 3) {
                    store.stop();
                }
            });
            assertThat(failureOfRunWith(Map.of(
                            "S3_ENDPOINT", store.endpoint().toString(),
                            "S3_ACCESS_KEY_ID", store.accessKey(),
                            "S3_SECRET_ACCESS_KEY", store.secretKey())))
                    .contains("cannot be reached", store.endpoint().toString());
        }
    }

    static Stream<Arguments> lies() {
        return Stream.of(
                Arguments.of("no token", Behaviour.truncatedWithoutToken().fromRequest(3), "no token"),
                Arguments.of(
                        "cut off", Behaviour.cutOff().fromRequest(3), "cannot be reached or gave no sensible answer"),
                Arguments.of(
                        "malformed", Behaviour.malformed().fromRequest(3), "cannot be reached or gave no sensible"),
                Arguments.of("no clock", Behaviour.withoutDate(), "no Date header"),
                Arguments.of(
                        "failing", Behaviour.failing(500, "InternalError").fromRequest(3), "failed while listing"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void listingsThatCannotBeTrue(String name, Behaviour behaviour, String reason) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(KEYS.toArray(String[]::new)))) {
            store.behave(behaviour);
            assertThat(failureOfRunWith(
                            Map.of("S3_ENDPOINT", store.endpoint().toString(), "S3_BUCKET", SyntheticStore.BUCKET)))
                    .contains(reason);
        }
    }

    @Test
    void aPassingFaultDoesNotEndTheRun() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(KEYS.toArray(String[]::new)))) {
            store.behave(Behaviour.cutOff()
                    .onRequest(3)
                    .over(Behaviour.failing(503, "SlowDown").onRequest(5)));
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
                Run run = stocktake.run();
                assertThat(run.failure()).isNull();
                assertThat(run.counts().objects()).isEqualTo(KEYS.size());
                assertThat(assets.orphanedFiles(run)).containsExactly("key-00020");
                assertThat(assets.orphanedRecords(run)).isEmpty();
            }
        }
    }

    static Stream<Behaviour> disorders() {
        return Stream.of(
                Behaviour.outOfOrder().fromRequest(8), Behaviour.duplicateKey().fromRequest(8));
    }

    @ParameterizedTest
    @MethodSource("disorders")
    void aListingThatIsSeenToBeOutOfOrderIsComparedInTheOrderOfACopy(Behaviour disorder) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(KEYS.toArray(String[]::new)))) {
            store.behave(disorder);
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
                Run run = stocktake.run();
                assertThat(run.failure()).isNull();
                assertThat(run.counts().objects()).isEqualTo(KEYS.size());
                assertThat(assets.orphanedFiles(run)).containsExactly("key-00020");
                assertThat(assets.orphanedRecords(run)).isEmpty();
            }
        }
    }

    @Test
    void shortAndEmptyPagesAreNotTheEnd() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(KEYS.toArray(String[]::new)))) {
            store.behave(Behaviour.emptyPage()
                    .when(request -> request.number() % 3 == 0)
                    .over(Behaviour.pagesOf(700)));
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
                Run run = stocktake.run();
                assertThat(run.failure()).isNull();
                assertThat(run.counts().objects()).isEqualTo(KEYS.size());
                assertThat(assets.orphanedFiles(run)).containsExactly("key-00020");
            }
        }
    }

    @Test
    void anEmptyPageThatLeadsToItselfIsAskedForAgain() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(KEYS.toArray(String[]::new)))) {
            AtomicInteger repeated = new AtomicInteger();
            // by tokens, because it does not answer StartAfter
            store.behave(Behaviour.ignoringStartAfter().over((request, honest) -> {
                Answer answer = honest.apply(request.withMaxKeys(Math.min(70, request.maxKeys())));
                boolean due = !request.continuationToken().isEmpty()
                        && answer instanceof Answer.Page page
                        && page.truncated()
                        && repeated.incrementAndGet() % 4 == 3;
                return due ? new Answer.Page(List.of(), List.of(), true, request.continuationToken()) : answer;
            }));
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
                Run run = stocktake.run();
                assertThat(run.failure()).isNull();
                assertThat(run.counts().objects()).isEqualTo(KEYS.size());
                assertThat(assets.orphanedFiles(run)).containsExactly("key-00020");
                assertThat(repeated.get()).isGreaterThan(8);
            }
        }
    }

    @Test
    void aTableThatIsNotThere() {
        assets.database().execute("DROP TABLE assets");

        assertThat(failureOfRunWith(Map.of()))
                .contains("The records query", "relation \"assets\" does not exist", "routes/records.camel.yaml");
    }

    @Test
    void aTableThatIsDroppedInTheMiddle() {
        assets.store().onList(number -> {
            if (number == 3) {
                assets.database().execute("DROP TABLE assets");
            }
        });

        assertThat(failureOfRunWith(Map.of())).contains("relation \"assets\" does not exist");
    }

    @Test
    void aGrantThatIsTakenAwayInTheMiddle() {
        String user = assets.database().name() + "_reader";
        assets.database().execute("CREATE ROLE " + user + " LOGIN PASSWORD 'reading'");
        assets.database().execute("GRANT SELECT ON assets TO " + user);
        assets.store().onList(number -> {
            if (number == 3) {
                assets.database().execute("REVOKE SELECT ON assets FROM " + user);
            }
        });

        assertThat(failureOfRunWith(Map.of(
                        "DATABASE_URL", assets.database().url(user, "reading"),
                        "RESULTS_DATABASE_URL", assets.database().url())))
                .contains("not allowed for this user", "permission denied for table assets", "GRANT SELECT")
                .doesNotContain("reading");
    }

    @Test
    void aQueryThatFailsAtARowInTheMiddle() {
        routes.replace(
                "records.camel.yaml",
                "created_at\n          FROM assets",
                "created_at, 1 / (id - 2500) AS boom FROM assets");

        assertThat(failureOfRunWith(Map.of())).contains("division by zero", "records query");
    }

    @Test
    void recordsThatComeOutOfOrder() {
        routes.replace(
                "records.camel.yaml",
                "ORDER BY records.storage_key::text COLLATE \"C\"",
                "ORDER BY records.storage_key::text COLLATE \"C\" DESC");

        assertThat(failureOfRunWith(Map.of())).contains("The records query is not in UTF-8 byte order");
    }

    @Test
    void aColumnThatTheQueryDoesNotGive() {
        routes.replace("records.camel.yaml", "id AS record_id, ", "");

        assertThat(failureOfRunWith(Map.of())).contains("record_id", "does not exist", "routes/records.camel.yaml");
    }

    @Test
    void aRecordsDatabaseThatIsStoppedInTheMiddle() {
        try (EmbeddedDatabase server = EmbeddedDatabase.start()) {
            EmbeddedDatabase.Database records = server.create();
            records.execute("CREATE TABLE assets (id bigint, storage_key text, created_at timestamptz)");
            records.execute("INSERT INTO assets SELECT i, 'key-' || lpad(i::text, 5, '0'), '2024-01-10'"
                    + " FROM generate_series(0, 3499) AS i");
            assets.store().onList(number -> {
                if (number == 3) {
                    server.stop();
                }
            });
            assertThat(failureOfRunWith(Map.of(
                            "DATABASE_URL",
                            records.url() + "?connect_timeout=1",
                            "RESULTS_DATABASE_URL",
                            assets.database().url())))
                    .contains("the records database", "Check DATABASE_URL", "Details: 127.0.0.1:");
        }
    }

    @Test
    void resultsThatCannotBeStoredAreNotReported() {
        Map<String, String> environment = assets.environment();
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
            assets.database().execute("ALTER TABLE stocktake.finding ADD CHECK (storage_key <> 'key-00020')");

            assertThat(failureOfRun(stocktake)).contains("Stocktake's own tables");
        }
    }

    @Test
    void aRunAfterAFailedOneFindsWhatIsThere() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment(), routes)) {
            failListing(3, new S3Failure(403, "AccessDenied"));
            failureOfRun(stocktake);
            assets.store().onList(number -> {});

            Run run = stocktake.run();

            assertThat(assets.orphanedFiles(run)).containsExactly("key-00020");
            assertThat(assets.orphanedRecords(run)).containsExactly("key-00010");
        }
    }

    private Map<String, String> environment(SyntheticStore store) {
        Map<String, String> environment = assets.environment();
        environment.put("S3_ENDPOINT", store.endpoint().toString());
        environment.put("S3_BUCKET", SyntheticStore.BUCKET);
        return environment;
    }

    private void failListing(int from, S3Failure failure) {
        assets.store().onList(number -> {
            if (number >= from) {
                throw failure;
            }
        });
    }
}
