package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stocktake.cleanup.Actions;
import dev.stocktake.cleanup.FindingName;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.PlanOrder;
import dev.stocktake.cleanup.Purges.Purge;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.embedded.HostileStore.Held;
import dev.stocktake.embedded.ObjectEntry;
import dev.stocktake.embedded.StoreRequest;
import dev.stocktake.endtoend.ContentLedger.Content;
import dev.stocktake.endtoend.ContentLedger.Violation;
import dev.stocktake.endtoend.WalkProcess.Settings;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.run.RunActiveException;
import dev.stocktake.run.Trigger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Whatever happens in whatever order: no file that a record names is ever nowhere, no upload is overwritten, and the audit
 * accounts for each move. {@code -Dwalk.steps=N} for more steps, {@code -Dwalk.seed=N} for other decisions; what several
 * processes do at once is in no fixed order.
 */
class CleanupWalkTest {
    private static final int STEPS_FOR_RARE_EFFECTS = 2000;
    private static final int STEPS = Integer.getInteger("walk.steps", 120);
    private static final long SEED = Long.getLong("walk.seed", 1);

    private static final List<String> FOLDERS = List.of("a/", "b/", "c/");
    private static final List<String> QUARANTINES = List.of(".stocktake-quarantine/", "waiting/");
    private static final int ANCHORS = 10;
    private static final int KEYS = 8;
    private static final int PROCESSES = 4;
    private static final int STEPS_BETWEEN_LOOKS_AT_THE_CHAIN = 50;
    private static final int PLANS_REMEMBERED = 12;
    private static final long PATIENCE_SECONDS = 60;
    private static final long LEASE_PATIENCE_SECONDS = 10;

    private final Assets assets = Assets.empty();
    private final Random random = new Random(SEED);
    private final ContentLedger ledger = new ContentLedger(Set.copyOf(QUARANTINES));
    private final List<String> keys = FOLDERS.stream()
            .flatMap(folder -> IntStream.range(0, KEYS).mapToObj(i -> folder + "w" + i))
            .toList();
    private final Map<String, List<byte[]>> uploads = new TreeMap<>();
    private final SingleConnectionDataSource connection =
            new SingleConnectionDataSource(assets.database().jdbcUrl(), true);
    private final JdbcClient database = JdbcClient.create(connection);

    private final List<WalkProcess> processes = new ArrayList<>();
    private final Map<WalkProcess, Future<?>> dying = new LinkedHashMap<>();
    private final List<Plan> plans = new ArrayList<>();
    private final Map<String, String> seen = new TreeMap<>();
    private final Set<Content> inDoubt = new HashSet<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final Map<String, Integer> steps = new TreeMap<>();
    private final Map<String, Integer> refusals = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();
    private final ConcurrentLinkedDeque<String> story = new ConcurrentLinkedDeque<>();
    private EditedRoutes routes;
    private long contents;
    private long lastAction;
    private int step;
    private int kills;
    private int pauses;
    private int meanwhile;

    @BeforeEach
    void fill(@TempDir Path folder) {
        routes = EditedRoutes.in(folder)
                .impatient()
                .replace("read-again.camel.yaml", "maximumRedeliveries: 7", "maximumRedeliveries: 1");
        List<String> anchors = FOLDERS.stream()
                .flatMap(each -> IntStream.range(0, ANCHORS).mapToObj(i -> each + "anchor-" + i))
                .toList();
        assets.objects(anchors).records(anchors);
        keys.forEach(this::upload);
        for (int i = 0; i < PROCESSES; i++) {
            processes.add(new WalkProcess(assets, routes, i == 0 ? usual() : someSettings()));
        }
    }

    @AfterEach
    void stop() {
        processes.forEach(WalkProcess::close);
        threads.shutdownNow();
        connection.destroy();
    }

