package dev.stocktake.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stocktake.claim.Claims.Shown;
import dev.stocktake.claim.Hold;
import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.PlanText;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.cleanup.Purges.Purge;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.embedded.EmbeddedDatabase;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.embedded.HostileStore;
import dev.stocktake.embedded.StoreRequest;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.json.Json;
import dev.stocktake.run.Run;
import dev.stocktake.storage.ClaimObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which database may clean up a bucket that several could. */
class ClaimTest {
    private final CleanableAssets cleanable = new CleanableAssets();
    private final Assets assets = cleanable.assets();

    @AfterEach
    void stop() {
        cleanable.close();
    }

    @Test
    void aClaimThatIsReleasedRightBeforeACleanupTakesItUpIsNotMadeAgain() {
        StartedStocktake stocktake = start(Map.of());
        assertThat(claim(stocktake)).isEmpty();
        Hold prepared = prepare(stocktake, null);
        assertThat(prepared.refusals()).isEmpty();
        assertThat(stocktake
                        .application()
                        .claims()
                        .release(
                                stocktake.application().standing(),
                                shown(stocktake).hash(),
                                "somebody"))
                .isEmpty();

        assertThat(prepared.take("somebody"))
                .hasValueSatisfying(refusal -> assertThat(refusal).contains("--claim " + assets.bucket()));

        assertThat(shown(stocktake).isFree()).isTrue();
    }

    @Test
    void anOlderCopyOfProductionSaysWhoseTheBucketIsAndMovesNothing() {
        assets.objects(keys("old", 162)).records(keys("old", 162));
        assets.objects("orphan");
        try (StartedStocktake production = start(Map.of())) {
            cleanable.moved(production);
        }
        Database staging = copyOfTheDatabase();
        assets.objects(keys("new", 8)).records(keys("new", 8));

        StartedStocktake copy = start(Map.of("DATABASE_URL", staging.url()));
        Run first = copy.run();
        backdate(staging);
        Run run = copy.run();
        long moved = 0;
        String refusal = "none";
        try {
            Plan plan = copy.application().plan(PlanOrders.files()).plan();
            moved = copy.application().execute(plan, "somebody").done();
        } catch (RefusedException refused) {
            refusal = refused.getMessage();
        }
        System.out.printf(
                "An older copy of production at its bucket: %d orphaned files of %d; suspicious: %s; moved: %d; refused: %s%n",
                run.counts().orphanedFiles(), run.counts().objects(), run.suspicious(), moved, refusal);

        assertThat(run.counts().orphanedFiles()).isEqualTo(8);
        assertThat(run.counts().objects()).isEqualTo(200);
        assertThat(moved).isZero();
        assertThat(first.suspicions()).hasSize(1);
        assertThat(run.suspicions())
                .singleElement()
                .asString()
                .contains("Another database has claimed this bucket: \""
                        + assets.database().name() + "\" at 127.0.0.1")
                .contains("by somebody")
                .contains("This one, \"" + staging.name() + "\" at 127.0.0.1");
        assertThat(refusal).contains("Another database has claimed this bucket", "claim take-over");
        assertThat(cleanable.keys()).containsAll(keys("new", 8));
    }

    @Test
    void aCopyCannotBeTheFirstToCleanUpUnlessSomebodyVouchesForIt() {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        Plan plan = planned(stocktake);

        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("Nobody has claimed the bucket \"" + assets.bucket() + "\" yet")
                .hasMessageContaining("no other database may reference files there")
                .hasMessageContaining("--claim " + assets.bucket());
        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody", Optional.of("another-bucket")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("must name the bucket");
        assertThat(assets.objectKeys()).contains("orphan").doesNotContain(ClaimObject.KEY);

        assertThat(execute(stocktake, plan).done()).isOne();

        JsonNode claim = claimFile().path("claims").path(0);
        assertThat(claim.path("bucket").asText()).isEqualTo(assets.bucket());
        assertThat(claim.path("prefix").asText()).isEmpty();
        assertThat(claim.path("claimed_by").asText()).isEqualTo("somebody");
        assertThat(claim.path("claimed_at").asText()).startsWith("20").endsWith("Z");
        assertThat(claim.path("database").path("name").asText())
                .isEqualTo(assets.database().name());
        assertThat(claim.path("database").path("system_identifier").asText()).matches("[0-9]{15,20}");
        assertThat(claim.path("database").path("relations").toString()).isEqualTo("[\"public.assets\"]");
        assertThat(claim.path("results").asText()).isEqualTo(value("SELECT id::text FROM stocktake.schema_identity"));
        Run run = stocktake.run();
        assertThat(run.suspicious()).isNull();
        assertThat(run.remarks()).isNull();
        assertThat(run.counts().objects()).isEqualTo(30);
    }

