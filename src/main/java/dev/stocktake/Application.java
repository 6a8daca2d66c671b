package dev.stocktake;

import dev.stocktake.claim.ClaimLog;
import dev.stocktake.claim.Claimant;
import dev.stocktake.claim.Claims;
import dev.stocktake.claim.Standing;
import dev.stocktake.cleanup.Acknowledgements;
import dev.stocktake.cleanup.Actions;
import dev.stocktake.cleanup.Automatic;
import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Cleanups;
import dev.stocktake.cleanup.Clocks;
import dev.stocktake.cleanup.NamedFiles;
import dev.stocktake.cleanup.NewerFiles;
import dev.stocktake.cleanup.OrphanedRecords;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.Plan.Place;
import dev.stocktake.cleanup.PlanOrder;
import dev.stocktake.cleanup.Plans;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.cleanup.Purges;
import dev.stocktake.cleanup.Purges.Purge;
import dev.stocktake.cleanup.Purges.Purged;
import dev.stocktake.cleanup.Quarantines;
import dev.stocktake.cleanup.RecordCleanups;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.cleanup.Restores;
import dev.stocktake.cleanup.Restores.RestoreOrder;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.GracePeriod;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Merge;
import dev.stocktake.compare.MergePages;
import dev.stocktake.database.Databases;
import dev.stocktake.database.EnoughConnections;
import dev.stocktake.database.SharedConnections;
import dev.stocktake.failure.Explanation;
import dev.stocktake.failure.FirstAnswers;
import dev.stocktake.failure.FirstAnswers.Side;
import dev.stocktake.failure.LogReadAgain;
import dev.stocktake.failure.Retries;
import dev.stocktake.http.AcknowledgementsApi;
import dev.stocktake.http.ApiServer;
import dev.stocktake.http.BearerGuard;
import dev.stocktake.http.PathParameters;
import dev.stocktake.http.PlansApi;
import dev.stocktake.http.RunsApi;
import dev.stocktake.http.ServerLimits;
import dev.stocktake.near.NearMatches;
import dev.stocktake.near.NearRecords;
import dev.stocktake.progress.Progress;
import dev.stocktake.ranges.Division;
import dev.stocktake.ranges.RangePlanner;
import dev.stocktake.records.RecordKeys;
import dev.stocktake.records.RecordRows;
import dev.stocktake.records.RecordsClock;
import dev.stocktake.records.RecordsCopy;
import dev.stocktake.records.RecordsDatabaseCheck;
import dev.stocktake.records.RecordsQuery;
import dev.stocktake.report.DeletionLists;
import dev.stocktake.report.Exports;
import dev.stocktake.report.Reports;
import dev.stocktake.run.Checkpoints;
import dev.stocktake.run.Findings;
import dev.stocktake.run.Leases;
import dev.stocktake.run.Meter;
import dev.stocktake.run.OldFindings;
import dev.stocktake.run.Run;
import dev.stocktake.run.RunActiveException;
import dev.stocktake.run.Runs;
import dev.stocktake.run.StopOnFailure;
import dev.stocktake.run.Trigger;
import dev.stocktake.run.Verdict;
import dev.stocktake.settings.Settings;
import dev.stocktake.settings.SettingsException;
import dev.stocktake.storage.ClaimObject;
import dev.stocktake.storage.ObjectLookup;
import dev.stocktake.storage.PacedRequests;
import dev.stocktake.storage.Quarantine;
import dev.stocktake.storage.QuarantinePrefixes;
import dev.stocktake.storage.SentRequests;
import dev.stocktake.storage.StorageLister;
import dev.stocktake.storage.StoreClient;
import dev.stocktake.storage.StoreProbe;
import dev.stocktake.suspicion.ForeignFolders;
import dev.stocktake.suspicion.Suspicion;
import dev.stocktake.verify.Inquiry;
import dev.stocktake.verify.Sightings;
import dev.stocktake.verify.Suspects;
import dev.stocktake.verify.Verification;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.spi.RouteController;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.SimpleTypeConverter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.s3.S3Client;