    @Test
    void noFileIsNowhereNoUploadIsOverwrittenAndTheAuditAccountsForEachMove() {
        Instant begun = Instant.now();
        try {
            for (step = 1; step <= STEPS; step++) {
                reviveTheDead();
                take(anyStep());
                recordWhatWasSeen();
                look();
                if (step % STEPS_BETWEEN_LOOKS_AT_THE_CHAIN == 0) {
                    lookAtTheChain();
                }
            }
            finishEveryPlan();
            lookAtTheChain();
        } finally {
            System.out.printf(
                    "Cleanup walk (seed %d, %d steps, %d s): %s; %d things meanwhile; moved %d, put back %d, restored %d, purged %d,"
                            + " kills %d, pauses %d, gone again after a pause %d; refused %s; violations %d%n",
                    SEED,
                    STEPS,
                    Duration.between(begun, Instant.now()).toSeconds(),
                    steps,
                    meanwhile,
                    actions("what = 'quarantine' AND outcome = 'done'"),
                    actions("what = 'quarantine' AND outcome = 'skipped' AND reason LIKE '%put back%'"),
                    actions("what = 'restore' AND outcome = 'done'"),
                    actions("what = 'purge' AND outcome = 'done'"),
                    kills,
                    pauses,
                    ledger.movedAgain(),
                    refusals,
                    violations.size());
        }

        assertThat(violations).as("seed %d", SEED).isEmpty();
        // what it does would otherwise shrink unseen to what is refused
        int hundreds = STEPS / 100;
        assertThat(actions("what = 'quarantine' AND outcome = 'done'")).isGreaterThanOrEqualTo(10L * hundreds);
        assertThat(actions("what = 'restore' AND outcome = 'done'")).isGreaterThanOrEqualTo(hundreds);
        assertThat(actions("what = 'purge' AND outcome = 'done'")).isGreaterThanOrEqualTo(hundreds);
        assertThat(kills).isGreaterThanOrEqualTo(hundreds / 2);
        assertThat(pauses).isGreaterThanOrEqualTo(hundreds / 2);
        if (STEPS >= STEPS_FOR_RARE_EFFECTS) {
            assertThat(actions("what = 'quarantine' AND outcome = 'skipped' AND reason LIKE '%put back%'"))
                    .isPositive();
        }
    }

    // ---- what is done

    private enum Step {
        UPLOAD(14),
        RECORD(8),
        RECORD_AND_UPLOAD(3),
        DELETE_RECORD(9),
        DELETE_RECORD_AND_OBJECT(3),
        RUN(12),
        PLAN(12),
        EXECUTE(14),
        KILL(6),
        PAUSE(6),
        RESTORE(10),
        PURGE(3),
        ACKNOWLEDGE(3),
        SETTINGS(1);

        private final int weight;

        Step(int weight) {
            this.weight = weight;
        }
    }

    private Step anyStep() {
        int place = random.nextInt(
                Stream.of(Step.values()).mapToInt(each -> each.weight).sum());
        for (Step each : Step.values()) {
            place -= each.weight;
            if (place < 0) {
                return each;
            }
        }
        throw new IllegalStateException();
    }

    private void take(Step kind) {
        steps.merge(kind.name().toLowerCase(Locale.ROOT), 1, Integer::sum);
        switch (kind) {
            case UPLOAD -> upload(anyKey());
            case RECORD -> record(anyKey());
            case RECORD_AND_UPLOAD -> {
                String key = anyKey();
                insertRecord(key, null);
                upload(key);
            }
            case DELETE_RECORD -> deleteRecord(anyKey());
            case DELETE_RECORD_AND_OBJECT -> {
                String key = anyKey();
                deleteRecord(key);
                deleteObject(key);
            }
            case RUN -> quietly(run(anyProcess()));
            case PLAN -> quietly(plan(anyProcess()));
            case EXECUTE -> withThingsMeanwhile(anyExecution());
            case KILL -> kill(anyWork());
            case PAUSE -> pause(anyWork());
            case RESTORE -> withThingsMeanwhile(restore());
            case PURGE -> withThingsMeanwhile(purge(anyProcess()));
            case ACKNOWLEDGE -> acknowledge();
            case SETTINGS -> changeSettings();
        }
    }

