package dev.stocktake.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.database.Databases;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The built jar goes through many more actions than its memory holds. {@code -Daudit.rows=N} for more of them. */
class AuditMemoryTest {
    private static final int ROWS = Integer.getInteger("audit.rows", 200_000);
    private static final int BATCH = 5000;

    @Test
    void memoryDoesNotGrowWithTheActions(@TempDir Path folder) {
        Assets assets = Assets.empty();
        DataSource results = new DriverManagerDataSource(assets.database().jdbcUrl());
        Databases.migrate(results);
        ChainedInsert chain = new ChainedInsert(results);
        UUID plan = UUID.randomUUID();
        String key = "k".repeat(1000);
        for (int first = 0; first < ROWS; first += BATCH) {
            chain.add(
                    "somebody",
                    plan,
                    "hash",
                    "quarantine",
                    IntStream.range(first, Math.min(ROWS, first + BATCH))
                            .mapToObj(i -> new ActionEntry((long) i, key + i, "{}", Outcome.DONE, null, 1))
                            .toList());
        }
        Map<String, String> environment = assets.environment();
        environment.put("STOCKTAKE_ROUTES", Path.of("routes").toAbsolutePath().toString());

        long start = System.nanoTime();
        BuiltJar.Result verified =
                new BuiltJar(folder, environment).under("-Xmx128m").run("audit", "verify");

        assertThat(verified.exitStatus()).as(verified.errors()).isZero();
        assertThat(Arrays.asList(verified.output().split("\n", -1))).contains("Actions: " + ROWS);
        System.out.printf(
                "Audit: %,d actions of 1 kB verified with -Xmx128m in %.1f s, start included%n",
                ROWS, (System.nanoTime() - start) / 1e9);
    }
}
