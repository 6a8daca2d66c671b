package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.embedded.EmbeddedStore;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A bucket on a server of its own and a table, of which the right findings are known, and the built jar to compare them:
 * with small pages and a slow store, so that a run can be caught anywhere.
 */
final class Crashable implements AutoCloseable {
    private static final String BUCKET = "crashable";
    /** A process lives for some seconds only. */
    private static final String JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    private static final long LISTING_NANOS = TimeUnit.MILLISECONDS.toNanos(8);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private static final List<String> KEYS = IntStream.range(0, 960)
            .mapToObj(i -> String.format("folder-%d/%04d", i % 8, i))
            .sorted()
            .toList();
    private static final List<String> OBJECTS = without(3);
    private static final List<String> RECORDS = without(7);

    private final Path folder;
    private final Path classes;
    private final EmbeddedStore store = EmbeddedStore.start();
    private final Database database = TestServers.databases().create();
    private final AtomicInteger listings = new AtomicInteger();

    /**
     * Fills both sides.
     *
     * @param folder of its own
     * @param classes the archive of classes that all share, which makes processes start faster
     */
    Crashable(Path folder, Path classes) throws IOException {
        this.folder = folder;
        this.classes = classes;
        store.createBucket(BUCKET);
        OBJECTS.forEach(key -> store.put(BUCKET, key, new byte[] {1, 2, 3}, Assets.LONG_AGO));
        database.execute("CREATE TABLE assets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                + " storage_key text, created_at timestamptz DEFAULT TIMESTAMPTZ '2024-01-10 12:00Z')");
        database.execute("CREATE INDEX ON assets (storage_key COLLATE \"C\") WHERE octet_length(storage_key) <= 1024");
        database.sql()
                .sql("INSERT INTO assets (storage_key) SELECT unnest(?)")
                .param(RECORDS.toArray(String[]::new))
                .update();
        EditedRoutes.in(Files.createDirectory(folder.resolve("routes")))
                .replace("storage.camel.yaml", "pageSize: 1000", "pageSize: 8")
                .replace("records.camel.yaml", "FETCH FIRST 1000 ROWS", "FETCH FIRST 8 ROWS");
        answerSlowly();
    }

    EmbeddedStore store() {
        return store;
    }

    /** Starts a process that compares, and counts its listings from 0. */
    Process start(String... settings) {
        answerSlowly();
        return jar(settings).start("cleanup-assets");
    }

    /** Compares to the end; returns the exit status. */
    int run(String... settings) {
        answerSlowly();
        return jar(settings).run("cleanup-assets").exitStatus();
    }

