package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order in which threads come to run changes no count. */
class OrderSoakTest {
    private static final int RUNS = Integer.getInteger("soak.runs", 20);
    private static final int WORKERS = 32;
    private static final int BUSY_CORES = 2;

    /** Several turns for a range, so that the two sides of each wait for the other again and again. */
    private static final int PAGE = 4;

    @Test
    void theSameComparisonByManyWorkersOnBusyCoresGivesTheSameCountsEveryTime(@TempDir Path folder) {
        List<String> objects = keys(3);
        List<String> records = keys(7);
        Assets assets = Assets.empty().objects(objects).records(records);
        // a second record of one key
        assets.records(records.get(records.size() - 1));
        Map<String, String> environment = assets.environment();
        environment.put("PARALLELISM", Integer.toString(WORKERS));
        EditedRoutes routes = EditedRoutes.in(folder)
                .replace("storage.camel.yaml", "pageSize: 1000", "pageSize: " + PAGE)
                .replace("records.camel.yaml", "FETCH FIRST 1000 ROWS", "FETCH FIRST " + PAGE + " ROWS");

        Map<Run.Counts, Integer> seen = new HashMap<>();
        Map<List<String>, Integer> found = new HashMap<>();
        long began = System.nanoTime();
        try (BusyCores busy = BusyCores.burn(BUSY_CORES);
                StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
            for (int i = 0; i < RUNS; i++) {
                Run run = stocktake.run();
                assertThat(run.failure()).isNull();
                seen.merge(run.counts(), 1, Integer::sum);
                List<String> findings = new ArrayList<>(assets.orphanedFiles(run));
                findings.addAll(assets.orphanedRecords(run));
                found.merge(findings, 1, Integer::sum);
            }
            assertThat(busy.threads()).allMatch(Thread::isAlive);
        }
        System.out.printf(
                "Order soak: %d runs with %d workers on %d busy cores, %d different counts, %d different lists of"
                        + " findings, %.1f s%n",
                RUNS, WORKERS, BUSY_CORES, seen.size(), found.size(), (System.nanoTime() - began) / 1e9);

        assertThat(seen).hasSize(1).containsValue(RUNS);
        Run.Counts counts = seen.keySet().iterator().next();
        assertThat(counts.objects()).isEqualTo(objects.size());
        assertThat(counts.records()).isEqualTo(records.size() + 1);
        assertThat(counts.matched())
                .isEqualTo(objects.stream().filter(records::contains).count());
        List<String> expected = new ArrayList<>(minus(objects, records));
        expected.addAll(minus(records, objects));
        assertThat(found).containsOnlyKeys(expected);
    }

    /** 320 keys in 40 folders, without some of the rarest remainders. */
    private static List<String> keys(int without) {
        return IntStream.range(0, 320)
                .filter(i -> i % 97 != without)
                .mapToObj(i -> String.format("folder-%02d/%04d", i % 40, i))
                .sorted()
                .toList();
    }

    private static List<String> minus(List<String> keys, List<String> others) {
        return keys.stream().filter(key -> !others.contains(key)).toList();
    }

    /** Threads that do nothing, all the time. */
    private static final class BusyCores implements AutoCloseable {
        private final AtomicBoolean ended = new AtomicBoolean();
        private final List<Thread> threads = new ArrayList<>();

        static BusyCores burn(int cores) {
            BusyCores busy = new BusyCores();
            for (int i = 0; i < cores; i++) {
                Thread burner = new Thread(busy::spin, "burner-" + i);
                burner.setDaemon(true);
                burner.start();
                busy.threads.add(burner);
            }
            return busy;
        }

        List<Thread> threads() {
            return threads;
        }

        private void spin() {
            while (!ended.get()) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() {
            ended.set(true);
        }
    }
}
