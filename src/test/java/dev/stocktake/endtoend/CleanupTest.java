package dev.stocktake.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.FindingName;
import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.PlanOrder;
import dev.stocktake.cleanup.PlanText;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.cleanup.Purges;
import dev.stocktake.cleanup.Purges.Purge;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.embedded.AwkwardKeys;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BetweenRoutes;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import dev.stocktake.settings.Purpose;
import dev.stocktake.storage.ClaimObject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** From the findings of runs to files in quarantine, and back. */
class CleanupTest {
    private static final int MATCHED = 30;
    private static final int RACES = 1000;

    private final Assets assets = Assets.empty();
    private final Set<String> referenced = ConcurrentHashMap.newKeySet();
    private final List<StartedStocktake> started = new ArrayList<>();

    @BeforeEach
    void enoughThatIsMatched() {
        List<String> matched =
                IntStream.range(0, MATCHED).mapToObj(i -> "matched-" + i).toList();
        assets.objects(matched).records(matched);
    }

    @AfterEach
    void stop() {
        started.forEach(StartedStocktake::close);
    }

    @Test
    void movesWhatTwoRunsFoundAndBringsItBackAsItWas() {
        assets.store()
                .client()
                .putObject(
                        request -> request.bucket(assets.bucket())
                                .key("orphan with %41+ä")
                                .contentType("image/png")
                                .metadata(Map.of("owner", "nobody")),
                        RequestBody.fromString("content"));
        assets.records("missing");
        StartedStocktake stocktake = start(Map.of("CLEANUP_MIN_AGE", "0s", "GRACE_PERIOD", "0s"));
        twice(stocktake);

        Plan plan = stocktake.application().plan(PlanOrders.unsafe()).plan();
        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(plan.items()).isOne();
        assertThat(result.done()).isOne();
        assertThat(result.isWhole()).isTrue();
        assertThat(keys()).contains(".stocktake-quarantine/" + plan.id() + "/orphan with %41+ä");
        assertThat(keys()).doesNotContain("orphan with %41+ä");
        assertThat(stocktake.run().counts().orphanedFiles()).isZero();

        List<Restored> restored = stocktake.restore(plan);

        assertThat(restored).extracting(Restored::outcome).containsExactly(Outcome.DONE);
        assertThat(keys())
                .as("its copy stays until it is purged")
                .contains(".stocktake-quarantine/" + plan.id() + "/orphan with %41+ä");
        var back = assets.store()
                .client()
                .getObjectAsBytes(request -> request.bucket(assets.bucket()).key("orphan with %41+ä"));
        assertThat(back.asUtf8String()).isEqualTo("content");
        assertThat(back.response().contentType()).isEqualTo("image/png");
        assertThat(back.response().metadata()).containsEntry("owner", "nobody");
        assertThat(stocktake.application().actions().verify().broken()).isEmpty();
        assertThat(actions())
                .containsExactly(
                        "plan done null",
                        "confirm done null",
                        "quarantine done orphan with %41+ä",
                        "end done null",
                        "restore done orphan with %41+ä");
    }

