package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stocktake.database.Databases;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Leases.Work;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.transaction.TransactionException;

class LeaseTest {
    private static final String DEAD =
            "The process that made this run ended, or lost its database, before the run was closed, and no other took it"
                    + " up in time.";

    private final Assets assets = Assets.empty().objects("a", "orphan").records("a");
    private final DataSource database = new ResultsDatabase(assets);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeEach
    void migrate() {
        Databases.migrate(database);
    }

    @AfterEach
    void stopThreads() throws InterruptedException {
        threads.shutdown();
        assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aSecondRunOfTheSameBucketAndPrefixIsRefused() {
        RunInProgress first = runs("photos", "2024/").open("cli");

        assertThatThrownBy(() -> runs("photos", "2024/").open("http"))
                .isInstanceOfSatisfying(
                        RunActiveException.class,
                        refused -> assertThat(refused.activeRun()).isEqualTo(first.id()))
                .hasMessageStartingWith("Run " + first.id() + " is comparing the bucket \"photos\" under the prefix"
                        + " \"2024/\" now; try again when it has ended. If its process was killed, nobody renews its lease, which"
                        + " ends at 20")
                .message()
                .matches(".* ends at [-0-9]+T[:0-9]+Z, in [1-4]?[0-9] s: try again then\\.");
        assertThat(count("stocktake.run")).as("a refused run leaves no row").isEqualTo(1);
    }

    @Test
    void anotherBucketOrPrefixIsNotRefused() {
        runs("photos", "2024/").open("cli");

        for (String prefix : List.of("", "2024", "2024/0", "2025/")) {
            assertThat(runs("photos", prefix).open("cli").isStopped()).isFalse();
        }
        assertThat(runs("videos", "2024/").open("cli").isStopped()).isFalse();
        assertThat(count("stocktake.lease")).isEqualTo(6);
    }

    @Test
    void twoProcessesOnOneDatabaseDoNotRunAtOnce() throws Exception {
        try (StartedStocktake one = StartedStocktake.forOneRun(assets.environment());
                StartedStocktake other = StartedStocktake.forOneRun(assets.environment());
                BlockedListing blocked = BlockedListing.of(assets.store())) {
            Future<Run> active = threads.submit(one::run);
            blocked.awaitRun();

            assertThatThrownBy(other::run).isInstanceOf(RunActiveException.class);
            assertThatThrownBy(one::run).isInstanceOf(RunActiveException.class);

            blocked.open();
            assertThat(active.get(60, TimeUnit.SECONDS).status()).isEqualTo(Run.Status.COMPLETE);
            assertThat(other.run().status()).isEqualTo(Run.Status.COMPLETE);
        }
    }

    @Test
    void aLeaseOfWhichNoAnswerCameIsNotInTheWayOfTheNextAttempt() {
        AtomicBoolean lost = new AtomicBoolean(true);
        ScheduledExecutorService clockwork = Executors.newSingleThreadScheduledExecutor();
        try {
            Leases leases = new Leases(losingAnswers(lost), clockwork);
            Leases.Claimed claimed = new Leases.Claimed(Work.CLEANUP, "photos", "", null, UUID.randomUUID());
            assertThatThrownBy(() -> leases.takeAndKeep(holder(), claimed)).isInstanceOf(TransactionException.class);
            assertThat(count("stocktake.lease")).as("taken all the same").isOne();

            lost.set(false);
            LeaseHolder next = holder();
            leases.takeAndKeep(next, claimed);
            assertThat(leases.left(next)).isPositive();
            assertThat(count("stocktake.lease")).isOne();

            lost.set(true);
            leases.release(next);
            lost.set(false);
            leases.takeAndKeep(holder(), claimed);
            assertThat(count("stocktake.lease")).isOne();
        } finally {
            clockwork.shutdownNow();
        }
    }

    private static LeaseHolder holder() {
        UUID holder = UUID.randomUUID();
        return new LeaseHolder() {
            @Override
            public UUID holder() {
                return holder;
            }

            @Override
            public String called() {
                return "a cleanup of the test";
            }

            @Override
            public void leaseLost(String why) {
                throw new IllegalStateException(why);
            }

            @Override
            public void shutDown() {
                throw new UnsupportedOperationException();
            }
        };
    }

    /** A database whose answers to commits are lost, and that takes no connection for anything else, for as long as is said. */
    private DataSource losingAnswers(AtomicBoolean lost) {
        return new DelegatingDataSource(database) {
            private final AtomicInteger given = new AtomicInteger();

            @Override
            public Connection getConnection() throws SQLException {
                if (lost.get() && given.incrementAndGet() > 1) {
                    throw new SQLException("the test says so", "08006");
                }
                Connection connection = super.getConnection();
                return (Connection) Proxy.newProxyInstance(
                        LeaseTest.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (proxy, method, arguments) -> {
                            Object answer = method.invoke(connection, arguments);
                            if (method.getName().equals("commit") && lost.get()) {
                                throw new SQLException("the test says so", "08006");
                            }
                            return answer;
                        });
            }
        };
    }

    @Test
    void theLeaseOfADeadProcessIsTakenOver() {
        UUID dead = runningWithLease("photos", "", "-1 second");
        UUID deadElsewhere = runningWithLease("photos", "other/", "-1 second");
        finding(dead);
        finding(deadElsewhere);

        RunInProgress next = runs("photos", "").open("cli");

        Run ended = find(dead);
        assertThat(ended.status()).isEqualTo(Run.Status.INCOMPLETE);
        assertThat(ended.failure()).isEqualTo(DEAD);
        assertThat(ended.finishedAt()).isAfterOrEqualTo(next.run().startedAt());
        assertThat(ended.counts()).isNull();
        assertThat(findings(dead)).isZero();
        assertThat(leaseHolder("photos", "")).isEqualTo(next.id());
        assertThat(find(deadElsewhere).status()).isEqualTo(Run.Status.RUNNING);
        assertThat(findings(deadElsewhere)).isEqualTo(1);
    }

    @Test
    void aRunWhoseLeaseIsGoneIsEndedByTheNextOne() {
        UUID dead = runningWithLease("photos", "", "1 hour");
        assets.database().execute("DELETE FROM stocktake.lease");

        runs("photos", "").open("cli");

        assertThat(find(dead).failure()).isEqualTo(DEAD);
    }

    @Test
    void aLeaseThatHasNotExpiredRefusesUntilItHas() {
        UUID silent = runningWithLease("photos", "", "1 second");
        assets.database().execute("UPDATE stocktake.lease SET expires_at = now() + interval '1 hour'");

        assertThatThrownBy(() -> runs("photos", "").open("cli"))
                .isInstanceOf(RunActiveException.class)
                .hasMessageContaining(silent.toString());
        assertThat(find(silent).status()).isEqualTo(Run.Status.RUNNING);

        assets.database().execute("UPDATE stocktake.lease SET expires_at = now() - interval '1 millisecond'");
        assertThat(runs("photos", "").open("cli").isStopped()).isFalse();
    }

    @Test
    void aNewLeaseLastsLongerThanTwoMissedRenewals() {
        runs("photos", "").open("cli");

        assertThat(secondsLeft()).isBetween(30.0, 45.0);
    }

    @Test
    void aLeaseIsRenewedWhileItsRunLasts(@TempDir Path folder) throws Exception {
        try (StartedStocktake stocktake = probed(folder);
                BlockedListing blocked = BlockedListing.of(assets.store())) {
            Future<Run> run = threads.submit(stocktake::run);
            blocked.awaitRun();
            assets.database().execute("UPDATE stocktake.lease SET expires_at = now() + interval '1 second'");

            LeaseProbe.renewAll();

            assertThat(secondsLeft()).isBetween(30.0, 45.0);
            blocked.open();
            assertThat(run.get(60, TimeUnit.SECONDS).status()).isEqualTo(Run.Status.COMPLETE);
        }
    }

    @Test
    void aRunThatLosesItsLeaseHasNoVerdict(@TempDir Path folder) throws Exception {
        try (StartedStocktake stocktake = probed(folder);
                BlockedListing blocked = BlockedListing.of(assets.store())) {
            Future<Run> run = threads.submit(stocktake::run);
            blocked.awaitRun();
            assets.database().execute("DELETE FROM stocktake.lease");

            LeaseProbe.renewAll();
            blocked.open();

            Run lost = run.get(60, TimeUnit.SECONDS);
            assertThat(lost.status()).isEqualTo(Run.Status.INCOMPLETE);
            assertThat(lost.failure())
                    .isEqualTo("The run lost its lease on the bucket: another process has taken it over.");
            assertThat(lost.counts()).isNull();
            assertThat(find(lost.id())).isEqualTo(lost);
            assertThat(findings(lost.id())).isZero();
        }
    }

    @Test
    void aRunThatAnotherProcessTookForDeadLeavesThatOneAlone(@TempDir Path folder) throws Exception {
        try (StartedStocktake stocktake = probed(folder);
                BlockedListing blocked = BlockedListing.of(assets.store())) {
            Future<Run> run = threads.submit(stocktake::run);
            blocked.awaitRun();
            assets.database().execute("UPDATE stocktake.lease SET expires_at = now() - interval '1 second'");
            RunInProgress other = runs(assets.bucket(), "").open("cli");

            LeaseProbe.renewAll();
            blocked.open();

            Run lost = run.get(60, TimeUnit.SECONDS);
            assertThat(lost.status()).isEqualTo(Run.Status.INCOMPLETE);
            assertThat(find(lost.id()).failure()).isEqualTo(DEAD);
            assertThat(leaseHolder(assets.bucket(), "")).isEqualTo(other.id());
            assertThat(find(other.id()).status()).isEqualTo(Run.Status.RUNNING);
        }
    }

    @Test
    void aRunThatWasTakenForDeadCannotCompleteEvenIfItNeverNoticed() throws Exception {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment());
                BlockedListing blocked = BlockedListing.of(assets.store())) {
            Future<Run> run = threads.submit(stocktake::run);
            blocked.awaitRun();
            assets.database().execute("UPDATE stocktake.lease SET expires_at = now() - interval '1 second'");
            RunInProgress other = runs(assets.bucket(), "").open("cli");

            blocked.open();

            Run late = run.get(60, TimeUnit.SECONDS);
            assertThat(late.status()).isEqualTo(Run.Status.INCOMPLETE);
            assertThat(late.failure()).contains("lost its lease on the bucket", "another process");
            assertThat(find(late.id()).status()).isEqualTo(Run.Status.INCOMPLETE);
            assertThat(findings(late.id())).isZero();
            assertThat(leaseHolder(assets.bucket(), "")).isEqualTo(other.id());
        }
    }

    @Test
    void theLeaseIsReleasedAfterARunWithAVerdictAndAfterOneWithout() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            assertThat(stocktake.run().status()).isEqualTo(Run.Status.COMPLETE);
            assertThat(count("stocktake.lease")).isZero();

            assets.database().execute("ALTER TABLE assets RENAME TO hidden");
            assertThat(stocktake.run().status()).isEqualTo(Run.Status.INCOMPLETE);
            assertThat(count("stocktake.lease")).isZero();

            assets.database().execute("ALTER TABLE hidden RENAME TO assets");
            assertThat(stocktake.run().status()).isEqualTo(Run.Status.COMPLETE);
            assertThat(count("stocktake.lease")).isZero();
        }
    }

    @Test
    void aRunThatIsStoppedHasNoVerdictYetAndKeepsNoLease() throws Exception {
        StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment());
        try (BlockedListing blocked = BlockedListing.of(assets.store())) {
            Future<Run> run = threads.submit(stocktake::run);
            blocked.awaitRun();

            Thread closing = new Thread(stocktake::close, "closing");
            closing.start();
            // it has told the run, and waits for it
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> List.of(Thread.State.WAITING, Thread.State.TIMED_WAITING)
                            .contains(closing.getState()));
            blocked.open();

            Run stopped = run.get(60, TimeUnit.SECONDS);
            closing.join();
            assertThat(stopped.status()).isEqualTo(Run.Status.RUNNING);
            assertThat(find(stopped.id())).isEqualTo(stopped);
            assertThat(count("stocktake.lease")).isZero();
        }
    }

    @Test
    void ofTwentyThatOpenAtOnceExactlyOneWins() throws Exception {
        int contenders = 20;
        for (int round = 0; round < 10; round++) {
            String bucket = "bucket-" + round;
            CyclicBarrier start = new CyclicBarrier(contenders);
            Callable<Object> contender = () -> {
                start.await();
                try {
                    return runs(bucket, "").open("cli").id();
                } catch (RunActiveException refused) {
                    return refused;
                }
            };

            List<Object> outcomes = results(IntStream.range(0, contenders)
                    .mapToObj(number -> threads.submit(contender))
                    .toList());

            List<UUID> winners = outcomes.stream()
                    .filter(UUID.class::isInstance)
                    .map(UUID.class::cast)
                    .toList();
            assertThat(winners).hasSize(1);
            assertThat(outcomes.stream()
                            .filter(RunActiveException.class::isInstance)
                            .map(refused -> ((RunActiveException) refused).activeRun()))
                    .hasSize(contenders - 1)
                    .containsOnly(winners.get(0));
            assertThat(leaseHolder(bucket, "")).isEqualTo(winners.get(0));
        }
    }

    @Test
    void twoProcessesThatRaceNeverRunAtOnce() throws Exception {
        // the database itself refuses a second run at once, however short
        assets.database()
                .execute("CREATE UNIQUE INDEX one_at_a_time ON stocktake.run (bucket, prefix)"
                        + " WHERE status = 'RUNNING'");
        try (StartedStocktake one = StartedStocktake.forOneRun(assets.environment());
                StartedStocktake other = StartedStocktake.forOneRun(assets.environment())) {
            CyclicBarrier start = new CyclicBarrier(2);
            List<Future<List<Run>>> racers = new ArrayList<>();
            for (StartedStocktake stocktake : List.of(one, other)) {
                racers.add(threads.submit(() -> {
                    List<Run> finished = new ArrayList<>();
                    for (int attempt = 0; attempt < 50; attempt++) {
                        start.await();
                        try {
                            finished.add(stocktake.run());
                        } catch (RunActiveException refused) {
                            assertThat(refused.activeRun()).isNotNull();
                        }
                    }
                    return finished;
                }));
            }

            List<Run> finished = results(racers).stream().flatMap(List::stream).toList();

            assertThat(finished).hasSizeBetween(50, 100).allSatisfy(run -> {
                assertThat(run.status()).as(run.failure()).isEqualTo(Run.Status.COMPLETE);
                assertThat(run.counts().orphanedFiles()).isEqualTo(1);
            });
            assertThat(count("stocktake.run")).isEqualTo(finished.size());
            assertThat(count("stocktake.finding")).isEqualTo(finished.size());
            assertThat(count("stocktake.lease")).isZero();
        }
    }

    private StartedStocktake probed(Path folder) {
        return StartedStocktake.forOneRun(
                assets.environment(), EditedRoutes.in(folder).add("probe.camel.yaml", LeaseProbe.ROUTES));
    }

    private Runs runs(String bucket, String prefix) {
        return new Runs(database, bucket, prefix, () -> "", () -> "", Duration.ZERO, Clock.systemUTC());
    }

    private Run find(UUID id) {
        return runs("any", "").find(id).orElseThrow();
    }

    /** As a process leaves it that was killed. */
    private UUID runningWithLease(String bucket, String prefix, String expiresIn) {
        UUID id = UUID.randomUUID();
        assets.database()
                .sql()
                .sql("INSERT INTO stocktake.run (id, trigger, status, started_at, bucket, prefix)"
                        + " VALUES (?, 'cli', 'RUNNING', now() - interval '1 hour', ?, ?)")
                .params(id, bucket, prefix)
                .update();
        assets.database()
                .sql()
                .sql("INSERT INTO stocktake.lease VALUES (?, ?, ?, now() + ?::interval)")
                .params(bucket, prefix, id, expiresIn)
                .update();
        return id;
    }

    private void finding(UUID run) {
        assets.database()
                .sql()
                .sql("INSERT INTO stocktake.finding (run_id, kind, storage_key) VALUES (?, 'orphaned_file', 'x')")
                .param(run)
                .update();
    }

    private long findings(UUID run) {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.finding WHERE run_id = ?")
                .param(run)
                .query(Long.class)
                .single();
    }

    private long count(String table) {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM " + table)
                .query(Long.class)
                .single();
    }

    private UUID leaseHolder(String bucket, String prefix) {
        return assets.database()
                .sql()
                .sql("SELECT run_id FROM stocktake.lease WHERE bucket = ? AND prefix = ?")
                .params(bucket, prefix)
                .query(UUID.class)
                .single();
    }

    private double secondsLeft() {
        return assets.database()
                .sql()
                .sql("SELECT extract(epoch FROM expires_at - now()) FROM stocktake.lease")
                .query(Double.class)
                .single();
    }

    private static <T> List<T> results(List<Future<T>> futures) throws Exception {
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            results.add(future.get(120, TimeUnit.SECONDS));
        }
        return results;
    }
}