    /** Something that a process is told to do. */
    private record Work(String name, WalkProcess process, Runnable what, Set<Content> touched) {}

    private Work run(WalkProcess process) {
        return new Work("run", process, () -> process.application().run(Trigger.CLI), Set.of());
    }

    private Work plan(WalkProcess process) {
        PlanOrder order = random.nextInt(4) > 0
                ? PlanOrders.unsafe()
                : PlanOrders.unsafe(FOLDERS.get(random.nextInt(FOLDERS.size())));
        return new Work(
                "plan",
                process,
                () -> {
                    Plan plan = reviewed(process, order);
                    if (plan.items() > 0) {
                        plans.add(plan);
                    }
                    if (plans.size() > PLANS_REMEMBERED) {
                        plans.remove(0);
                    }
                },
                Set.of());
    }

    /** A person looks at how many they are, and says so: of all that is moved here, a day's limits would allow a part. */
    private static Plan reviewed(WalkProcess process, PlanOrder order) {
        long files;
        try {
            files = process.application().plan(order).plan().items();
        } catch (RefusedException refused) {
            Matcher number = Pattern.compile("say --expected-count (\\d+)").matcher(refused.getMessage());
            if (!number.find()) {
                throw refused;
            }
            files = Long.parseLong(number.group(1));
        }
        return process.application().plan(PlanOrders.expecting(order, files)).plan();
    }

    /** As often as not one that somebody has just looked at. */
    private Work anyExecution() {
        return plans.isEmpty() || random.nextBoolean() ? newExecution() : execute();
    }

    /** Of a plan that somebody has just made, of a run that found something. */
    private Work newExecution() {
        WalkProcess process = anyProcess();
        List<String> compared = keys.stream()
                .filter(key -> key.startsWith(process.settings().prefix()))
                .toList();
        for (int i = random.nextInt(3); i >= 0; i--) {
            String key = compared.get(random.nextInt(compared.size()));
            deleteRecord(key);
            upload(key);
        }
        quietly(run(process));
        quietly(plan(process));
        return plans.isEmpty() ? run(process) : execute(plans.get(plans.size() - 1), process);
    }

    private Work execute() {
        List<UUID> ended = database.sql("SELECT plan_id FROM stocktake.action WHERE what = 'end'")
                .query(UUID.class)
                .list();
        List<Plan> open = random.nextInt(10) == 0
                ? plans
                : plans.stream().filter(plan -> !ended.contains(plan.id())).toList();
        if (open.isEmpty()) {
            return run(anyProcess());
        }
        Plan plan = newerOf(open);
        return execute(plan, processFor(plan));
    }

    private Plan newerOf(List<Plan> some) {
        return some.get(Math.max(random.nextInt(some.size()), random.nextInt(some.size())));
    }

    private Work execute(Plan plan, WalkProcess process) {
        return new Work(
                "execute " + plan.id(),
                process,
                () -> process.application().execute(plan, "somebody", Optional.of(assets.bucket())),
                contentsOf(plan));
    }

    private Work restore() {
        if (plans.isEmpty()) {
            return run(anyProcess());
        }
        Plan plan = newerOf(plans);
        WalkProcess process = processFor(plan);
        List<Content> items = List.copyOf(contentsOf(plan));
        Optional<List<FindingName>> names = random.nextBoolean()
                ? Optional.empty()
                : Optional.of(List.of(FindingName.ofFile(
                        items.get(random.nextInt(items.size())).key())));
        return new Work(
                "restore " + plan.id() + " " + names.map(List::toString).orElse("all"),
                process,
                () -> process.restore(plan, names),
                contentsOf(plan));
    }

    private Work purge(WalkProcess process) {
        Purge purge =
                process.application().purges().due(Duration.ofMillis(random.nextBoolean() ? 0 : random.nextInt(5000)));
        Set<Content> touched = new HashSet<>();
        purge.files().forEach(file -> touched.addAll(contentsOf(file.planId(), file.item())));
        return new Work(
                "purge " + touched.size(),
                process,
                () -> process.application().purge(purge, "somebody", Optional.of(assets.bucket())),
                touched);
    }