    @Test
    void whoCleanedUpBeforeThereWereClaimsClaimsOnceAndHasItsFilesBackWithout() {
        assets.objects("orphan", "another");
        StartedStocktake stocktake = start(Map.of());
        Plan plan = planned(stocktake);
        execute(stocktake, plan);
        assets.store().delete(assets.bucket(), ClaimObject.KEY);
        cleanable.asOwner("ALTER TABLE stocktake.claim DISABLE TRIGGER refuse_change", "DELETE FROM stocktake.claim");
        stocktake.run();

        Purge purge = stocktake.application().purges().due(Duration.ZERO);
        assertThatThrownBy(() -> stocktake.application().purge(purge, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("--claim " + assets.bucket());
        assertThat(stocktake.restore(plan)).extracting(Restored::outcome).containsOnly(Outcome.DONE);
        assertThat(assets.objectKeys()).doesNotContain(ClaimObject.KEY);

        cleanable.backdateActions("2 hours");
        Purge due = stocktake.application().purges().due(Duration.ZERO);
        assertThat(stocktake.application().purge(due, "somebody", Optional.of(assets.bucket())))
                .hasSize(2);
        assertThat(assets.objectKeys()).contains(ClaimObject.KEY);
    }

    @Test
    void nothingIsRestoredOrPurgedUnderTheClaimOfAnother() {
        assets.objects("orphan");
        Plan plan;
        try (StartedStocktake production = start(Map.of())) {
            plan = cleanable.moved(production);
        }
        Database staging = copyOfTheDatabase();
        StartedStocktake copy = start(Map.of("DATABASE_URL", staging.url()));

        assertThatThrownBy(() -> copy.restore(plan))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("Another database has claimed this bucket");
        Purge purge = copy.application().purges().due(Duration.ZERO);
        assertThat(purge.files()).hasSize(1);
        assertThatThrownBy(() -> copy.application().purge(purge, "somebody", Optional.of(assets.bucket())))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("Another database has claimed this bucket");
        assertThat(cleanable.keys()).contains(".stocktake-quarantine/" + plan.id() + "/orphan");
    }

    @ParameterizedTest
    @ValueSource(strings = {"taken over", "deleted", "released", "edited"})
    void aClaimThatGoesInTheMiddleStopsTheCleanupBeforeItsNextBatch(String how) {
        assets.objects(keys("orphan", 120));
        try (HostileStore hostile =
                HostileStore.before(assets.store().endpoint().getPort())) {
            StartedStocktake stocktake = start(Map.of(
                    "S3_ENDPOINT",
                    "http://127.0.0.1:" + hostile.port(),
                    "PARALLELISM",
                    "1",
                    "CLEANUP_MAX_RATIO",
                    "100%",
                    "SUSPICIOUS_ORPHAN_PERCENT",
                    "100"));
            Plan plan = planned(stocktake);
            Predicate<StoreRequest> first = request ->
                    request.method().equals("DELETE") && request.key().contains("orphan");
            hostile.after(first, () -> {
                switch (how) {
                    case "taken over" -> edit(claim -> ((ObjectNode) claim.path("database")).put("oid", 1));
                    case "deleted" -> assets.store().delete(assets.bucket(), ClaimObject.KEY);
                    case "released" -> put("{\"stocktake\":\"claim\",\"claims\":[]}");
                    default -> put("{}");
                }
            });

            CleanupResult result = execute(stocktake, plan);

            assertThat(result.stopped()).contains("claim");
            assertThat(result.done()).isBetween(1L, 50L);
            assertThat(result.isWhole()).isFalse();
            assertThat(cleanable.keys().stream().filter(key -> key.startsWith("orphan")))
                    .hasSizeGreaterThanOrEqualTo(70);
        }
    }

    @Test
    void oneOfTwoThatClaimAtOnceGetsIt() throws Exception {
        StartedStocktake one = start(Map.of());
        one.run();
        one.close();
        Database other = copyOfTheDatabase();
        List<StartedStocktake> both = List.of(start(Map.of()), start(Map.of("DATABASE_URL", other.url())));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 20; round++) {
                assets.store().delete(assets.bucket(), ClaimObject.KEY);
                CyclicBarrier start = new CyclicBarrier(2);
                List<Future<Boolean>> claimed = threads.invokeAll(both.stream()
                        .<Callable<Boolean>>map(stocktake -> () -> {
                            start.await();
                            return prepare(stocktake, assets.bucket())
                                    .take("somebody")
                                    .isEmpty();
                        })
                        .toList());

                assertThat(List.of(claimed.get(0).get(), claimed.get(1).get())).containsExactlyInAnyOrder(true, false);
                assertThat(claimFile().path("claims")).hasSize(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest(name = "theirs \"{0}\", ours \"{1}\": both {2}")
    @CsvSource({
        "'', assets/, false",
        "assets/, '', false",
        "assets, assets/, false",
        "assets/, assets, false",
        "assets/a/, assets/, false",
        "assets/, assets2/, true",
        "a/, b/, true",
        "a, a, false"
    })
    void prefixesThatOverlapAreOneDatabases(String theirs, String ours, boolean both) {
        try (StartedStocktake other = start(Map.of("S3_PREFIX", theirs))) {
            assertThat(claim(other)).isEmpty();
        }
        Database copy = copyOfTheDatabase();

        StartedStocktake stocktake = start(Map.of("S3_PREFIX", ours, "DATABASE_URL", copy.url()));

        assertThat(claim(stocktake).isEmpty()).isEqualTo(both);
        assertThat(claimFile().path("claims")).hasSize(both ? 2 : 1);
        assertThat(shown(stocktake).isOurs()).isEqualTo(both);
    }

    @Test
    void aClaimOnTheWholeBucketCoversAPrefixAndNotTheOtherWayRound() {
        StartedStocktake part = start(Map.of("S3_PREFIX", "assets/"));
        assertThat(claim(part)).isEmpty();
        StartedStocktake whole = start(Map.of());

        assertThat(shown(whole).isFree()).isTrue();
        assertThat(prepare(whole, null).refusals()).hasSize(1);
        assertThat(claim(whole)).isEmpty();
        assertThat(claimFile().path("claims")).hasSize(1);
        assertThat(shown(part).isOurs()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "null",
                "no JSON",
                "{\"stocktake\":\"claim\"}",
                "{\"stocktake\":\"claim\",\"claims\":[null]}",
                "{\"stocktake\":\"claim\",\"claims\":[{\"bucket\":\"b\"}]}",
                "{\"stocktake\":\"claim\",\"claims\":{}}",
                "{\"stocktake\":\"claim\",\"claims\":[]} and more"
            })
    void whatIsNoClaimIsSuspiciousAndMustBeTakenOver(String content) {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        Plan plan = planned(stocktake);
        put(content);

        assertThat(stocktake.run().suspicions())
                .singleElement()
                .asString()
                .contains(ClaimObject.KEY + " is not what Stocktake writes there");
        assertThatThrownBy(() -> execute(stocktake, plan))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("claim take-over")
                .hasMessageNotContaining("Exception");
        Shown shown = shown(stocktake);
        assertThat(stocktake
                        .application()
                        .claims()
                        .takeOver(stocktake.application().standing(), shown.hash(), "somebody"))
                .isEmpty();
        assertThat(stocktake.run().suspicious()).isNull();
    }

    @Test
    void aClaimOfLaterVersionsIsReadAndOneThatIsTooLongIsNot() {
        StartedStocktake stocktake = start(Map.of());
        claim(stocktake);
        edit(claim -> claim.put("added_later", 1));
        assertThat(shown(stocktake).isOurs()).isTrue();

        edit(claim -> claim.put("added_later", "x".repeat(70_000)));
        assertThat(shown(stocktake).isOurs()).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "database/name | x    | it has another name",
                "database/oid  | 1    | it is another database of that name",
                "database/system_identifier | 1 | it is on another server",
                "database/relations | [\"other.assets\"] | the records query reads other tables (public.assets instead of other.assets)",
                "results | 00000000-0000-4000-8000-000000000001 | its results are kept in another database",
                "bucket  | y | the claim was made on the bucket \"y\"",
                "renewal | 00000000-0000-4000-8000-000000000001 | an older copy, or was set back to an earlier time"
            })
    void eachThingThatTellsTwoDatabasesApartIsSaid(String path, String value, String said) throws IOException {
        StartedStocktake stocktake = start(Map.of());
        claim(stocktake);
        edit(claim -> {
            String[] parts = path.split("/", -1);
            ObjectNode node = parts.length == 1 ? claim : (ObjectNode) claim.path(parts[0]);
            String name = parts[parts.length - 1];
            node.set(name, node.path(name).isTextual() ? Json.MAPPER.valueToTree(value) : read(value));
        });

        assertThat(stocktake.run().suspicions()).singleElement().asString().contains(said);
        assertThat(prepare(stocktake, assets.bucket()).refusals())
                .singleElement()
                .asString()
                .contains(said, "claim take-over");
    }

    @Test
    void theSameServerUnderAnotherNameIsTheSame() {
        StartedStocktake stocktake = start(Map.of());
        claim(stocktake);

        StartedStocktake other =
                start(Map.of("DATABASE_URL", assets.database().url().replace("127.0.0.1", "localhost")));

        assertThat(shown(other).isOurs()).isTrue();
        assertThat(shown(start(Map.of(
                                "S3_ENDPOINT",
                                "http://localhost:" + assets.store().endpoint().getPort())))
                        .isOurs())
                .isTrue();
    }

    @Test
    void aPlainRoleThatMayNotReadTheSystemIdentifierClaimsAllTheSame() {
        assets.database().execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
        assets.database().execute("CREATE ROLE plain_" + assets.database().name() + " LOGIN PASSWORD 'x'");
        assets.database()
                .execute("GRANT SELECT ON assets TO plain_" + assets.database().name());
        Map<String, String> plain = Map.of(
                "DATABASE_URL",
                assets.database().url("plain_" + assets.database().name(), "x"),
                "RESULTS_DATABASE_URL",
                assets.database().url());

        StartedStocktake stocktake = start(plain);

        assertThat(claim(stocktake)).isEmpty();
        assertThat(claimFile()
                        .path("claims")
                        .path(0)
                        .path("database")
                        .path("system_identifier")
                        .isNull())
                .isTrue();
        assertThat(shown(stocktake).isOurs()).isTrue();
        assertThat(shown(start(Map.of())).isOurs()).isTrue();
    }

    @Test
    void aSnapshotThatRunsElsewhereIsToldFromItsOriginalAndAFailoverIsToldWhatToDo(@TempDir Path folder)
            throws Exception {
        Path original = folder.resolve("original");
        Database shop;
        try (EmbeddedDatabase server = EmbeddedDatabase.startOn(original)) {
            shop = server.create();
            shop.execute("CREATE TABLE assets (id bigint PRIMARY KEY, storage_key text, created_at timestamptz)");
            shop.execute("INSERT INTO assets SELECT i, 'matched-' || i, '2024-01-10' FROM generate_series(0, 29) AS i");
            StartedStocktake production = start(Map.of("DATABASE_URL", shop.url()));
            assertThat(claim(production)).isEmpty();
            assertThat(production.run().suspicious()).isNull();
            production.close();
        }
        Path snapshot = folder.resolve("snapshot");
        assertThat(new ProcessBuilder("cp", "-a", original.toString(), snapshot.toString())
                        .start()
                        .waitFor())
                .isZero();
        try (EmbeddedDatabase copy = EmbeddedDatabase.startOn(snapshot)) {
            StartedStocktake staging =
                    start(Map.of("DATABASE_URL", copy.existing(shop.name()).url()));

            assertThat(staging.run().suspicions())
                    .singleElement()
                    .asString()
                    .contains("after a failover or under another address, or a copy of it")
                    .contains("127.0.0.1:" + copy.port());
            assertThat(prepare(staging, assets.bucket()).refusals())
                    .singleElement()
                    .asString()
                    .contains("claim take-over");

            Shown shown = shown(staging);
            assertThat(staging.application()
                            .claims()
                            .takeOver(staging.application().standing(), "another", "somebody"))
                    .hasValueSatisfying(refusal -> assertThat(refusal).contains("not what was shown"));
            assertThat(staging.application()
                            .claims()
                            .takeOver(staging.application().standing(), shown.hash(), "somebody"))
                    .isEmpty();
            assertThat(staging.run().suspicious()).isNull();
            staging.close();
        }
        try (EmbeddedDatabase server = EmbeddedDatabase.startOn(original)) {
            StartedStocktake production =
                    start(Map.of("DATABASE_URL", server.existing(shop.name()).url()));
            assertThat(prepare(production, assets.bucket()).refusals())
                    .singleElement()
                    .asString()
                    .contains("an older copy, or was set back to an earlier time");
            production.close();
        }
    }

    @Test
    void aClaimThatMayNotBeReadIsRemarkedOnceAndNothingIsCleanedUp() {
        assets.objects("orphan");
        try (HostileStore hostile =
                HostileStore.before(assets.store().endpoint().getPort())) {
            StartedStocktake stocktake = start(Map.of("S3_ENDPOINT", "http://127.0.0.1:" + hostile.port()));
            hostile.refuse(
                    request -> request.method().equals("GET") && request.key().equals(ClaimObject.KEY),
                    403,
                    "AccessDenied");

            Run first = stocktake.run();
            backdate(assets.database());
            Run second = stocktake.run();

            assertThat(first.remarks()).contains("grant s3:GetObject on " + ClaimObject.KEY);
            assertThat(first.suspicious()).isNull();
            assertThat(second.remarks()).isNull();
            assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("grant s3:GetObject on " + ClaimObject.KEY);
        }
    }

    @Test
    void aStoreThatCannotSayWhoseTheBucketIsMakesARunSuspicious(@TempDir Path folder) {
        try (HostileStore hostile =
                HostileStore.before(assets.store().endpoint().getPort())) {
            StartedStocktake stocktake = cleanable.start(
                    Map.of("S3_ENDPOINT", "http://127.0.0.1:" + hostile.port()),
                    EditedRoutes.in(folder).impatient());
            hostile.refuse(
                    request -> request.method().equals("GET") && request.key().equals(ClaimObject.KEY),
                    503,
                    "ServiceUnavailable");

            Run run = stocktake.run();

            assertThat(run.isComplete()).as(run.failure()).isTrue();
            assertThat(run.suspicions())
                    .singleElement()
                    .asString()
                    .contains("Whether another database has claimed this bucket cannot be seen");
        }
    }

    @Test
    void aClaimThatIsGoneIsRemarkedAndTakesAPersonAgain() {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        claim(stocktake);
        Plan plan = planned(stocktake);
        assets.store().delete(assets.bucket(), ClaimObject.KEY);

        Run run = stocktake.run();

        assertThat(run.suspicious()).isNull();
        assertThat(run.remarks()).contains("is gone from", "a lifecycle rule", "--claim");
        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("a lifecycle rule")
                .hasMessageContaining("--claim " + assets.bucket());
    }

    @Test
    void aStoreThatKnowsNoConditionsIsClaimedByALookRightBefore() {
        try (HostileStore hostile =
                HostileStore.before(assets.store().endpoint().getPort())) {
            hostile.refuse(
                    request -> request.method().equals("PUT")
                            && !(request.header("if-none-match") + request.header("if-match")).isEmpty(),
                    501,
                    "NotImplemented");
            StartedStocktake stocktake = start(Map.of("S3_ENDPOINT", "http://127.0.0.1:" + hostile.port()));

            assertThat(claim(stocktake)).isEmpty();
            assertThat(claim(stocktake)).isEmpty();
            assertThat(shown(stocktake).isOurs()).isTrue();
        }
    }

    @Test
    void anotherQuarantineInTheSettingsFindsTheSameClaim() {
        StartedStocktake stocktake = start(Map.of());
        claim(stocktake);
        stocktake.close();
        Database copy = copyOfTheDatabase();

        StartedStocktake other = start(Map.of("QUARANTINE_PREFIX", "elsewhere/", "DATABASE_URL", copy.url()));

        Run run = other.run();
        assertThat(run.suspicions()).hasSize(1);
        assertThat(run.counts().objects()).isEqualTo(30);
        assertThat(claim(other)).isPresent();
    }

    @Test
    void releasingLetsAnotherDatabaseClaimAndOnlyTheHolderReleases() {
        StartedStocktake stocktake = start(Map.of());
        claim(stocktake);
        stocktake.close();
        StartedStocktake other =
                start(Map.of("DATABASE_URL", copyOfTheDatabase().url()));
        assertThat(other.application()
                        .claims()
                        .release(other.application().standing(), shown(other).hash(), "somebody"))
                .hasValueSatisfying(refusal -> assertThat(refusal).contains("Only the database that has a claim"));

        StartedStocktake holder = start(Map.of());
        assertThat(holder.application()
                        .claims()
                        .release(holder.application().standing(), shown(holder).hash(), "somebody"))
                .isEmpty();

        assertThat(shown(holder).isFree()).isTrue();
        assertThat(holder.run().remarks()).isNull();
        assertThat(claim(other)).isEmpty();
        assertThat(value("SELECT string_agg(what, ' ' ORDER BY number) FROM stocktake.claim"))
                .isEqualTo("claim release");
    }

    @Test
    void plansNameTheRecordsDatabase() {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        cleanable.twice(stocktake);
        String display = assets.database().url().replaceFirst(".*@", "");

        MadePlan made = stocktake.application().plan(PlanOrders.files());

        assertThat(new PlanText(stocktake.application().plans()).review(made))
                .contains("Bucket: " + assets.bucket() + "\nRecords database: " + display + "\n");
        assertThat(made.plan().recordsDatabase()).isEqualTo(display);
        StartedStocktake other =
                start(Map.of("DATABASE_URL", assets.database().url().replace("127.0.0.1", "localhost")));
        assertThatThrownBy(() -> execute(other, made.plan()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("was made by the records database " + display);
    }

    private static List<String> keys(String name, int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> String.format("%s-%03d", name, i))
                .toList();
    }

    private StartedStocktake start(Map<String, String> settings) {
        return cleanable.start(new HashMap<>(settings));
    }

    /** To which nobody may be connected. */
    private Database copyOfTheDatabase() {
        return TestServers.databases().copyOf(assets.database());
    }

    private static void backdate(Database database) {
        database.execute("UPDATE stocktake.finding SET found_at = found_at - interval '100 hours'");
    }

    private Plan planned(StartedStocktake stocktake) {
        stocktake.run();
        backdate(assets.database());
        stocktake.run();
        return stocktake
                .application()
                .plan(PlanOrders.expecting(assets.objectKeys().stream()
                        .filter(key -> key.startsWith("orphan") || key.startsWith("another"))
                        .count()))
                .plan();
    }

    private CleanupResult execute(StartedStocktake stocktake, Plan plan) {
        return stocktake.application().execute(plan, "somebody", Optional.of(assets.bucket()));
    }

    /** Why not; empty where it has it. */
    private Optional<String> claim(StartedStocktake stocktake) {
        return prepare(stocktake, assets.bucket()).refusals().stream()
                .findFirst()
                .or(() -> prepare(stocktake, assets.bucket()).take("somebody"));
    }

    private static Shown shown(StartedStocktake stocktake) {
        return stocktake.application().claims().show(stocktake.application().standing());
    }

    private static Hold prepare(StartedStocktake stocktake, String said) {
        return stocktake.application().claims().prepare(stocktake.application().standing(), said);
    }

    private String value(String query) {
        return assets.database().sql().sql(query).query(String.class).single();
    }

    private JsonNode claimFile() {
        return read(new String(cleanable.content(ClaimObject.KEY), UTF_8));
    }

    private static JsonNode read(String json) {
        try {
            return Json.MAPPER.readTree(json);
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private void edit(Consumer<ObjectNode> change) {
        JsonNode file = claimFile();
        change.accept((ObjectNode) file.path("claims").path(0));
        put(file.toString());
    }

    private void put(String content) {
        assets.store().put(assets.bucket(), ClaimObject.KEY, content.getBytes(UTF_8));
    }
}