    /** What the last process that was run to its end wrote. */
    String errors() {
        try {
            return Files.readString(folder.resolve("standard-error.txt"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** As {@link #run}, and leaves the classes it used for the processes to come. */
    int runAndArchiveClasses() {
        return run("JAVA_TOOL_OPTIONS", JAVA_OPTIONS + " -XX:ArchiveClassesAtExit=" + classes);
    }

    private void answerSlowly() {
        listings.set(0);
        store.onList(number -> {
            listings.incrementAndGet();
            LockSupport.parkNanos(LISTING_NANOS);
        });
    }

    private BuiltJar jar(String... settings) {
        Map<String, String> environment = new HashMap<>();
        environment.put("DATABASE_URL", database.url());
        environment.put("S3_ENDPOINT", store.endpoint().toString());
        environment.put("S3_BUCKET", BUCKET);
        environment.put("S3_ACCESS_KEY_ID", store.accessKey());
        environment.put("S3_SECRET_ACCESS_KEY", store.secretKey());
        environment.put("PARALLELISM", "4");
        environment.put("SETTLE_PERIOD", "1s");
        environment.put("JAVA_TOOL_OPTIONS", JAVA_OPTIONS + " -XX:SharedArchiveFile=" + classes);
        for (int i = 0; i < settings.length; i += 2) {
            environment.put(settings[i], settings[i + 1]);
        }
        return new BuiltJar(folder, environment).under();
    }

    /** Listings asked for since the last process was started. */
    int listings() {
        return listings.get();
    }

    void awaitListing() {
        await().atMost(LONGEST).pollInterval(Duration.ofMillis(5)).until(() -> listings.get() > 0);
    }

    /** Returns when half of a run's work was stored, or less. */
    void awaitCheckpoint() {
        awaitTrue("SELECT count(*) > 0 FROM stocktake.range WHERE turn > 0");
    }

    /** Returns when nothing is left to do but to verify. */
    void awaitAllCompared() {
        awaitTrue("SELECT coalesce(bool_and(closed), false) FROM stocktake.range");
    }

    private void awaitTrue(String query) {
        await().atMost(LONGEST)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> truth("SELECT to_regclass('stocktake.range') IS NOT NULL") && truth(query));
    }

    boolean truth(String query) {
        return database.sql().sql(query).query(Boolean.class).single();
    }

    long count(String table) {
        return database.sql()
                .sql("SELECT count(*) FROM " + table)
                .query(Long.class)
                .single();
    }

    void execute(String statement) {
        database.execute(statement);
    }

    /** As if 45 seconds had passed. */
    void expireLease() {
        execute("UPDATE stocktake.lease SET expires_at = now() - interval '1 second'");
    }

    /** The run under way that has begun to store how far it has come. */
    Optional<UUID> resumable() {
        return database.sql()
                .sql("SELECT id FROM stocktake.run WHERE status = 'RUNNING'"
                        + " AND EXISTS (SELECT FROM stocktake.range WHERE run_id = run.id)")
                .query(UUID.class)
                .optional();
    }

    List<UUID> completed() {
        return database.sql()
                .sql("SELECT id FROM stocktake.run WHERE status = 'COMPLETE'")
                .query(UUID.class)
                .list();
    }

    /** The run that ended last. */
    UUID newest() {
        return database.sql()
                .sql("SELECT id FROM stocktake.run WHERE status = 'COMPLETE' ORDER BY finished_at DESC LIMIT 1")
                .query(UUID.class)
                .single();
    }

    String status(UUID run) {
        return database.sql()
                .sql("SELECT status FROM stocktake.run WHERE id = ?")
                .param(run)
                .query(String.class)
                .single();
    }

    /** In what a process was interrupted, by what it has left. */
    String phase() {
        return database.sql().sql("""
                SELECT CASE
                  WHEN NOT EXISTS (SELECT FROM stocktake.run WHERE status = 'RUNNING') THEN 'starting or reporting'
                  WHEN NOT EXISTS (SELECT FROM stocktake.range) THEN 'planning'
                  WHEN EXISTS (SELECT FROM stocktake.range WHERE NOT closed) THEN 'comparing'
                  WHEN EXISTS (SELECT FROM stocktake.finding
                    JOIN stocktake.run ON run.id = run_id WHERE status = 'RUNNING')
                    AND EXISTS (SELECT FROM stocktake.suspect) THEN 'verifying'
                  WHEN EXISTS (SELECT FROM stocktake.suspect) THEN 'settling'
                  ELSE 'closing' END""").query(String.class).single();
    }

    /** That a complete run found what there is, each once, and has left nothing that only a run under way needs. */
    void assertIsWhole(UUID run) {
        assertThat(database.sql().sql("""
                                SELECT concat_ws(' ', status, objects, records, matched, matched_records, orphaned_files,
                                  orphaned_records, too_recent, vanished, directory_markers, invalid, orphaned_bytes)
                                FROM stocktake.run WHERE id = ?""").param(run).query(String.class).single())
                .isEqualTo(WHOLE);
        assertThat(found(run, "orphaned_file")).isEqualTo(minus(OBJECTS, RECORDS));
        assertThat(found(run, "orphaned_record")).isEqualTo(minus(RECORDS, OBJECTS));
        assertThat(count("stocktake.range")).as("ranges").isZero();
        assertThat(count("stocktake.suspect")).as("suspects").isZero();
        assertThat(truth("SELECT NOT EXISTS (SELECT FROM stocktake.finding JOIN stocktake.run ON run.id = run_id"
                        + " WHERE status <> 'COMPLETE')"))
                .as("no findings of other runs")
                .isTrue();
    }

    private List<String> found(UUID run, String kind) {
        return database.sql()
                .sql("SELECT storage_key FROM stocktake.finding WHERE run_id = ? AND kind = ? ORDER BY storage_key")
                .params(run, kind)
                .query(String.class)
                .list();
    }

    @Override
    public void close() {
        store.close();
    }

    /** Of every eleven keys, one is not there. */
    private static List<String> without(int remainder) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < KEYS.size(); i++) {
            if (i % 11 != remainder) {
                keys.add(KEYS.get(i));
            }
        }
        return List.copyOf(keys);
    }

    private static List<String> minus(List<String> keys, List<String> others) {
        return keys.stream().filter(key -> !others.contains(key)).toList();
    }

    private static final String WHOLE = whole();

    private static String whole() {
        int files = minus(OBJECTS, RECORDS).size();
        int rows = minus(RECORDS, OBJECTS).size();
        int matched = OBJECTS.size() - files;
        return String.join(
                " ",
                List.of(
                        "COMPLETE",
                        "" + OBJECTS.size(),
                        "" + RECORDS.size(),
                        "" + matched,
                        "" + matched,
                        "" + files,
                        "" + rows,
                        "0 0 0 0",
                        "" + 3 * files));
    }
}
