package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The servers, the warm JVM and the scale that all figures share. */
final class Session implements AutoCloseable {
    /** As by default. */
    static final int PARALLELISM = 16;

    private static final int LEAST_WARM_UPS = 2;

    /** What runs once a page, a hundred thousand lines of libraries, is compiled after thousands of pages. */
    private static final int MOST_WARM_UPS = 20;

    private static final double MOST_COMPILING = 0.1;

    private final Scale scale;
    private final Path folder;
    private final ListingStore store = ListingStore.start();
    private final AssetTables tables = AssetTables.start();
    private WarmJvm warm;

    /**
     * Starts the servers.
     *
     * @param folder for logs and results; exists
     */
    Session(Scale scale, Path folder) {
        this.scale = scale;
        this.folder = folder;
    }

    Scale scale() {
        return scale;
    }

    Path folder() {
        return folder;
    }

    ListingStore store() {
        return store;
    }

    AssetTables tables() {
        return tables;
    }

    /** One for all: what it has compiled stays compiled. */
    WarmJvm warm() {
        if (warm == null) {
            warm = WarmJvm.start(folder.resolve("worker.log"));
        }
        return warm;
    }

    /**
     * Lets the warm JVM compile what it is going to need, until it has little left to do; the store holds these objects from
     * then on.
     */
    void warmUp(Map<String, String> settings, AssetTable table, Layout layout) {
        store.hold(layout);
        store.delay(Duration.ZERO);
        Samples compiling = new Samples();
        for (int i = 0; i < LEAST_WARM_UPS || (i < MOST_WARM_UPS && compiling.last() > MOST_COMPILING); i++) {
            table.forgetRuns();
            Measured run = warm().run(settings);
            compiling.add(run.compilerSeconds() / run.wallSeconds());
        }
        tell("warm: share of the time for which the compiler was busy: %s", compiling);
    }

    /** The settings that compare the store with this table, and no others. */
    Map<String, String> settings(AssetTable table) {
        Map<String, String> settings = new HashMap<>();
        settings.put("DATABASE_URL", table.url());
        settings.put("S3_ENDPOINT", store.endpoint().toString());
        settings.put("S3_BUCKET", ListingStore.BUCKET);
        settings.put("S3_ACCESS_KEY_ID", "any-access-key");
        settings.put("S3_SECRET_ACCESS_KEY", "any-secret-key");
        settings.put("PARALLELISM", Integer.toString(PARALLELISM));
        return settings;
    }

    /** Says how far it is. */
    void tell(String format, Object... values) {
        System.err.printf(java.util.Locale.ROOT, format + "%n", values);
    }

    @Override
    public void close() {
        if (warm != null) {
            warm.close();
        }
        store.close();
        tables.close();
    }
}
