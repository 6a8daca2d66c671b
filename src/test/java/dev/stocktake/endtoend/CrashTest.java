package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stocktake.run.BlockedListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The built jar, killed at any moment of its life or told to stop, and started again. {@code -Dcrash.kills=N} for more kills,
 * {@code -Dcrash.seed=N} for the same moments again.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CrashTest {
    private static final int KILLS = Integer.getInteger("crash.kills", 4);
    private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
    private static final int LANES = 2;

    @TempDir
    private static Path folder;

    /** Its process is killed first and its lease looked at last, so that waiting for the lease costs nothing. */
    private static Crashable leased;

    @BeforeAll
    static void leaveALease() throws Exception {
        leased = crashable("leased");
        assertThat(leased.runAndArchiveClasses()).isEqualTo(1);
        leased.assertIsWhole(leased.newest());
        Process process = leased.start();
        leased.awaitCheckpoint();
        kill(process);
    }

    @AfterAll
    static void stopStore() {
        leased.close();
    }

    @Test
    @Order(1)
    void whileTheLeaseOfADeadProcessLastsNobodyElseRuns() {
        assertThat(leased.run()).isEqualTo(3);
        assertThat(leased.errors())
                .contains("is comparing the bucket")
                .containsPattern(
                        "nobody renews its lease, which ends at 20[-0-9]+T[:0-9]+Z, in [1-4]?[0-9] s: try again then");
        assertThat(leased.truth("SELECT expires_at < now() + interval '1 minute' FROM stocktake.lease"))
                .isTrue();
    }

    @Test
    @Order(2)
    void aRunThatIsKilledAtAnyMomentEndsAsIfItHadNotBeen() throws Exception {
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < LANES; i++) {
            lanes.add(new Lane(crashable("lane-" + i), SEED + i, KILLS / LANES + (i < KILLS % LANES ? 1 : 0)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(LANES);
        try {
            for (Future<Lane> lane : threads.invokeAll(lanes)) {
                lane.get();
            }
        } finally {
            threads.shutdownNow();
            lanes.forEach(lane -> lane.crashable.close());
        }
        Map<String, Integer> phases = new TreeMap<>();
        lanes.forEach(lane -> lane.phases.forEach((phase, count) -> phases.merge(phase, count, Integer::sum)));
        int kills = lanes.stream().mapToInt(lane -> lane.kills).sum();
        int halfDone = lanes.stream().mapToInt(lane -> lane.halfDone).sum();
        System.out.printf(
                "Crash test (seed %d): %d kills %s; %d processes ended before theirs; %d runs completed, of them %d resumed,"
                        + " %d with fewer listings than a whole run; 0 differences%n",
                SEED,
                kills,
                phases,
                lanes.stream().mapToInt(lane -> lane.tooLate).sum(),
                lanes.stream().mapToInt(lane -> lane.completed).sum(),
                lanes.stream().mapToInt(lane -> lane.resumed).sum(),
                halfDone);

        assertThat(kills).isEqualTo(KILLS);
        assertThat(halfDone).as("runs that went on from half-done work").isPositive();
    }

    @Test
    @Order(3)
    void aProcessThatIsToldToStopLeavesACheckpointAndTheNextGoesOnFromIt() throws Exception {
        try (Crashable crashable = crashable("told-to-stop")) {
            Process process = crashable.start();
            crashable.awaitCheckpoint();
            UUID interrupted = crashable.resumable().orElseThrow();

            assertEndsWith3(process);

            assertThat(crashable.resumable()).contains(interrupted);
            assertThat(crashable.count("stocktake.lease")).as("leases").isZero();
            assertThat(crashable.run()).isEqualTo(1);
            assertThat(crashable.completed()).containsExactly(interrupted);
            crashable.assertIsWhole(interrupted);
        }
    }

    @Test
    @Order(4)
    void aProcessThatIsToldToStopWhileTheStoreDoesNotAnswerStopsAllTheSame() throws Exception {
        try (Crashable crashable = crashable("no-answer")) {
            Process process = crashable.start();
            crashable.awaitCheckpoint();
            try (BlockedListing blocked = BlockedListing.of(crashable.store())) {
                blocked.awaitRun();

                assertEndsWith3(process);
            }

            assertThat(crashable.resumable()).isPresent();
        }
    }

    @Test
    @Order(5)
    void aProcessThatIsToldToStopWhileItWaitsForDifferencesToSettleStops() throws Exception {
        try (Crashable crashable = crashable("settling")) {
            Process process = crashable.start("SETTLE_PERIOD", "10m");
            crashable.awaitAllCompared();
            UUID interrupted = crashable.resumable().orElseThrow();

            assertEndsWith3(process);

            assertThat(crashable.run()).isEqualTo(1);
            assertThat(crashable.completed()).containsExactly(interrupted);
            crashable.assertIsWhole(interrupted);
        }
    }

    @Test
    @Order(6)
    void aRunThatWasKilledTooLongAgoOrByAnotherTriggerIsNotResumed() throws Exception {
        try (Crashable crashable = crashable("not-resumed")) {
            for (String change :
                    List.of("started_at = started_at - interval '6 hours 1 minute'", "trigger = 'schedule'")) {
                Process process = crashable.start();
                crashable.awaitCheckpoint();
                kill(process);
                UUID abandoned = crashable.resumable().orElseThrow();
                crashable.execute("UPDATE stocktake.run SET " + change + " WHERE status = 'RUNNING'");
                crashable.expireLease();

                assertThat(crashable.run()).isEqualTo(1);

                assertThat(crashable.status(abandoned)).isEqualTo("INCOMPLETE");
                crashable.assertIsWhole(crashable.newest());
            }
            assertThat(crashable.completed()).hasSize(2);
        }
    }

    @Test
    @Order(7)
    void theLeaseOfADeadProcessEndsByItselfWithinAMinute() {
        UUID interrupted = leased.resumable().orElseThrow();
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> leased.truth("SELECT expires_at < now() FROM stocktake.lease"));

        assertThat(leased.run()).isEqualTo(1);

        assertThat(leased.newest()).isEqualTo(interrupted);
        leased.assertIsWhole(interrupted);
    }

    private static Crashable crashable(String name) throws IOException {
        return new Crashable(Files.createDirectory(folder.resolve(name)), folder.resolve("classes.jsa"));
    }

    private static void kill(Process process) throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private static void assertEndsWith3(Process process) throws InterruptedException {
        // not process.destroy(), which closes the streams as well
        process.toHandle().destroy();
        assertThat(process.waitFor(10, TimeUnit.SECONDS))
                .as("stops within ten seconds")
                .isTrue();
        assertThat(process.exitValue()).isEqualTo(3);
    }

    /** Kills one process after another, and lets every second or so live. */
    private static final class Lane implements Callable<Lane> {
        private final Crashable crashable;
        private final Random random;
        private final int killsWanted;
        private final Map<String, Integer> phases = new TreeMap<>();
        private int kills;
        private int tooLate;
        private int completed;
        private int resumed;
        private int halfDone;
        private Optional<UUID> halfway = Optional.empty();

        Lane(Crashable crashable, long seed, int killsWanted) {
            this.crashable = crashable;
            this.random = new Random(seed);
            this.killsWanted = killsWanted;
        }

        @Override
        public Lane call() throws Exception {
            long began = System.nanoTime();
            Process process = crashable.start();
            crashable.awaitListing();
            int startMillis = millisSince(began);
            assertThat(process.waitFor()).isEqualTo(1);
            int lifeMillis = millisSince(began) - startMillis;
            int listings = crashable.listings();
            crashable.assertIsWhole(crashable.newest());
            int completedBefore = crashable.completed().size();

            while (kills < killsWanted || halfway.isPresent()) {
                process = crashable.start();
                boolean kill = kills < killsWanted && random.nextInt(4) > 0;
                if (!kill) {
                    assertThat(process.waitFor()).isEqualTo(1);
                } else if (dies(process, startMillis, lifeMillis)) {
                    kills++;
                    phases.merge(crashable.phase(), 1, Integer::sum);
                } else {
                    tooLate++;
                }
                List<UUID> completedNow = crashable.completed();
                if (completedNow.size() > completedBefore) {
                    completedBefore++;
                    assertThat(completedNow).hasSize(completedBefore);
                    assertCompleted(listings);
                } else {
                    Optional<UUID> left = crashable.resumable();
                    if (halfway.isPresent()) {
                        assertThat(left).as("the run that was half done").isEqualTo(halfway);
                    }
                    halfway = left;
                }
                crashable.expireLease();
            }
            return this;
        }

        private boolean dies(Process process, int startMillis, int lifeMillis) throws InterruptedException {
            boolean whileStarting = random.nextInt(10) == 0;
            if (!whileStarting) {
                crashable.awaitListing();
            }
            // what is resumed has less to do
            int life = halfway.isPresent() ? lifeMillis * 2 / 3 : lifeMillis;
            int delay = random.nextInt(whileStarting ? startMillis : life);
            boolean ended = process.waitFor(delay, TimeUnit.MILLISECONDS);
            kill(process);
            return !ended;
        }

        private void assertCompleted(int listingsOfAWholeRun) {
            UUID run = crashable.newest();
            completed++;
            if (halfway.isPresent()) {
                assertThat(run).as("the run that was half done").isEqualTo(halfway.orElseThrow());
                resumed++;
                if (crashable.listings() < listingsOfAWholeRun) {
                    halfDone++;
                }
            }
            halfway = Optional.empty();
            crashable.assertIsWhole(run);
        }

        private static int millisSince(long began) {
            return (int) TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        }
    }
}