/** Stocktake, started: the route files, and the beans that they call by name. */
public final class Application implements AutoCloseable {
    /** How long routes may take to end. */
    private static final int STOP_SECONDS = 8;

    private static final int SECONDS_BETWEEN_LOOKS_AT_IDLE_CONNECTIONS = 5;

    /** Findings, by one transaction. */
    private static final int FORGOTTEN_AT_ONCE = 2_000;

    /** What a run asks. */
    public static final Set<Side> COMPARED = Set.of(Side.STORE, Side.RECORDS);

    private static final Logger LOG = LoggerFactory.getLogger(Application.class);

    private final Settings settings;
    private final Explanation explanation;
    private final FirstAnswers firstAnswers;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Main main = new Main();
    private final PacedRequests pacedRequests;
    private final Consumer<Apache5HttpClient.Builder> connecting;
    private S3Client storeClient;
    private SharedConnections records;
    private SharedConnections results;
    private Leases leases;
    private Claims claims;
    private Reports reports;
    private Cleanups cleanups;
    private Plans plans;
    private Actions actions;
    private Purges purges;
    private Restores restores;
    private Quarantines quarantines;
    private Automatic automatic;
    private Acknowledgements acknowledgements;
    private ApiServer httpServer;

    private Application(Settings settings, Clock clock, Consumer<Apache5HttpClient.Builder> connecting) {
        this.settings = settings;
        this.connecting = connecting;
        this.pacedRequests = new PacedRequests(storeConnections(), settings.maxRequestsPerSecond());
        String store = settings.endpoint().map(URI::toString).orElse("AWS S3");
        this.explanation = new Explanation(
                "the bucket \"" + settings.bucket() + "\" at " + store,
                settings.database().display(),
                settings.database().user().orElse(System.getProperty("user.name")),
                settings.resultsDatabase().display());
        this.firstAnswers = opened(new FirstAnswers(explanation, clock));
    }

    /**
     * Opens both databases and the store, makes or updates the schema, and starts the routes.
     *
     * @param serving with the schedule and the HTTP API
     * @param onTerminal whether a person watches standard error, and is told after a few seconds what does not answer
     * @param clock for the times of runs
     * @throws StartException when any of it fails; what was opened is closed again
     */
    public static Application start(Settings settings, Routes routes, boolean serving, boolean onTerminal, Clock clock)
            throws StartException {
        return start(settings, routes, serving, onTerminal, COMPARED, clock, http -> {});
    }

    /**
     * The same for one task, connected to the store in another way.
     *
     * @param asked what the task will ask, besides the results database
     * @param connecting changes the store's HTTP client; for tests that cannot wait as long as an operator can
     */
    public static Application start(
            Settings settings,
            Routes routes,
            boolean serving,
            boolean onTerminal,
            Set<Side> asked,
            Clock clock,
            Consumer<Apache5HttpClient.Builder> connecting)
            throws StartException {
        Application application = new Application(settings, clock, connecting);
        try {
            application.bind(onTerminal, clock);
            if (serving) {
                application.bindHttpServer();
            }
            // wrong routes are refused before anything is connected to
            application.loadRoutes(routes, serving);
            application.showWhatTheQueryMaySee();
            application.askFirst(onTerminal, asked);
            Databases.migrate(application.results);
            application.startRoutes();
            if (serving) {
                application.automatic.announce(settings.bucket());
                application.openPort();
            }
            return application;
        } catch (SettingsException wrong) {
            application.close();
            throw wrong;
        } catch (Exception failure) {
            application.close();
            throw application.startException(failure, routes);
        }
    }