    private Work anyWork() {
        return switch (random.nextInt(10)) {
            case 0 -> run(anyProcess());
            case 1, 2 -> restore();
            case 3 -> purge(anyProcess());
            default -> newExecution();
        };
    }

    private void quietly(Work work) {
        tell(work.process + " does " + work.name);
        try {
            work.what.run();
        } catch (RefusedException | RunActiveException refused) {
            refused(work, refused);
        }
    }

    private void refused(Work work, RuntimeException refused) {
        tell("  refused: " + refused.getMessage());
        refusals.merge(work.name.split(" ", 2)[0], 1, Integer::sum);
    }

    /** While something is done, the application does something, too. */
    private void withThingsMeanwhile(Work work) {
        letThingsHappen(work, random.nextInt(5));
        quietly(work);
        work.process.store().calm();
    }

    private void letThingsHappen(Work work, int number) {
        for (int i = 0; i < number; i++) {
            // decided now, so that a seed decides it
            Predicate<StoreRequest> request = anyRequest(work);
            String key = anyKeyOf(work);
            int what = random.nextInt(7);
            Runnable thing = () -> thing(what, key);
            if (random.nextBoolean()) {
                work.process.store().before(request, thing);
            } else {
                work.process.store().after(request, thing);
            }
        }
    }

    private synchronized void thing(int what, String key) {
        meanwhile++;
        tell("  meanwhile " + what + " " + key);
        switch (what) {
            case 0 -> upload(key);
            case 1 -> uploadAgain(key);
            case 2 -> deleteRecord(key);
            case 3 -> seen(key).ifPresent(etag -> seen.put(key, etag));
            default -> record(key);
        }
    }

    /** Records what was seen while something was done, and may have gone since. */
    private synchronized void recordWhatWasSeen() {
        seen.forEach(this::insertRecord);
        seen.clear();
    }

    /** Often one that changes a file which the work is about. */
    private Predicate<StoreRequest> anyRequest(Work work) {
        int files = work.touched.size();
        Set<String> touched = work.touched.stream().map(Content::key).collect(Collectors.toSet());
        return switch (random.nextInt(4)) {
            case 0 -> StoreRequest.nth(1 + random.nextInt(9 + 3 * files), request -> true);
            case 1 ->
                StoreRequest.nth(
                        1 + random.nextInt(Math.max(1, files)),
                        request -> request.isCopy()
                                && (touched.contains(request.copySource()) || touched.contains(request.key())));
            default ->
                StoreRequest.nth(
                        1 + random.nextInt(Math.max(1, files)),
                        request -> request.method().equals("DELETE")
                                && touched.stream().anyMatch(request.key()::endsWith));
        };
    }

    private String anyKeyOf(Work work) {
        List<Content> touched =
                work.touched.stream().filter(each -> keys.contains(each.key())).toList();
        return touched.isEmpty() || random.nextInt(5) == 0
                ? anyKey()
                : touched.get(random.nextInt(touched.size())).key();
    }

    /** Ends a process at some request of what it does. */
    private void kill(Work work) {
        WalkProcess process = work.process;
        Predicate<StoreRequest> request = anyRequest(work);
        if (random.nextBoolean()) {
            process.store().before(request, process::end);
        } else {
            process.store().after(request, process::end);
        }
        letThingsHappen(work, random.nextInt(2));
        tell(process + " is to be killed");
        Future<?> doing = threads.submit(() -> quietly(work));
        until(() -> process.isEnded() || doing.isDone());
        if (!process.isEnded()) {
            process.store().calm();
            result(work, doing);
            return;
        }
        kills++;
        tell("  killed");
        process.settle();
        dying.put(process, doing);
        endLeases();
    }

    private void reviveTheDead() {
        dying.entrySet().removeIf(each -> {
            if (each.getValue().isDone() && each.getKey().canStartAgain()) {
                each.getKey().startAgain();
                return true;
            }
            return false;
        });
    }

