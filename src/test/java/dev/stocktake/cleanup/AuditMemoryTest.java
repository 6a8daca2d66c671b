package dev.stocktake.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The built jar goes through more actions than its memory holds. {@code -Daudit.rows=N} for so many, which are shorter then. */
class AuditMemoryTest {
    private static final long ROWS = Long.getLong("audit.rows", 50_000);
    private static final int BYTES_IN_ALL = 200_000_000;
    private static final int BATCH = 5000;

    @Test
    void memoryDoesNotGrowWithTheActions(@TempDir Path folder) {
        Assets assets = Assets.empty();
        store(assets);
        Map<String, String> environment = assets.environment();
        environment.put("STOCKTAKE_ROUTES", Path.of("routes").toAbsolutePath().toString());

        long start = System.nanoTime();
        BuiltJar.Result verified =
                new BuiltJar(folder, environment).under("-Xmx128m").run("audit", "verify");

        assertThat(verified.exitStatus()).as(verified.errors()).isZero();
        assertThat(verified.output().lines()).contains("Actions: " + ROWS);
        System.out.printf(
                "Audit: %,d actions verified with -Xmx128m in %.1f s, start included%n",
                ROWS, (System.nanoTime() - start) / 1e9);
    }

    private static void store(Assets assets) {
        SingleConnectionDataSource results =
                new SingleConnectionDataSource(assets.database().jdbcUrl(), true);
        ChainedInsert chain = new ChainedInsert(results);
        UUID plan = UUID.randomUUID();
        String reason = "r".repeat(Math.toIntExact(BYTES_IN_ALL / ROWS));
        for (long first = 0; first < ROWS; first += BATCH) {
            chain.add(
                    "somebody",
                    plan,
                    "hash",
                    "quarantine",
                    LongStream.range(first, Math.min(ROWS, first + BATCH))
                            .mapToObj(i -> new ActionEntry(i, "key " + i, "{}", Outcome.SKIPPED, reason, 1))
                            .toList());
        }
        results.destroy();
    }
}