    private void bind(boolean onTerminal, Clock clock) {
        int parallelRanges = settings.parallelism();
        records = openedPool(Side.RECORDS, Databases.records(settings.database(), settings.databaseConnections()));
        results = openedPool(
                Side.RESULTS, Databases.results(settings.resultsDatabase(), settings.resultsDatabaseConnections()));
        results.besides(records);
        DataSource writableRecords = Databases.writable(records);
        ScheduledExecutorService clockwork = Executors.newScheduledThreadPool(2, daemons("clockwork"));
        ExecutorService rangeWorkers = Executors.newFixedThreadPool(parallelRanges, daemons("range"));
        ExecutorService pageReaders = Executors.newFixedThreadPool(2 * parallelRanges, daemons("page"));
        for (ExecutorService threads : new ExecutorService[] {clockwork, rangeWorkers, pageReaders}) {
            this.<AutoCloseable>opened(threads::shutdownNow);
        }
        ScheduledFuture<?> looks = clockwork.scheduleWithFixedDelay(
                () -> List.of(records, results).forEach(SharedConnections::closeIdle),
                SECONDS_BETWEEN_LOOKS_AT_IDLE_CONNECTIONS,
                SECONDS_BETWEEN_LOOKS_AT_IDLE_CONNECTIONS,
                TimeUnit.SECONDS);
        this.<AutoCloseable>opened(() -> looks.cancel(false));

        KeySpace keySpace = new KeySpace(settings.prefix());
        Runs runs = new Runs(
                results,
                settings.bucket(),
                settings.prefix(),
                this::comparing,
                () -> recordsQuery().hash(),
                settings.resumeLimit(),
                clock);
        Checkpoints checkpoints = new Checkpoints(results);
        GracePeriod gracePeriod = new GracePeriod(settings.gracePeriod());
        Duration settled = Collections.min(List.of(settings.settlePeriod(), settings.gracePeriod()));
        Findings findings = new Findings(results);
        reports = new Reports(findings);
        SentRequests sentRequests = new SentRequests();
        Retries retries = new Retries();
        leases = new Leases(results, clockwork);
        Quarantine quarantine =
                new Quarantine(this::storage, settings.quarantineBucket().orElse(null), settings.quarantinePrefix());
        QuarantinePrefixes quarantinePrefixes = new QuarantinePrefixes();
        quarantinePrefixes.add(List.of(settings.quarantinePrefix()));
        quarantines = new Quarantines(results, quarantinePrefixes, quarantine, settings.bucket());
        Clocks clocks = new Clocks(records, results, clock);
        Place place = new Place(
                settings.endpoint().map(URI::toString).orElse("AWS S3"),
                settings.bucket(),
                settings.prefix(),
                settings.quarantineBucket().orElse(settings.bucket()) + "/" + settings.quarantinePrefix());
        RecordsClock recordsClock = new RecordsClock();
        RecordsDatabaseCheck recordsDatabaseCheck = new RecordsDatabaseCheck(records, keySpace, recordsClock);
        claims = new Claims(
                new ClaimObject(this::storage),
                new ClaimLog(results),
                new Claimant(
                        records,
                        recordsDatabaseCheck,
                        this::recordsQuery,
                        settings.database().display()),
                settings.bucket(),
                settings.prefix(),
                clock);
        plans = new Plans(
                results,
                runs,
                settings.cleanupLimits(),
                this::recordsQuery,
                settings.database().display(),
                clock);
        actions = new Actions(results);
        NewerFiles newerFiles = new NewerFiles(results, quarantine, place);
        cleanups = new Cleanups(
                plans,
                actions,
                leases,
                claims,
                quarantine,
                newerFiles,
                clocks,
                place,
                settings.settlePeriod(),
                this::orphanedRecords,
                explanation);

        storeClient = opened(StoreClient.of(settings, storeConnections(), pacedRequests, sentRequests, connecting));
        main.bind("storeClient", storeClient);
        main.bind("firstAnswers", firstAnswers);
        main.bind("recordsDatabase", records);
        main.bind("writableRecordsDatabase", writableRecords);
        main.bind("resultsDatabase", results);
        main.bind("copies", Databases.copies(results));
        main.bind("enoughConnections", new EnoughConnections(results, records));
        main.bind("recordRows", new RecordRows(recordsClock));
        main.bind("recordsDatabaseCheck", recordsDatabaseCheck);
        main.bind("recordsCopy", new RecordsCopy(records, results));
        main.bind("rangeWorkers", rangeWorkers);
        main.bind("pageReaders", pageReaders);
        main.bind("keySpace", keySpace);
        main.bind("ranges", new RangePlanner(this::storage, keySpace, checkpoints, parallelRanges, settled));
        main.bind("division", new Division());
        main.bind("mergePages", new MergePages(new Merge(gracePeriod)));
        main.bind("stopOnFailure", new StopOnFailure());
        main.bind("checkpoints", checkpoints);
        main.bind("suspects", new Suspects(results, settled));
        main.bind("sightings", new Sightings(results));
        main.bind("verification", new Verification(gracePeriod));
        main.bind("storeProbe", new StoreProbe(this::storage, keySpace));
        main.bind("inquiry", new Inquiry(new ObjectLookup(this::storage), keySpace));
        main.bind("progress", new Progress(clockwork, onTerminal));
        main.bind("runs", runs);
        main.bind("leases", leases);
        main.bind(
                "oldFindings",
                new OldFindings(
                        results,
                        settings.bucket(),
                        settings.prefix(),
                        settings.keepFindings(),
                        FORGOTTEN_AT_ONCE,
                        clock));
        main.bind("meter", new Meter(sentRequests, retries, settings.listPricePer1000(), settings.headPricePer1000()));
        main.bind("verdict", new Verdict(keySpace, explanation, clock));
        main.bind("suspicion", new Suspicion(findings, settings.suspiciousOrphanPercent()));
        main.bind("foreignFolders", new ForeignFolders(this::storage));
        main.bind("nearMatches", new NearMatches(results, new RecordKeys(records)));
        main.bind("nearRecords", new NearRecords(new RecordKeys(records)));
        main.bind("namedFiles", new NamedFiles(plans));
        main.bind("explanation", explanation);
        main.bind("logReadAgain", new LogReadAgain(explanation, retries));
        main.bind("reports", reports);
        main.bind("exports", new Exports(reports));
        main.bind("deletionLists", new DeletionLists(reports));
        main.bind("claims", claims);
        main.bind("actions", actions);
        main.bind("cleanups", cleanups);
        main.bind("recordCleanups", new RecordCleanups(new ObjectLookup(this::storage), writableRecords, explanation));
        main.bind("quarantinePrefixes", quarantinePrefixes);
        main.bind("quarantines", quarantines);
        purges = new Purges(results, plans, actions, leases, claims, quarantine, clocks, place, explanation);
        main.bind("purges", purges);
        automatic = new Automatic(
                settings.autoDeleteOrphans(), Duration.ofDays(settings.autoDeleteAfterDays()), claims, purges);
        main.bind("automatic", automatic);
        restores = new Restores(plans, actions, leases, claims, quarantine, newerFiles, place, explanation);
        main.bind("restores", restores);
        main.bind("plansApi", new PlansApi(plans, actions, settings.bucket()));
        RunsApi api = new RunsApi(runs, findings, reports, explanation);
        main.bind("api", api);
        acknowledgements = new Acknowledgements(runs, clock);
        main.bind("acknowledgementsApi", new AcknowledgementsApi(api, acknowledgements));
    }