    @Test
    void everyAwkwardKeyIsMovedAndComesBackUnlessItIsTooLong() {
        List<String> keys = AwkwardKeys.ADDRESSABLE;
        List<String> tooLong = keys.stream()
                .filter(key -> key.getBytes(UTF_8).length == KeySpace.LONGEST_KEY)
                .toList();
        assets.objects(keys);
        StartedStocktake stocktake = start(Map.of("SUSPICIOUS_ORPHAN_PERCENT", "100"));
        twice(stocktake);
        assertThat(tooLong).hasSize(2);
        MadePlan made = stocktake.application().plan(PlanOrders.expecting(keys.size() - tooLong.size()));
        Plan plan = made.plan();
        assertThat(made.noRoom()).isEqualTo(2);
        assertThat(new PlanText(stocktake.application().plans()).review(made))
                .contains("no room for the quarantine's prefix in the 1,024 bytes of a key: 2");

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.reasons()).isEmpty();
        assertThat(keys().stream().filter(keys::contains)).containsExactlyInAnyOrderElementsOf(tooLong);
        stocktake.restore(plan);
        assertThat(keys().stream().filter(key -> !key.startsWith(".stocktake-quarantine/")))
                .containsAll(keys)
                .hasSize(MATCHED + keys.size());
    }

    @Test
    void leavesOutWhatOneRunFoundWhatIsYoungAndNearMatches() {
        assets.objects("once", "twice", "Folder/near.png").records("folder/near.png");
        assets.store()
                .put(assets.bucket(), "young", new byte[] {1}, Instant.now().minusSeconds(7200));
        StartedStocktake stocktake = start(Map.of());
        assets.store().delete(assets.bucket(), "once");
        stocktake.run();
        assets.objects("once");
        assets.backdateFindings();
        stocktake.run();

        var made = stocktake.application().plan(PlanOrders.files());

        assertThat(made.plan().items()).isOne();
        assertThat(made.nearMatches()).isOne();
        assertThat(made.tooYoung()).isEqualTo(2);
        CleanupResult result = stocktake.application().execute(made.plan(), "somebody");
        assertThat(result.done()).isOne();
        assertThat(keys()).contains("once", "young", "Folder/near.png").doesNotContain("twice");
    }

    @Test
    void whatChangedBetweenPlanAndExecutionSurvives() {
        assets.objects("overwritten", "gone", "referenced", "referenced-NEARLY", "orphaned");
        StartedStocktake stocktake = start(Map.of("CLEANUP_MAX_RATIO", "50%"));
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        assets.store().put(assets.bucket(), "overwritten", new byte[] {7, 7}, Assets.LONG_AGO);
        assets.store().delete(assets.bucket(), "gone");
        assets.records("referenced", "referenced-nearly");

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.done()).isOne();
        assertThat(result.skipped()).isEqualTo(4);
        assertThat(keys())
                .contains("overwritten", "referenced", "referenced-NEARLY")
                .contains(".stocktake-quarantine/" + plan.id() + "/orphaned")
                .doesNotContain("orphaned", "gone");
        assertThat(stocktake.application().actions().result(plan, null).reasons())
                .as("each with the reason why nothing was done about it")
                .hasSize(4)
                .containsKey("skipped: the record \"referenced-nearly\" probably names it (case)");
    }

    @Test
    void whatIsReferencedWhileItIsMovedIsPutBack(@TempDir Path folder) {
        List<String> orphans =
                IntStream.range(0, 20).mapToObj(i -> "orphan-" + i).toList();
        assets.objects(orphans);
        AtomicInteger came = new AtomicInteger();
        EditedRoutes routes = BetweenRoutes.before(
                EditedRoutes.in(folder), "cleanup.camel.yaml", "Nor may one have come meanwhile", () -> {
                    assertThat(keys()).doesNotContainAnyElementsOf(orphans);
                    assets.records(orphans);
                    came.incrementAndGet();
                });
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MAX_RATIO", "50");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "50");
        StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes);
        started.add(stocktake);
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(came).hasValue(1);
        assertThat(result.skipped()).isEqualTo(20);
        assertThat(keys()).containsAll(orphans);
    }

    @Test
    void aFileThatIsReferencedAtAnyMomentSurvivesAThousandTimes() throws Exception {
        List<String> orphans =
                IntStream.range(0, RACES).mapToObj(i -> "orphan-" + i).toList();
        assets.objects(orphans);
        StartedStocktake stocktake = start(Map.of("CLEANUP_MIN_SIGHTINGS", "1", "SUSPICIOUS_ORPHAN_PERCENT", "100"));
        stocktake.run();
        assets.backdateFindings();
        Plan plan = stocktake.application().plan(PlanOrders.expecting(RACES)).plan();
        List<String> shuffled = new ArrayList<>(orphans);
        Collections.shuffle(shuffled);
        AtomicBoolean over = new AtomicBoolean();
        Thread application = new Thread(() -> {
            for (Iterator<String> keys = shuffled.iterator(); keys.hasNext() && !over.get(); ) {
                String key = keys.next();
                assets.records(key);
                // what it sees from now on must stay
                if (exists(key)) {
                    referenced.add(key);
                }
            }
        });
        application.start();

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        over.set(true);
        application.join();
        assertThat(result.isWhole()).isTrue();
        Set<String> gone = new HashSet<>(referenced);
        gone.removeAll(keys());
        System.out.printf(
                "Cleanup race: %d files moved, %d referenced meanwhile, of those %d gone%n",
                result.done(), referenced.size(), gone.size());
        assertThat(referenced).isNotEmpty();
        assertThat(gone).isEmpty();
    }

    @Test
    void purgesForGoodOnlyWhatWasNotRestored() {
        assets.objects("orphan", "other");
        StartedStocktake stocktake = start(Map.of("CLEANUP_MAX_RATIO", "50"));
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        stocktake.application().execute(plan, "somebody");
        stocktake.restore(plan, Optional.of(List.of(FindingName.ofFile("other"))));

        assertThat(stocktake.application().purges().due(Duration.ofDays(1)).files())
                .isEmpty();
        Purge purge = stocktake.application().purges().due(Duration.ZERO);
        assertThat(purge.files()).extracting(Purges.Waiting::storageKey).containsExactly("orphan");
        assertThat(stocktake.application().purge(purge, "somebody"))
                .extracting(Purges.Purged::outcome)
                .containsExactly(Outcome.DONE);

        assertThat(keys())
                .contains("other", ".stocktake-quarantine/" + plan.id() + "/other")
                .doesNotContain("orphan", ".stocktake-quarantine/" + plan.id() + "/orphan");
        assertThat(stocktake.application().purges().due(Duration.ZERO).files()).isEmpty();
        assertThat(stocktake.application().actions().verify().broken()).isEmpty();
    }

    @Test
    void restoresNothingOverAFileThatIsThereAgain() {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        stocktake.application().execute(plan, "somebody");
        assets.store().put(assets.bucket(), "orphan", new byte[] {9, 9, 9, 9}, Instant.now());

        List<Restored> restored = stocktake.restore(plan);

        assertThat(restored).extracting(Restored::outcome).containsExactly(Outcome.SKIPPED);
        assertThat(keys()).contains("orphan", ".stocktake-quarantine/" + plan.id() + "/orphan");
        assertThat(assets.store()
                        .client()
                        .getObjectAsBytes(
                                request -> request.bucket(assets.bucket()).key("orphan"))
                        .asByteArray())
                .hasSize(4);
    }

    @Test
    void keepsFilesInAnotherBucketWhereThatIsWanted() {
        assets.objects("orphan");
        String attic = assets.bucket() + "-attic";
        assets.store().createBucket(attic);
        StartedStocktake stocktake = start(Map.of("QUARANTINE_BUCKET", attic, "QUARANTINE_PREFIX", "old/"));
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();

        assertThat(stocktake.application().execute(plan, "somebody").done()).isOne();

        assertThat(keys()).doesNotContain("orphan").hasSize(MATCHED);
        assertThat(assets.store().keys(attic))
                .containsExactly(
                        "old/.stocktake-quarantine.json",
                        "old/" + plan.id() + ".plan.json",
                        "old/" + plan.id() + "/orphan");
        stocktake.restore(plan);
        assertThat(keys()).contains("orphan");
    }

    @Test
    void looksForFilesOnlyWhereThePlanSaysThatTheyGo() {
        assets.objects("orphan", "other");
        StartedStocktake stocktake = start(Map.of("CLEANUP_MAX_RATIO", "50"));
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.ofKeys("orphan")).plan();
        Plan next = stocktake.application().plan(PlanOrders.ofKeys("other")).plan();
        stocktake.application().execute(plan, "somebody");
        StartedStocktake elsewhere = start(Map.of("QUARANTINE_PREFIX", "elsewhere/"));

        assertThatThrownBy(() -> elsewhere.application().execute(next, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("set them back");
        assertThatThrownBy(() -> elsewhere.restore(plan))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("set them back");
        assertThat(elsewhere.application().purges().due(Duration.ZERO).files()).isEmpty();
        assertThat(stocktake.application().purges().due(Duration.ZERO).files()).hasSize(1);
    }

    @Test
    void refusesAQuarantineThatCannotBeWrittenTo() {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of("QUARANTINE_BUCKET", "no-such-bucket"));
        twice(stocktake);

        refused(stocktake, PlanOrders.files()).hasMessageContaining("cannot be written to");
    }

    @ParameterizedTest(name = "AUTO_DELETE_ORPHANS={0}, found {1} days ago: moves {2}")
    @CsvSource({"true, 31, 1", "true, 29, 0", "false, 31, 0"})
    void aScheduledRunCleansUpByItselfOnlyWhereThatIsSwitchedOn(
            String switchedOn, int daysAgo, int moved, @TempDir Path folder) {
        assets.objects("orphan");
        start(Map.of()).run();
        assets.backdateFindings();
        assets.database().execute("UPDATE stocktake.finding SET found_at = now() - interval '" + daysAgo + " days'");
        Map<String, String> environment = assets.environment();
        environment.put("AUTO_DELETE_ORPHANS", switchedOn);
        CountDownLatch over = new CountDownLatch(1);

        serveOneScheduledRun(environment, folder, over);

        assertThat(keys()).hasSize(MATCHED + 1);
        assertThat(keys().stream().filter(key -> key.startsWith(".stocktake-quarantine/")))
                .hasSize(moved);
    }

    /** By the route of the schedule, at once instead of at three in the morning. */
    private void serveOneScheduledRun(Map<String, String> environment, Path folder, CountDownLatch over) {
        String uri = "uri: direct:clean-up-automatically\n";
        EditedRoutes routes = BetweenRoutes.insteadOf(
                        EditedRoutes.in(folder)
                                .replace("schedule.camel.yaml", uri, uri + " ".repeat(14) + "- to: { uri: nowhere }\n"),
                        "schedule.camel.yaml",
                        "uri: nowhere",
                        over::countDown)
                .replace("schedule.camel.yaml", "uri: quartz", "uri: timer:once")
                .replace("schedule.camel.yaml", "groupName: stocktake\n        triggerName: maintenance\n        ", "")
                .replace("schedule.camel.yaml", "cron: \"{{schedule.quartz}}\"", "repeatCount: 1")
                .replace(
                        "schedule.camel.yaml",
                        "trigger.timeZone: \"{{CRON_TIME_ZONE}}\"\n        stateful: true",
                        "delay: 0");
        started.add(StartedStocktake.start(environment, routes.folder(), Purpose.SERVE, Clock.systemUTC()));
        try {
            assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    void nothingFollowsByItselfARunWithoutAVerdict(@TempDir Path folder) {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        stocktake.application().execute(plan, "somebody");
        asSuperuser("UPDATE stocktake.action SET at = at - interval '31 days'");
        assets.database().execute("ALTER TABLE assets RENAME TO hidden");
        Map<String, String> environment = assets.environment();
        environment.put("AUTO_DELETE_ORPHANS", "true");

        serveOneScheduledRun(environment, folder, new CountDownLatch(1));

        assertThat(keys()).contains(".stocktake-quarantine/" + plan.id() + "/orphan");
        assertThat(actions()).noneMatch(action -> action.startsWith("purge"));
    }

    @Test
    void nothingIsMovedByItselfInABucketThatNobodyHasClaimed(@TempDir Path folder) {
        assets.objects("orphan");
        twice(start(Map.of()));
        assets.database().execute("UPDATE stocktake.finding SET found_at = found_at - interval '31 days'");
        assets.store().delete(assets.bucket(), ClaimObject.KEY);
        Map<String, String> environment = assets.environment();
        environment.put("AUTO_DELETE_ORPHANS", "true");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "50");
        environment.put("CLEANUP_MAX_RATIO", "50%");

        serveOneScheduledRun(environment, folder, new CountDownLatch(1));

        assertThat(keys()).contains("orphan");
        assertThat(assets.objectKeys()).doesNotContain(ClaimObject.KEY);
        assertThat(actions()).isEmpty();
    }

    @Test
    void nothingFollowsByItselfASuspiciousRun(@TempDir Path folder) {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        stocktake.application().execute(plan, "somebody");
        asSuperuser("UPDATE stocktake.action SET at = at - interval '31 days'");
        assets.objects(IntStream.range(0, 40).mapToObj(i -> "lost-" + i).toList());
        Map<String, String> environment = assets.environment();
        environment.put("AUTO_DELETE_ORPHANS", "true");

        serveOneScheduledRun(environment, folder, new CountDownLatch(1));

        assertThat(keys()).contains(".stocktake-quarantine/" + plan.id() + "/orphan");
        assertThat(actions()).noneMatch(action -> action.startsWith("purge"));
    }

    @Test
    void aPlanThatWasBegunExpiresADayAfterThat(@TempDir Path folder) {
        assets.objects("orphan");
        AtomicBoolean fails = new AtomicBoolean(true);
        EditedRoutes routes = BetweenRoutes.before(
                EditedRoutes.in(folder), "cleanup.camel.yaml", "No record may name it at this moment", () -> {
                    if (fails.get()) {
                        throw new IllegalStateException("interrupted");
                    }
                });
        StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment(), routes);
        started.add(stocktake);
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                .isNotNull();
        fails.set(false);
        asSuperuser("UPDATE stocktake.action SET at = at - interval '25 hours'");

        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("was begun at")
                .hasMessageContaining("expired at");

        asSuperuser("UPDATE stocktake.action SET at = at + interval '24 hours'");
        assets.database().execute("UPDATE stocktake.run SET suspicious = 'since then'");
        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is suspicious");
        assets.database().execute("UPDATE stocktake.run SET suspicious = NULL");
        assertThat(stocktake.application().execute(plan, "somebody").done()).isOne();
    }

    @Test
    void anInterruptedPlanBringsNoOlderFileBackThanAnotherOneMovedSince(@TempDir Path folder) {
        assets.objects("orphan");
        AtomicBoolean fails = new AtomicBoolean(true);
        EditedRoutes routes = BetweenRoutes.before(
                EditedRoutes.in(folder), "cleanup.camel.yaml", "Nor may one have come meanwhile", () -> {
                    if (fails.getAndSet(false)) {
                        throw new IllegalStateException("interrupted");
                    }
                });
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MAX_RATIO", "50");
        StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes);
        started.add(stocktake);
        twice(stocktake);
        Plan older = stocktake.application().plan(PlanOrders.files()).plan();
        assertThatThrownBy(() -> stocktake.application().execute(older, "somebody"))
                .isNotNull();
        assertThat(keys()).doesNotContain("orphan");
        assets.store().put(assets.bucket(), "orphan", new byte[] {7, 7, 7}, Assets.LONG_AGO);
        twice(stocktake);
        Plan newer = stocktake.application().plan(PlanOrders.files()).plan();
        assertThat(stocktake.application().execute(newer, "somebody").done()).isOne();
        assets.records("orphan");

        CleanupResult result = stocktake.application().execute(older, "somebody");

        assertThat(result.skipped()).isOne();
        assertThat(keys()).doesNotContain("orphan");
        stocktake.restore(newer);
        assertThat(assets.store()
                        .client()
                        .getObjectAsBytes(
                                request -> request.bucket(assets.bucket()).key("orphan"))
                        .asByteArray())
                .containsExactly(7, 7, 7);
    }

    @Test
    void plansOfADayAreAddedUp() {
        assets.objects("a", "b", "c", "d");
        StartedStocktake stocktake = start(Map.of("CLEANUP_MAX_RATIO", "50", "CLEANUP_MAX_COUNT", "3"));
        twice(stocktake);
        Plan first = stocktake.application().plan(PlanOrders.ofKeys("a", "b")).plan();
        Plan second = stocktake.application().plan(PlanOrders.ofKeys("c", "d")).plan();
        assertThat(stocktake.application().execute(first, "somebody").done()).isEqualTo(2);

        assertThatThrownBy(() -> stocktake.application().execute(second, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("beside the 2 that were cleaned up within a day")
                .hasMessageContaining("CLEANUP_MAX_COUNT");
        refused(stocktake, PlanOrders.ofKeys("c", "d")).hasMessageContaining("beside the 2");
        Plan one = stocktake.application().plan(PlanOrders.ofKeys("c")).plan();
        assertThat(stocktake.application().execute(one, "somebody").done()).isOne();
        assertThat(keys()).contains("d").doesNotContain("a", "b", "c");
    }

    @Test
    void aRecordThatComesWithinTheSettlePeriodBringsItsFileBack(@TempDir Path folder) {
        assets.objects("seen", "orphan");
        String stored = "            uri: direct:store-outcomes\n        - script:";
        EditedRoutes routes = BetweenRoutes.insteadOf(
                EditedRoutes.in(folder)
                        .replace(
                                "cleanup.camel.yaml",
                                stored,
                                stored.replace(
                                        "        - script:",
                                        "        - to:\n            uri: nowhere\n        - script:")),
                "cleanup.camel.yaml",
                "uri: nowhere",
                () -> {
                    assertThat(keys()).doesNotContain("seen");
                    assets.records("seen");
                });
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MAX_RATIO", "50");
        environment.put("SETTLE_PERIOD", "1s");
        StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes);
        started.add(stocktake);
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.done()).isEqualTo(2);
        assertThat(result.broughtBack()).isOne();
        assertThat(keys()).contains("seen").doesNotContain("orphan");
        assertThat(actions()).contains("restore done seen");
        assertThat(stocktake.application().actions().verify().broken()).isEmpty();
    }

    @Test
    void cleanupsOfOverlappingPrefixesExcludeEachOther() {
        assets.objects("a/orphan");
        StartedStocktake stocktake = start(Map.of("CLEANUP_MAX_RATIO", "100"));
        Run run = twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        for (String prefix : List.of("a/", "matched-1")) {
            assets.database()
                    .execute("INSERT INTO stocktake.lease (bucket, prefix, run_id, plan_id, work, expires_at) VALUES ('"
                            + assets.bucket() + "', '" + prefix + "', '" + run.id() + "', '" + plan.id()
                            + "', 'cleanup', now() + interval '1 hour')");

            assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("is executed in the bucket")
                    .hasMessageContaining("under the prefix \"" + prefix + "\"");
            assertThatThrownBy(stocktake::run).isInstanceOf(dev.stocktake.run.RunActiveException.class);
            assets.database().execute("DELETE FROM stocktake.lease");
        }
        assertThat(stocktake.application().execute(plan, "somebody").done()).isOne();
    }

    @ParameterizedTest(name = "with {0} bytes instead of 3")
    @ValueSource(ints = {3, 4})
    void aFileThatIsUploadedAgainWhileItIsCopiedSurvives(int bytes, @TempDir Path folder) {
        assets.objects("orphan");
        byte[] content = Arrays.copyOf(new byte[] {1, 2, 3}, bytes);
        EditedRoutes routes = BetweenRoutes.before(
                EditedRoutes.in(folder),
                "cleanup.camel.yaml",
                "No record may name it at this moment",
                () -> assets.store().put(assets.bucket(), "orphan", content, Instant.now()));
        StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment(), routes);
        started.add(stocktake);
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.skipped()).isOne();
        assertThat(keys()).contains("orphan");
        assertThat(assets.store()
                        .client()
                        .getObjectAsBytes(
                                request -> request.bucket(assets.bucket()).key("orphan"))
                        .asByteArray())
                .isEqualTo(content);
    }

    @Test
    void oneThatFailsStopsNoOtherButTenInARowStopTheRest(@TempDir Path folder) {
        List<String> orphans = IntStream.range(0, 120)
                .mapToObj(i -> "orphan-%03d".formatted(i))
                .toList();
        assets.objects(orphans);
        AtomicInteger asked = new AtomicInteger();
        EditedRoutes routes = BetweenRoutes.insteadOf(
                EditedRoutes.in(folder), "cleanup.camel.yaml", "uri: direct:copy-into-quarantine", () -> {
                    asked.incrementAndGet();
                    throw new IllegalStateException("the store has a bad day");
                });
        Map<String, String> environment = assets.environment();
        environment.put("PARALLELISM", "1");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "100");
        StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes);
        started.add(stocktake);
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.expecting(120)).plan();

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.stopped()).contains("files one after another failed").contains("a bad day");
        assertThat(result.failed()).isEqualTo(asked.get()).isLessThan(120);
        assertThat(result.isWhole()).isFalse();
        assertThat(keys()).containsAll(orphans);
    }

    @Test
    void aPlanIsUsedOnceAndOnlyAsItWasReviewed() {
        assets.objects("orphan", "other");
        StartedStocktake stocktake = start(Map.of("CLEANUP_MAX_RATIO", "50"));
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        Plan tampered = stocktake.application().plan(PlanOrders.files()).plan();
        asSuperuser("UPDATE stocktake.plan_item SET storage_key = 'matched-1' WHERE number = 1 AND plan_id = '"
                + tampered.id() + "'");
        stocktake.application().execute(plan, "somebody");

        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("used once");
        assertThatThrownBy(() -> stocktake.application().execute(tampered, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is not what was reviewed");
        assertThat(keys()).contains("matched-1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE stocktake.action SET made_by = 'x'",
                "DELETE FROM stocktake.action",
                "TRUNCATE stocktake.action",
                "UPDATE stocktake.plan SET items = 1",
                "DELETE FROM stocktake.plan_item"
            })
    void whatWasDoneIsOnlyAddedTo(String statement) {
        start(Map.of());

        assertThatThrownBy(() -> assets.database().execute(statement)).hasStackTraceContaining("only ever added to");
    }

    @Test
    void theChainShowsWhatWasChanged() {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        twice(stocktake);
        stocktake
                .application()
                .execute(stocktake.application().plan(PlanOrders.files()).plan(), "somebody");
        asSuperuser("UPDATE stocktake.action SET storage_key = 'another' WHERE what = 'quarantine'");

        assertThat(stocktake.application().actions().verify().broken().orElseThrow())
                .contains("Row 3")
                .contains("was changed after it was written");
    }

    @Test
    void theChainShowsWhatWasChangedWhateverTheDatabaseSaysTheHashIs() {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        twice(stocktake);
        stocktake
                .application()
                .execute(stocktake.application().plan(PlanOrders.files()).plan(), "somebody");
        asSuperuser("CREATE OR REPLACE FUNCTION stocktake.action_hash(stocktake.action) RETURNS text LANGUAGE sql AS"
                + " 'SELECT $1.hash'");
        asSuperuser("UPDATE stocktake.action SET storage_key = 'another' WHERE what = 'quarantine'");

        assertThat(stocktake.application().actions().verify().broken().orElseThrow())
                .contains("Row 3")
                .contains("was changed after it was written");
    }

    @Test
    void refusesWithoutACompleteRun() {
        StartedStocktake stocktake = start(Map.of());

        refused(stocktake, PlanOrders.files()).hasMessageContaining("No run of this bucket and prefix is COMPLETE");
    }

    @Test
    void refusesARunThatIsIncompleteOrUnknown() {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        Run run = twice(stocktake);
        assets.database()
                .execute("UPDATE stocktake.run SET status = 'INCOMPLETE', failure = 'x', suspicious = NULL, "
                        + assets.database()
                                .sql()
                                .sql("SELECT string_agg(column_name || ' = NULL', ', ') FROM information_schema.columns"
                                        + " WHERE table_schema = 'stocktake' AND table_name = 'run'"
                                        + " AND data_type IN ('bigint', 'numeric') AND is_nullable = 'YES'")
                                .query(String.class)
                                .single()
                        + " WHERE id = '" + run.id() + "'");

        refused(stocktake, PlanOrders.ofRun(run.id())).hasMessageContaining("is INCOMPLETE and has no verdict");
        refused(stocktake, PlanOrders.ofRun(new UUID(0, 0))).hasMessageContaining("There is no run 00000000");
    }

    @Test
    void refusesAPlanThatIsTooOldAndOneWhoseRunIs() {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        StartedStocktake tomorrow = StartedStocktake.start(
                assets.environment(),
                Path.of("routes"),
                Purpose.CLEANUP_ASSETS,
                Clock.offset(Clock.systemUTC(), Duration.ofHours(25)));
        started.add(tomorrow);

        assertThatThrownBy(() -> tomorrow.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("expired at")
                .hasMessageContaining("more than 24 hours ago");
        refused(tomorrow, PlanOrders.files()).hasMessageContaining("more than 24 hours ago");
        assertThat(keys()).contains("orphan");
    }

    @Test
    void refusesAPlanWhoseRecordsQueryIsAnotherByNow(@TempDir Path folder) {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        StartedStocktake edited = StartedStocktake.forOneRun(
                assets.environment(),
                EditedRoutes.in(folder).replace("records.camel.yaml", "FROM assets", "FROM assets WHERE true"));
        started.add(edited);

        assertThatThrownBy(() -> edited.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("The records query has changed");
        assertThat(keys()).contains("orphan");
    }

    @Test
    void refusesASuspiciousRunAnOldOneAndAnotherQueryAllAtOnce() {
        assets.objects(IntStream.range(0, 40).mapToObj(i -> "orphan-" + i).toList());
        StartedStocktake stocktake = start(Map.of());
        Run first = stocktake.run();
        assets.backdateFindings();
        Run second = stocktake.run();
        assets.database()
                .execute("UPDATE stocktake.run SET finished_at = finished_at - interval '25 hours',"
                        + " started_at = started_at - interval '25 hours', records_query = 'another'");

        refused(stocktake, PlanOrders.files())
                .hasMessageContaining("is suspicious")
                .hasMessageContaining("more than 24 hours ago")
                .hasMessageContaining("The records query has changed");
        refused(stocktake, PlanOrders.expecting(40))
                .as("an exact number switches no other guard off")
                .hasMessageContaining("is suspicious")
                .hasMessageContaining("more than 24 hours ago")
                .hasMessageContaining("The records query has changed");
        for (Run run : List.of(first, second)) {
            stocktake.application().acknowledgements().acknowledge(run.id(), "somebody", "looked at it");
        }
        refused(stocktake, PlanOrders.files())
                .as("nor does an acknowledgement")
                .hasMessageNotContaining("suspicious")
                .hasMessageContaining("more than 24 hours ago")
                .hasMessageContaining("The records query has changed")
                .hasMessageContaining("CLEANUP_MAX_RATIO");
    }

    @Test
    void refusesMoreThanTheLimitsUnlessTheExactNumberIsExpected() {
        assets.objects("a", "b", "c");
        StartedStocktake stocktake = start(Map.of("CLEANUP_MAX_COUNT", "2"));
        twice(stocktake);

        refused(stocktake, PlanOrders.files()).hasMessageContaining("more than the 2 of CLEANUP_MAX_COUNT");
        refused(stocktake, PlanOrders.expecting(2)).hasMessageContaining("not exactly the 2");
        assertThat(stocktake.application().plan(PlanOrders.expecting(3)).plan().items())
                .isEqualTo(3);
    }

    @Test
    void refusesAKeyThatIsNoFinding() {
        assets.objects("orphan", "other");
        StartedStocktake stocktake = start(Map.of("CLEANUP_MAX_RATIO", "50"));
        twice(stocktake);

        refused(stocktake, PlanOrders.ofKeys("orphan", "matched-1"))
                .hasMessageContaining("\"matched-1\" of --keys-from");
        assertThat(stocktake
                        .application()
                        .plan(PlanOrders.ofKeys("orphan"))
                        .plan()
                        .items())
                .isOne();
    }

    @Test
    void refusesAnAgeBelowADayWithoutTheBucketsName() {
        StartedStocktake stocktake = start(Map.of("CLEANUP_MIN_AGE", "23h"));
        twice(stocktake);

        refused(stocktake, PlanOrders.files()).hasMessageContaining("--unsafe-min-age " + assets.bucket());
    }

    @Test
    void refusesWhileAnotherRunOrCleanupIsUnderWay() {
        assets.objects("orphan");
        StartedStocktake stocktake = start(Map.of());
        Run run = twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        assets.database()
                .execute("INSERT INTO stocktake.lease (bucket, prefix, run_id, expires_at) VALUES ('" + assets.bucket()
                        + "', '', '" + run.id() + "', now() + interval '1 hour')");

        assertThatThrownBy(() -> stocktake.application().execute(plan, "somebody"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("Run " + run.id() + " is comparing the bucket");
    }

    private StartedStocktake start(Map<String, String> settings) {
        Map<String, String> environment = assets.environment();
        environment.putAll(settings);
        StartedStocktake stocktake = StartedStocktake.forOneRun(environment);
        started.add(stocktake);
        return stocktake;
    }

    /** As two daily runs would have it. */
    private Run twice(StartedStocktake stocktake) {
        stocktake.run();
        assets.backdateFindings();
        return stocktake.run();
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ?> refused(
            StartedStocktake stocktake, PlanOrder order) {
        return assertThatThrownBy(() -> stocktake.application().plan(order)).isInstanceOf(RefusedException.class);
    }

    private boolean exists(String key) {
        try {
            assets.store()
                    .client()
                    .headObject(request -> request.bucket(assets.bucket()).key(key));
            return true;
        } catch (NoSuchKeyException absent) {
            return false;
        }
    }

    /** Without what Stocktake puts down about a quarantine. */
    private List<String> keys() {
        return assets.objectKeys().stream()
                .filter(key -> !key.endsWith(".json"))
                .toList();
    }

    private List<String> actions() {
        return assets.database()
                .sql()
                .sql(
                        "SELECT concat_ws(' ', what, outcome, coalesce(storage_key, 'null')) FROM stocktake.action ORDER BY number")
                .query(String.class)
                .list();
    }

    /** As somebody who can do anything with the database would. */
    private void asSuperuser(String statement) {
        assets.database().execute("ALTER TABLE stocktake.action DISABLE TRIGGER refuse_change");
        assets.database().execute("ALTER TABLE stocktake.plan_item DISABLE TRIGGER refuse_change");
        assets.database().execute(statement);
    }
}
