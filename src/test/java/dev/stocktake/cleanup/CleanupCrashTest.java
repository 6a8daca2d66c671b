package dev.stocktake.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The built jar, killed at any moment of an execution, and started again. {@code -Dcleanup.kills=N} for more kills,
 * {@code -Dcleanup.seed=N} for the same moments again.
 */
class CleanupCrashTest {
    private static final int KILLS = Integer.getInteger("cleanup.kills", 2);
    private static final long SEED = Long.getLong("cleanup.seed", System.nanoTime());
    private static final int FILES_A_KILL = 300;
    private static final Pattern HASH = Pattern.compile("Hash: ([0-9a-f]{64})");

    @Test
    void everyFileIsAtOneOfTheTwoPlacesOrBothAndTheActionsAccountForEach(@TempDir Path folder) throws Exception {
        Assets assets = Assets.empty();
        Random random = new Random(SEED);
        Set<String> orphans = IntStream.range(0, FILES_A_KILL * (KILLS + 1))
                .mapToObj(i -> "orphan-" + i)
                .collect(Collectors.toCollection(TreeSet::new));
        assets.objects(orphans).objects("matched").records("matched");
        BuiltJar jar = jar(folder, assets);
        assertThat(jar.run("cleanup-assets").exitStatus()).isEqualTo(1);
        assets.backdateFindings();
        assets.database().execute("UPDATE stocktake.run SET suspicious = NULL");
        BuiltJar.Result planned =
                jar.run("cleanup-assets", "--execute", "--expected-count", Integer.toString(orphans.size()));
        assertThat(planned.exitStatus()).as(planned.errors()).isEqualTo(1);
        Matcher hash = HASH.matcher(planned.output());
        assertThat(hash.find()).isTrue();
        String[] execute = {"cleanup-assets", "--execute", "--confirm", hash.group(1)};

        int kills = 0;
        while (kills < KILLS) {
            long before = accounted(assets);
            Process process = jar.startUnread(execute);
            // the first of its own batches, so that it is killed while it moves files
            await().atMost(60, TimeUnit.SECONDS)
                    .pollInterval(5, TimeUnit.MILLISECONDS)
                    .until(() -> accounted(assets) > before || !process.isAlive());
            assertThat(process.isAlive()).as("still at work").isTrue();
            assertThat(process.waitFor(random.nextInt(60), TimeUnit.MILLISECONDS))
                    .isFalse();
            process.destroyForcibly().waitFor();
            kills++;
            assertNothingIsLost(assets, orphans);
            assets.database().execute("UPDATE stocktake.lease SET expires_at = now() - interval '1 second'");
        }
        BuiltJar.Result ended = jar.run(execute);

        assertThat(ended.exitStatus()).as(ended.errors() + ended.output()).isZero();
        assertThat(assets.objectKeys().stream().filter(key -> !key.endsWith(".json")))
                .containsExactlyInAnyOrderElementsOf(whereTheyBelong(assets, orphans));
        assertThat(accounted(assets)).isEqualTo(orphans.size());
        assertThat(new Actions(new DriverManagerDataSource(assets.database().jdbcUrl()))
                        .verify()
                        .broken())
                .isEmpty();
        System.out.printf(
                "Cleanup crash test (seed %d): %d kills of an execution of %d files; each file was at one of its two places"
                        + " at least, and the actions account for each%n",
                SEED, kills, orphans.size());
    }

    private static BuiltJar jar(Path folder, Assets assets) {
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MIN_SIGHTINGS", "1");
        environment.put("PARALLELISM", "2");
        environment.put("STOCKTAKE_ROUTES", Path.of("routes").toAbsolutePath().toString());
        return new BuiltJar(folder, environment);
    }

    private static void assertNothingIsLost(Assets assets, Set<String> orphans) {
        Set<String> found = new HashSet<>();
        for (String key : assets.objectKeys()) {
            found.add(key.startsWith(".stocktake-quarantine/") ? key.substring(key.lastIndexOf('/') + 1) : key);
        }
        assertThat(found).containsAll(orphans);
    }

    private static List<String> whereTheyBelong(Assets assets, Set<String> orphans) {
        String plan = assets.database()
                .sql()
                .sql("SELECT id::text FROM stocktake.plan")
                .query(String.class)
                .single();
        List<String> keys = orphans.stream()
                .map(key -> ".stocktake-quarantine/" + plan + "/" + key)
                .collect(Collectors.toList());
        keys.add("matched");
        return keys;
    }

    private static long accounted(Assets assets) {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.action WHERE what = 'quarantine'")
                .query(Long.class)
                .single();
    }
}