    private void showWhatTheQueryMaySee() {
        if (recordsQuery().isFiltered()) {
            Databases.showFiltered(records);
        }
    }

    /**
     * All at once, so that all that is wrong is told together; a failure of the results database now.
     *
     * @throws Exception why the results database cannot be asked
     */
    private void askFirst(boolean onTerminal, Set<Side> asked) throws Exception {
        if (onTerminal && asked.contains(Side.STORE)) {
            // for nothing, which no store has to look for
            firstAnswers.ask(
                    Side.STORE,
                    FirstAnswers.FOR_A_PERSON,
                    () -> storeClient.listObjectsV2(
                            list -> list.bucket(settings.bucket()).maxKeys(0)));
        }
        boolean oneDatabase = settings.database().equals(settings.resultsDatabase());
        if (onTerminal && asked.contains(Side.RECORDS) && !oneDatabase) {
            firstAnswers.ask(
                    Side.RECORDS,
                    FirstAnswers.FOR_A_PERSON,
                    () -> records.getConnection().close(),
                    () -> Databases.connectPastPool(records));
        }
        firstAnswers.ask(
                Side.RESULTS,
                onTerminal ? FirstAnswers.FOR_A_PERSON : Duration.ofMillis(results.getConnectionTimeout()),
                () -> results.getConnection().close(),
                () -> Databases.connectPastPool(results));
        firstAnswers.refuseUnlessWell(Side.RESULTS);
    }

