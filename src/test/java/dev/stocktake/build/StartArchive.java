package dev.stocktake.build;

import dev.stocktake.embedded.EmbeddedDatabase;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.fixture.BuiltJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * Makes {@code target/stocktake.jsa}: the classes that a dry run of the built jar loads, as the JVM that builds lays them out
 * in memory. A JVM that is given it ({@code -XX:SharedArchiveFile}) neither reads nor checks them again.
 *
 * <p>No build fails for want of it: not every JVM can make one.
 */
public final class StartArchive {
    /** Beside the jar. */
    public static final Path FILE = Path.of("target", "stocktake.jsa").toAbsolutePath();

    private StartArchive() {}

    public static void main(String[] arguments) throws IOException {
        Path made = Files.createTempDirectory(FILE.getParent(), "start-archive");
        try {
            if (fits(made)) {
                return;
            }
            Files.deleteIfExists(FILE);
            dryRun(made);
            // the JVM believes a file that ends half way, so none is ever seen under the name that is used
            Files.move(made.resolve(FILE.getFileName()), FILE, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException failure) {
            System.err.println("No " + FILE + ", so that starts take their full time: " + failure.getMessage());
        } finally {
            deleteFolder(made);
        }
    }

    /** Whether there is one already, of this very jar and for this very JVM. */
    private static boolean fits(Path folder) {
        return Files.exists(FILE)
                && new BuiltJar(folder, Map.of())
                                .under("-XX:SharedArchiveFile=" + FILE, "-Xshare:on", "-Xlog:disable")
                                .run("--version")
                                .exitStatus()
                        == 0;
    }

    /** A run with a finding of either kind, a match, and an export: little leads through most of the code. */
    private static void dryRun(Path folder) {
        try (EmbeddedDatabase server = EmbeddedDatabase.start();
                SyntheticStore store = SyntheticStore.generated(3, number -> "assets/" + number)) {
            EmbeddedDatabase.Database database = server.create();
            database.execute("CREATE TABLE assets (id bigint, storage_key text, created_at timestamptz)");
            database.execute(
                    "CREATE INDEX ON assets (storage_key COLLATE \"C\") WHERE octet_length(storage_key) <= 1024");
            database.execute(
                    "INSERT INTO assets VALUES (1, 'assets/1', '2024-01-10 12:00Z'), (2, 'x', '2024-01-10 12:00Z')");
            Map<String, String> environment = Map.of(
                    "DATABASE_URL",
                    database.url(),
                    "S3_ENDPOINT",
                    store.endpoint().toString(),
                    "S3_BUCKET",
                    SyntheticStore.BUCKET,
                    "S3_ACCESS_KEY_ID",
                    "any-access-key",
                    "S3_SECRET_ACCESS_KEY",
                    "any-secret-key",
                    "SETTLE_PERIOD",
                    "0s",
                    "STOCKTAKE_ROUTES",
                    Path.of("routes").toAbsolutePath().toString());
            BuiltJar.Result result = new BuiltJar(folder, environment)
                    .under(
                            "-XX:ArchiveClassesAtExit=" + folder.resolve(FILE.getFileName()),
                            "-Xlog:disable",
                            // builds shall not wait for code that is as fast as can be
                            "-XX:TieredStopAtLevel=1")
                    .run("cleanup-assets", "--export", ".");
            if (result.exitStatus() != 1) {
                throw new IllegalStateException("the dry run ended with " + result);
            }
        }
    }

    private static void deleteFolder(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