    /** Stops a process at some request of what it does, until others have taken over what it had. */
    private void pause(Work work) {
        WalkProcess process = work.process;
        Predicate<StoreRequest> request = anyRequest(work);
        Held held = random.nextInt(4) > 0
                ? process.store().hold(request)
                : process.store().holdAnswer(request);
        tell(process + " is to be paused");
        Future<?> doing = threads.submit(() -> quietly(work));
        until(() -> held.isHolding() || doing.isDone());
        if (!held.isHolding()) {
            process.store().calm();
            result(work, doing);
            return;
        }
        process.pause();
        pauses++;
        tell("  paused at "
                + held.requests().stream()
                        .map(each -> each.method() + " " + each.key())
                        .toList());
        Set<Content> doubtBefore = Set.copyOf(inDoubt);
        inDoubt.addAll(work.touched);
        endLeases();
        Plan theirs = plans.stream()
                .filter(plan -> work.name.contains(plan.id().toString()))
                .findFirst()
                .orElse(null);
        int others = 1 + random.nextInt(4);
        processes.remove(process);
        boolean awake = false;
        for (int i = 0; i < others && !awake; i++) {
            Work other = meanwhile(theirs, process.settings());
            if (other == null) {
                thing(random.nextInt(7), anyKeyOf(work));
            } else {
                awake = !finishes(other);
            }
            if (!awake) {
                look();
            }
        }
        tell("  " + process + " goes on");
        process.resume();
        held.release();
        result(work, doing);
        inDoubt.retainAll(doubtBefore);
        processes.add(process);
        process.store().calm();
    }