    /**
     * Waits, at a terminal, for the first answer of whatever the task will ask.
     *
     * @throws FirstAnswers.SilenceException when some gives none
     */
    public void refuseSilence() {
        firstAnswers.refuseSilence();
    }

    private int storeConnections() {
        return settings.parallelism() + 4;
    }

    private void loadRoutes(Routes routes, boolean serving) {
        MainConfigurationProperties camel = main.configure();
        camel.withName("stocktake");
        camel.withRoutesIncludePattern(routes.includePattern());
        camel.withAutoStartup(false);
        // else an export would be held in memory before it is written
        camel.withStreamCachingEnabled(false);
        camel.withShutdownTimeout(STOP_SECONDS);
        // only the settings decide, not whatever the environment holds for Camel
        camel.setAutoConfigurationEnvironmentVariablesEnabled(false);
        camel.setAutoConfigurationSystemPropertiesEnabled(false);
        main.setDefaultPropertyPlaceholderLocation("false");
        main.addInitialProperty("camel.component.properties.environment-variable-mode", "0");
        main.addInitialProperty("camel.component.properties.system-properties-mode", "0");
        // else every sql endpoint would read its rows as records
        main.addInitialProperty("camel.component.sql.autowired-enabled", "false");
        settings.properties().forEach(main::addInitialProperty);
        main.addInitialProperty("serving", Boolean.toString(serving));
        main.addInitialProperty("schedule.quartz", settings.schedule().quartz());
        if (serving) {
            refuseTakenPort();
            main.addInitialProperty("camel.component.platform-http.header-filter-strategy", "#pathParameters");
        }
        main.addInitialProperty("camel.component.direct.block", "false");
        main.start();
        // the sql component asks for the body as a map for every parameter of a statement; where no converter says what
        // that
        // is, Camel looks through all it has each time
        camelContext()
                .getTypeConverterRegistry()
                .addTypeConverter(
                        Map.class, Cursor.class, new SimpleTypeConverter(false, (type, exchange, body) -> Map.of()));
        routes.refuseDanglingReferences((ModelCamelContext) camelContext());
    }

    /** What others call first: the clock may strike, or somebody ask, before the last one has started. */
    private void startRoutes() throws Exception {
        RouteController controller = camelContext().getRouteController();
        for (Route route : camelContext().getRoutes()) {
            if (route.getEndpoint() instanceof DirectEndpoint) {
                controller.startRoute(route.getRouteId());
            }
        }
        controller.startAllRoutes();
    }

    private void bindHttpServer() {
        httpServer = opened(new ApiServer(
                new BearerGuard(settings.cronSecret().orElseThrow(), settings.cleanupSecret()), ServerLimits.USUAL));
        main.bind(ApiServer.ROUTER, httpServer.router());
        main.bind("pathParameters", new PathParameters());
    }

