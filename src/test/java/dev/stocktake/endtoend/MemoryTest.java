package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A heap in which neither the objects nor the records, the suspects or the findings of the run have all room at once. */
class MemoryTest {
    private static final int ORPHANS_OF_A_SIDE = 30_000;
    private static final int KEY_LENGTH = 900;
    private static final String SMALL_HEAP = "-Xmx64m";

    @TempDir
    private Path folder;

    @Test
    void aRunDoesNotHoldWhatItFinds() throws IOException {
        Assets assets = Assets.empty();
        assets.database()
                .execute("INSERT INTO assets (storage_key, created_at)"
                        + " SELECT format('%s/records/%s', number % 10, lpad(number::text, " + KEY_LENGTH
                        + ", '0')), '2024-01-10'"
                        + " FROM generate_series(1, " + ORPHANS_OF_A_SIDE + ") AS number");
        Map<String, String> environment = assets.environment();
        environment.put("S3_BUCKET", SyntheticStore.BUCKET);
        environment.put("STOCKTAKE_ROUTES", Path.of("routes").toAbsolutePath().toString());
        // pages in flight must have room
        environment.put("PARALLELISM", "2");
        environment.put("JDK_JAVA_OPTIONS", SMALL_HEAP + " -XX:+ExitOnOutOfMemoryError");
        try (SyntheticStore store = SyntheticStore.generated(ORPHANS_OF_A_SIDE, MemoryTest::objectKey)) {
            environment.put("S3_ENDPOINT", store.endpoint().toString());

            BuiltJar.Result result =
                    new BuiltJar(folder, environment).under().run("cleanup-assets", "--export", folder.toString());

            assertThat(result.output())
                    .as(() -> tail(result.errors()))
                    .endsWith(
                            "Orphaned files: " + ORPHANS_OF_A_SIDE + "\nOrphaned records: " + ORPHANS_OF_A_SIDE + "\n");
            assertThat(linesOfTheExport()).isEqualTo(2L * ORPHANS_OF_A_SIDE);
        }
    }

    private static String objectKey(long number) {
        return String.format("%d/objects/%0" + KEY_LENGTH + "d", number * 10 / ORPHANS_OF_A_SIDE, number);
    }

    private long linesOfTheExport() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            Path ndjson = files.filter(file -> file.toString().endsWith(".ndjson"))
                    .findFirst()
                    .orElseThrow();
            try (Stream<String> lines = Files.lines(ndjson)) {
                return lines.count();
            }
        }
    }

    private static String tail(String log) {
        List<String> lines = log.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
    }
}