    /** What another process does while one is paused; null for what the application does. */
    private Work meanwhile(Plan theirs, Settings settings) {
        List<WalkProcess> able = alive().stream()
                .filter(each -> each.settings().quarantine().equals(settings.quarantine())
                        && each.settings().prefix().equals(settings.prefix()))
                .toList();
        WalkProcess process = able.isEmpty() ? anyProcess() : able.get(random.nextInt(able.size()));
        return switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 -> purge(process);
            case 2 -> run(process);
            case 3, 4 ->
                theirs == null
                        ? restore()
                        : new Work(
                                "restore " + theirs.id(),
                                process,
                                () -> process.restore(theirs, Optional.empty()),
                                Set.of());
            default -> theirs == null ? execute() : execute(theirs, process);
        };
    }

    /** Whether it ends without that the paused process goes on, which may have something locked. */
    private boolean finishes(Work work) {
        Future<?> doing = threads.submit(() -> quietly(work));
        try {
            doing.get(LEASE_PATIENCE_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException waiting) {
            tell("  waits for the paused one");
            return false;
        } catch (ExecutionException | InterruptedException failure) {
            throw new IllegalStateException("Seed " + SEED + ", step " + step + ": " + work.name, failure);
        }
    }

    private void result(Work work, Future<?> doing) {
        try {
            doing.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | InterruptedException failure) {
            throw new IllegalStateException("Seed " + SEED + ", step " + step + ": " + work.name, failure);
        }
    }

    private static void until(Callable<Boolean> condition) {
        await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(condition);
    }

    /** As if so much time had passed; nobody who is alive holds one. */
    private void endLeases() {
        database.sql("UPDATE stocktake.lease SET expires_at = now() - interval '1 second'")
                .update();
    }

    /** Somebody has seen that it is all right. */
    private void acknowledge() {
        database.sql("UPDATE stocktake.run SET suspicious = NULL WHERE status = 'COMPLETE' AND suspicious IS NOT NULL")
                .update();
    }

    private void changeSettings() {
        List<WalkProcess> alive = alive();
        WalkProcess old = alive.get(random.nextInt(alive.size()));
        processes.remove(old);
        old.close();
        boolean anyUsual = processes.stream().anyMatch(each -> each.settings().equals(usual()));
        processes.add(new WalkProcess(assets, routes, anyUsual ? someSettings() : usual()));
    }

    private static Settings usual() {
        return new Settings("", QUARANTINES.get(0), 2, "0s");
    }

    private Settings someSettings() {
        return new Settings(
                random.nextInt(4) == 0 ? FOLDERS.get(0) : "",
                QUARANTINES.get(random.nextInt(3) == 0 ? 1 : 0),
                1 << random.nextInt(3),
                random.nextInt(8) == 0 ? "1s" : "0s");
    }

    private List<WalkProcess> alive() {
        return processes.stream().filter(each -> !each.isEnded()).toList();
    }

    private WalkProcess anyProcess() {
        until(() -> {
            reviveTheDead();
            return !alive().isEmpty();
        });
        List<WalkProcess> alive = alive();
        return alive.get(random.nextInt(alive.size()));
    }

    /** Mostly one whose settings fit. */
    private WalkProcess processFor(Plan plan) {
        List<WalkProcess> fitting = alive().stream()
                .filter(each -> plan.quarantine().contains("/" + each.settings().quarantine())
                        && each.settings().prefix().equals(plan.prefix()))
                .toList();
        return fitting.isEmpty() || random.nextInt(10) == 0
                ? anyProcess()
                : fitting.get(random.nextInt(fitting.size()));
    }

    // ---- what the application does

    private String anyKey() {
        return keys.get(random.nextInt(keys.size()));
    }

    private void upload(String key) {
        byte[] content = ("content " + ++contents + " of " + key).getBytes(StandardCharsets.UTF_8);
        uploads.computeIfAbsent(key, any -> new ArrayList<>()).add(content);
        upload(key, content);
    }

    /** What was there once. */
    private void uploadAgain(String key) {
        List<byte[]> before = uploads.get(key);
        upload(key, before.get(before.size() - 1));
    }

    private synchronized void upload(String key, byte[] content) {
        tell("upload " + key);
        assets.store().put(assets.bucket(), key, content);
        ledger.uploaded(key, content);
    }

    private synchronized void deleteObject(String key) {
        tell("delete " + key);
        assets.store().delete(assets.bucket(), key);
        ledger.deleted(key);
    }

    /** Where it sees a file. */
    private synchronized void record(String key) {
        seen(key).ifPresent(etag -> insertRecord(key, etag));
    }

    private Optional<String> seen(String key) {
        return objects().stream()
                .filter(each -> each.key().equals(key))
                .map(ObjectEntry::etag)
                .findFirst();
    }

    private synchronized void insertRecord(String key, String seen) {
        tell("record " + key);
        long id = database.sql("INSERT INTO assets (storage_key, created_at) VALUES (?, now()) RETURNING id")
                .param(key)
                .query(Long.class)
                .single();
        ledger.recorded(key, id, seen);
    }

    private synchronized void deleteRecord(String key) {
        tell("delete records of " + key);
        for (long id : ledger.records(key)) {
            database.sql("DELETE FROM assets WHERE id = ?").param(id).update();
            ledger.unrecorded(key, id);
        }
    }

    // ---- what must be

    private List<ObjectEntry> objects() {
        return assets.store().objects(assets.bucket());
    }

    private synchronized void look() {
        readAudit();
        for (Violation violation : ledger.violations(objects(), unfinished())) {
            violations.add("step " + step + ", " + violation.key() + ": " + violation.what());
            System.out.println("VIOLATION seed " + SEED + ", " + violations.get(violations.size() - 1));
            story.forEach(line -> System.out.println("    " + line));
        }
    }

    private void readAudit() {
        database.sql("""
                        SELECT action.number, what, item.storage_key, item.etag
                        FROM stocktake.action LEFT JOIN stocktake.plan_item AS item
                          ON item.plan_id = action.plan_id AND item.number = action.item
                        WHERE action.number > ? AND outcome = 'done' ORDER BY action.number""")
                .param(lastAction)
                .query((row, number) -> {
                    lastAction = row.getLong("number");
                    String key = row.getString("storage_key");
                    switch (row.getString("what")) {
                        case "quarantine", "delete" -> ledger.wasMoved(key, row.getString("etag"));
                        case "restore" -> ledger.wasRestored(key, row.getString("etag"));
                        case "purge" -> ledger.wasPurged(key, row.getString("etag"));
                        default -> {
                            // what concerns a plan
                        }
                    }
                    return key;
                })
                .list();
    }

    /** What somebody may be at, or was when it was ended. */
    private Set<Content> unfinished() {
        Set<Content> unfinished = new HashSet<>(inDoubt);
        database.sql("""
                        SELECT storage_key, etag FROM stocktake.plan_item JOIN (
                            SELECT plan_id FROM stocktake.action GROUP BY plan_id
                            HAVING max(number) FILTER (WHERE what = 'confirm')
                                > coalesce(max(number) FILTER (WHERE what = 'end'), 0)
                              OR max(number) FILTER (WHERE what = 'confirm_purge')
                                > coalesce(max(number) FILTER (WHERE what = 'end_purge'), 0)) AS begun
                          USING (plan_id)""")
                .query((row, number) ->
                        unfinished.add(new Content(row.getString("storage_key"), row.getString("etag"))))
                .list();
        return unfinished;
    }

    private void lookAtTheChain() {
        new Actions(connection).verify().broken().ifPresent(broken -> {
            violations.add("step " + step + ": " + broken);
            System.out.println("VIOLATION seed " + SEED + ", " + broken);
        });
    }

    /** After which nothing is in doubt any more. */
    private void finishEveryPlan() {
        until(() -> dying.values().stream().allMatch(Future::isDone));
        endLeases();
        processes.forEach(WalkProcess::close);
        processes.clear();
        for (Settings settings : Stream.of("", FOLDERS.get(0))
                .flatMap(prefix -> QUARANTINES.stream().map(quarantine -> new Settings(prefix, quarantine, 2, "0s")))
                .toList()) {
            WalkProcess process = new WalkProcess(assets, routes, settings);
            processes.add(process);
            quietly(run(process));
            acknowledge();
            begun("confirm", "end").stream()
                    .map(id -> process.application().plans().find(id).orElseThrow())
                    .filter(plan -> plan.quarantine().contains("/" + settings.quarantine())
                            && plan.prefix().equals(settings.prefix()))
                    .forEach(plan -> quietly(execute(plan, process)));
            quietly(purge(process));
        }
        look();
        assertThat(begun("confirm", "end"))
                .as("plans that cannot be brought to an end")
                .isEmpty();
        assertThat(begun("confirm_purge", "end_purge"))
                .as("purges that cannot be brought to an end")
                .isEmpty();
    }

    /** The plans of which one is the last thing that was said, and not the other. */
    private List<UUID> begun(String beginning, String end) {
        return database.sql("""
                        SELECT DISTINCT plan_id FROM stocktake.action AS begun WHERE what = ? AND NOT EXISTS (
                          SELECT FROM stocktake.action WHERE plan_id = begun.plan_id AND what = ? AND number > begun.number)""").params(beginning, end).query(UUID.class).list();
    }

    private Set<Content> contentsOf(Plan plan) {
        return Set.copyOf(
                database.sql("SELECT storage_key, etag FROM stocktake.plan_item WHERE plan_id = ? ORDER BY number")
                        .param(plan.id())
                        .query((row, number) -> new Content(row.getString("storage_key"), row.getString("etag")))
                        .list());
    }

    private Set<Content> contentsOf(UUID plan, long item) {
        return Set.copyOf(
                database.sql("SELECT storage_key, etag FROM stocktake.plan_item WHERE plan_id = ? AND number = ?")
                        .params(plan, item)
                        .query((row, number) -> new Content(row.getString("storage_key"), row.getString("etag")))
                        .list());
    }

    private long actions(String condition) {
        return database.sql("SELECT count(*) FROM stocktake.action WHERE " + condition)
                .query(Long.class)
                .single();
    }

    private void tell(String what) {
        story.add(step + ": " + what);
        while (story.size() > 40) {
            story.poll();
        }
    }
}