    /** Before anything is connected to, rather than when all is ready. */
    private void refuseTakenPort() {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(settings.host(), settings.port()));
        } catch (IOException | IllegalArgumentException taken) {
            throw takenPort(taken);
        }
    }

    /** Last, for a path that has no route yet would be answered as if it never had one. */
    private void openPort() {
        try {
            httpServer.listen(settings.host(), settings.port());
        } catch (IOException taken) {
            throw takenPort(taken);
        }
    }

    private SettingsException takenPort(Exception taken) {
        return new SettingsException(List.of("HOST and PORT must be a free address of this machine, was: "
                + settings.host() + ":" + settings.port() + " (" + taken.getMessage() + ")"));
    }

    /** The port of the HTTP API; for {@code PORT} 0, the one that was free. */
    public int port() {
        return httpServer.port();
    }

    /** Where the HTTP API listens. */
    public String address() {
        String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
        return "http://" + host + ":" + port();
    }

    /**
     * One dry run now, to its end.
     *
     * @throws RunActiveException when another run is active
     */
    public FinishedRun run(Trigger trigger) {
        Exchange exchange = send(Routes.ENTRIES, Map.of("trigger", trigger.label()));
        return new FinishedRun(
                exchange.getVariable("run", Run.class),
                Optional.ofNullable(exchange.getVariable("undelivered", String.class)));
    }

    /** Deletes the findings that are older than KEEP_FINDINGS; what goes wrong with that is only logged. */
    public void forgetOldFindings() {
        // whoever stops Stocktake stops that, too
        if (camelContext().isStarted()) {
            try {
                send(List.of(Routes.FORGET), Map.of());
            } catch (RuntimeException stopped) {
                LOG.warn("Not all findings older than KEEP_FINDINGS could be deleted: {}", explain(stopped));
            }
        }
    }

    /** Through one route after another, until one fails. */
    private Exchange send(List<String> routes, Map<String, Object> variables) {
        Exchange exchange = new DefaultExchange(camelContext());
        variables.forEach(exchange::setVariable);
        for (String route : routes) {
            camelContext().createProducerTemplate().send(route, exchange);
            if (exchange.getException() != null) {
                throw unwrapped(exchange.getException());
            }
        }
        return exchange;
    }

    /** Camel wraps what a bean throws. */
    private static RuntimeException unwrapped(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RunActiveException || cause instanceof RefusedException) {
                return (RuntimeException) cause;
            }
        }
        return RuntimeCamelException.wrapRuntimeException(failure);
    }

    /**
     * Makes a plan of what could be cleaned up, for a person to review.
     *
     * @throws RefusedException with every reason against it
     */
    public MadePlan plan(PlanOrder order) {
        return send(List.of(Routes.PLAN), Map.of("order", order)).getVariable("made", MadePlan.class);
    }

    /**
     * Executes a plan, or goes on with an execution that was interrupted.
     *
     * @param confirmedBy who gave the plan's hash
     * @param claimed the bucket's name, where somebody claims it; empty where nobody does
     * @throws RefusedException with every reason against it
     */
    public CleanupResult execute(Plan plan, String confirmedBy, Optional<String> claimed) {
        Map<String, Object> variables = new HashMap<>(Map.of("plan", plan, "confirmedBy", confirmedBy));
        claimed.ifPresent(name -> variables.put("claimed", name));
        return send(Routes.CLEANUP, variables).getVariable("result", CleanupResult.class);
    }

    /** The same where nobody claims the bucket. */
    public CleanupResult execute(Plan plan, String confirmedBy) {
        return execute(plan, confirmedBy, Optional.empty());
    }

    /**
     * Brings back what a plan moved, deleted or marked.
     *
     * @throws RefusedException when it cannot be brought back
     */
    public List<Restored> restore(RestoreOrder order) {
        return results(Routes.RESTORE, Map.of("order", order));
    }

    /**
     * Deletes files from quarantine for good.
     *
     * @param by who asks
     * @param claimed the bucket's name, where somebody claims it; empty where nobody does
     * @throws RefusedException with every reason against it
     */
    public List<Purged> purge(Purge purge, String by, Optional<String> claimed) {
        Map<String, Object> variables = new HashMap<>(Map.of("purge", purge, "by", by));
        claimed.ifPresent(name -> variables.put("claimed", name));
        return results(Routes.PURGE, variables);
    }

    /** The same where nobody claims the bucket. */
    public List<Purged> purge(Purge purge, String by) {
        return purge(purge, by, Optional.empty());
    }

    /** One after another, also where batches were worked at. */
    @SuppressWarnings("unchecked")
    private <T> List<T> results(String route, Map<String, Object> variables) {
        return send(List.of(route), variables).getVariable("result") instanceof List<?> each
                ? (List<T>) each.stream()
                        .flatMap(one -> one instanceof List<?> batch ? batch.stream() : Stream.of(one))
                        .toList()
                : List.of();
    }

    public Purges purges() {
        return purges;
    }

    public Restores restores() {
        return restores;
    }

    public Claims claims() {
        return claims;
    }

    /** How the claims on the bucket stand now. */
    public Standing standing() {
        return send(List.of(Routes.CLAIM), Map.of()).getVariable("standing", Standing.class);
    }

    /** That the records are read from: {@code host:port/name}. */
    public String recordsDatabase() {
        return settings.database().display();
    }

    /** That is compared. */
    public String bucket() {
        return settings.bucket();
    }

    public Plans plans() {
        return plans;
    }

    public Actions actions() {
        return actions;
    }

    public Acknowledgements acknowledgements() {
        return acknowledgements;
    }

    /**
     * A run with its report.
     *
     * @param undelivered why a sink did not get the report
     */
    public record FinishedRun(Run run, Optional<String> undelivered) {}

    public Reports reports() {
        return reports;
    }

    /** Says in one line what went wrong. */
    public String explain(Throwable failure) {
        return explanation.of(failure);
    }

    /** Ends the runs under way, as incomplete, and closes everything. */
    @Override
    public synchronized void close() {
        if (httpServer != null) {
            httpServer.stop();
        }
        if (leases != null) {
            leases.stopAll();
        }
        pacedRequests.close();
        main.stop();
        if (leases != null) {
            leases.releaseAll();
        }
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception failure) {
                LOG.warn("Could not close everything: {}", failure.getMessage());
            }
        }
    }

    private StartException startException(Exception failure, Routes routes) {
        Optional<String> brokenRoute = routes.explain(failure);
        if (brokenRoute.isPresent()) {
            return new StartException(brokenRoute.get(), ExitStatus.WRONG_USAGE, failure);
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SdkClientException && settings.region().isEmpty()) {
                return new StartException(
                        "S3_REGION must name the bucket's region, because the machine's AWS configuration names none,"
                                + " was: unset",
                        ExitStatus.WRONG_USAGE,
                        failure);
            }
        }
        return new StartException(explain(failure), ExitStatus.NO_VERDICT, failure);
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }

    /** A pool waits for attempts to connect when it is closed, where there is nobody to connect to in vain. */
    private SharedConnections openedPool(Side side, SharedConnections pool) {
        opened.push(() -> {
            if (firstAnswers.isSilent(side)) {
                daemons("close").newThread(pool::close).start();
            } else {
                pool.close();
            }
        });
        return pool;
    }

    private CamelContext camelContext() {
        return main.getCamelContext();
    }

    /** What an interrupted run and the one that resumes it must have in common; asked whenever a run is opened. */
    private String comparing() {
        return String.join(
                "\n",
                settings.endpoint().map(URI::toString).orElse("AWS"),
                settings.database().display(),
                settings.gracePeriod().toString(),
                String.join("\n", quarantines.refresh()),
                recordsQuery().sql());
    }

    private OrphanedRecords orphanedRecords() {
        OrphanedRecords said = camelContext().getRegistry().findSingleByType(OrphanedRecords.class);
        // whoever takes the bean out of the route file allows nothing
        return said == null ? OrphanedRecords.NOTHING : said;
    }

    private RecordsQuery recordsQuery() {
        return camelContext().getRegistry().findSingleByType(RecordsQuery.class);
    }

    private StorageLister storage() {
        return camelContext().getRegistry().findSingleByType(StorageLister.class);
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
