package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.endtoend.TruthLedger.Change;
import dev.stocktake.fixture.Assets;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * Writers as an application has them, all at once, on a bucket and its table: over the store's and the database's own
 * protocols, and telling a ledger what they do. A key is in the hands of one writer at a time and is used again and again.
 *
 * <p>The times of records are honest, as those of an application are: of the database's clock at the insert or at the start
 * of its transaction, which commits up to 300 ms later. The two halves of an operation are up to 500 ms apart.
 */
final class LiveTraffic implements AutoCloseable {
    private static final int LONGEST_GAP_MILLIS = 500;
    private static final int LONGEST_TRANSACTION_MILLIS = 300;
    private static final int REST_SECONDS = 15;
    private static final int WRITERS = 6;
    private static final int MOST_AT_ONCE = 100;

    private final Assets assets;
    private final TruthLedger ledger;
    private final Random random;
    private final List<Asset> idle = new ArrayList<>();
    private final HikariDataSource database = new HikariDataSource();
    private final ScheduledThreadPoolExecutor writers = new ScheduledThreadPoolExecutor(WRITERS);
    private final Map<String, LongAdder> operations = new TreeMap<>();
    private final AtomicInteger underWay = new AtomicInteger();
    private final ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean ending;

    private LiveTraffic(Assets assets, TruthLedger ledger, long seed) {
        this.assets = assets;
        this.ledger = ledger;
        this.random = new Random(seed);
        database.setJdbcUrl(assets.database().jdbcUrl());
        // each holds one at the most
        database.setMaximumPoolSize(MOST_AT_ONCE);
        writers.setExecuteExistingDelayedTasksAfterShutdownPolicy(true);
        for (Kind kind : Kind.values()) {
            operations.put(kind.label(), new LongAdder());
        }
    }

    /**
     * Starts them.
     *
     * @param keys that they share; nothing is there at first
     * @param perMinute operations
     */
    static LiveTraffic start(Assets assets, TruthLedger ledger, List<String> keys, int perMinute, long seed) {
        LiveTraffic traffic = new LiveTraffic(assets, ledger, seed);
        keys.forEach(key -> traffic.idle.add(new Asset(key)));
        long period = TimeUnit.MINUTES.toNanos(1) / perMinute;
        var unused = traffic.writers.scheduleAtFixedRate(traffic::startOne, 0, period, TimeUnit.NANOSECONDS);
        return traffic;
    }

    /** How many operations have begun, by their kind. */
    Map<String, Long> operations() {
        Map<String, Long> counts = new TreeMap<>();
        operations.forEach((kind, count) -> counts.put(kind, count.sum()));
        return counts;
    }

    /** Begins nothing more, and returns when all that was begun has ended. */
    void end() {
        ending = true;
        await().atMost(Duration.ofSeconds(30)).until(() -> underWay.get() == 0);
        assertThat(failures).as("that the writers could write").isEmpty();
    }

    @Override
    public void close() {
        ending = true;
        writers.shutdownNow();
        database.close();
    }

    /** A key and what is there of it. */
    private static final class Asset {
        private final String key;
        private boolean object;
        private final List<Long> rows = new ArrayList<>();

        Asset(String key) {
            this.key = key;
        }
    }

    private enum Kind {
        UPLOAD_THEN_COMMIT,
        COMMIT_THEN_UPLOAD,
        UPLOAD_THEN_ROLL_BACK,
        UPLOAD_THEN_CRASH,
        COMMIT_THEN_CRASH,
        DELETE_ROWS_THEN_OBJECT,
        DELETE_OBJECT_THEN_ROWS,
        DELETE_ROWS_THEN_CRASH,
        DELETE_OBJECT_THEN_CRASH,
        REPLACE_OBJECT,
        ADD_ROW,
        DELETE_ONE_ROW,
        ADOPT_UPLOAD,
        UPLOAD_FOR_ROWS,
        CLEAN_UP;

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private void startOne() {
        if (ending || underWay.get() == MOST_AT_ONCE) {
            return;
        }
        Asset asset;
        Kind kind;
        synchronized (idle) {
            if (idle.isEmpty()) {
                return;
            }
            int chosen = random.nextInt(idle.size());
            kind = choose(idle.get(chosen));
            if (kind == null) {
                return;
            }
            asset = idle.set(chosen, idle.get(idle.size() - 1));
            idle.remove(idle.size() - 1);
        }
        underWay.incrementAndGet();
        operations.get(kind.label()).increment();
        writers.execute(() -> step(asset, () -> perform(kind, asset)));
    }

    /** What somebody may do with the key as it is; null to leave it alone. */
    private Kind choose(Asset asset) {
        int dice = random.nextInt(100);
        if (!asset.object && asset.rows.isEmpty()) {
            return dice < 40
                    ? Kind.UPLOAD_THEN_COMMIT
                    : dice < 75
                            ? Kind.COMMIT_THEN_UPLOAD
                            : dice < 84
                                    ? Kind.UPLOAD_THEN_ROLL_BACK
                                    : dice < 92 ? Kind.UPLOAD_THEN_CRASH : Kind.COMMIT_THEN_CRASH;
        }
        if (asset.object && !asset.rows.isEmpty()) {
            if (dice < 8) {
                return asset.rows.size() > 1 ? Kind.DELETE_ONE_ROW : Kind.ADD_ROW;
            }
            return dice < 20
                    ? Kind.REPLACE_OBJECT
                    : dice < 52
                            ? Kind.DELETE_ROWS_THEN_OBJECT
                            : dice < 84
                                    ? Kind.DELETE_OBJECT_THEN_ROWS
                                    : dice < 92 ? Kind.DELETE_ROWS_THEN_CRASH : Kind.DELETE_OBJECT_THEN_CRASH;
        }
        // orphans are left for a while: nobody knows of them
        if (dice < 65) {
            return null;
        }
        return dice < 80 ? Kind.CLEAN_UP : asset.object ? Kind.ADOPT_UPLOAD : Kind.UPLOAD_FOR_ROWS;
    }

    private void perform(Kind kind, Asset asset) throws SQLException {
        switch (kind) {
            case UPLOAD_THEN_COMMIT -> {
                upload(asset);
                afterAGap(asset, () -> insert(asset, severalRows(), true));
            }
            case COMMIT_THEN_UPLOAD ->
                insert(
                        asset,
                        severalRows(),
                        true,
                        () -> afterAGap(asset, () -> {
                            upload(asset);
                            release(asset);
                        }));
            case UPLOAD_THEN_ROLL_BACK -> {
                upload(asset);
                afterAGap(asset, () -> insert(asset, 1, false));
            }
            case UPLOAD_THEN_CRASH -> {
                upload(asset);
                release(asset);
            }
            case COMMIT_THEN_CRASH -> insert(asset, severalRows(), true);
            case DELETE_ROWS_THEN_OBJECT -> {
                deleteRows(asset, asset.rows.size());
                afterAGap(asset, () -> {
                    deleteObject(asset);
                    release(asset);
                });
            }
            case DELETE_OBJECT_THEN_ROWS -> {
                deleteObject(asset);
                afterAGap(asset, () -> {
                    deleteRows(asset, asset.rows.size());
                    release(asset);
                });
            }
            case DELETE_ROWS_THEN_CRASH -> {
                deleteRows(asset, asset.rows.size());
                release(asset);
            }
            case DELETE_OBJECT_THEN_CRASH -> {
                deleteObject(asset);
                release(asset);
            }
            case REPLACE_OBJECT -> {
                upload(asset);
                release(asset);
            }
            case UPLOAD_FOR_ROWS -> {
                upload(asset);
                rest(asset);
            }
            case ADD_ROW -> insert(asset, 1, true);
            case ADOPT_UPLOAD -> insert(asset, 1, true, () -> rest(asset));
            case DELETE_ONE_ROW -> {
                deleteRows(asset, 1);
                release(asset);
            }
            case CLEAN_UP -> {
                if (asset.object) {
                    deleteObject(asset);
                } else {
                    deleteRows(asset, asset.rows.size());
                }
                release(asset);
            }
        }
    }

    private void upload(Asset asset) {
        byte[] content = ("content of " + asset.key).getBytes(StandardCharsets.UTF_8);
        Change change = ledger.object(asset.key, true);
        assets.store()
                .client()
                .putObject(put -> put.bucket(assets.bucket()).key(asset.key), RequestBody.fromBytes(content));
        change.done();
        asset.object = true;
    }

    private void deleteObject(Asset asset) {
        Change change = ledger.object(asset.key, false);
        assets.store()
                .client()
                .deleteObject(delete -> delete.bucket(assets.bucket()).key(asset.key));
        change.done();
        asset.object = false;
    }

    private void insert(Asset asset, int rows, boolean commit) throws SQLException {
        insert(asset, rows, commit, () -> release(asset));
    }

    /** In a transaction that ends a while after it began. */
    private void insert(Asset asset, int rows, boolean commit, Step then) throws SQLException {
        Connection connection = database.getConnection();
        try {
            connection.setAutoCommit(false);
            if (chance()) {
                // begins the transaction, whose now() is old when it inserts
                connection.createStatement().execute("SELECT 1");
                within(LONGEST_TRANSACTION_MILLIS, asset, connection, () -> {
                    List<Long> ids = insertRows(connection, asset.key, rows, "now()");
                    finish(connection, asset, ids, commit);
                    then.run();
                });
            } else {
                List<Long> ids = insertRows(connection, asset.key, rows, "clock_timestamp()");
                within(LONGEST_TRANSACTION_MILLIS, asset, connection, () -> {
                    finish(connection, asset, ids, commit);
                    then.run();
                });
            }
        } catch (SQLException failure) {
            connection.close();
            throw failure;
        }
    }

    private static List<Long> insertRows(Connection connection, String key, int rows, String createdAt)
            throws SQLException {
        List<Long> ids = new ArrayList<>();
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO assets (storage_key, created_at)"
                + " SELECT ?, " + createdAt + " FROM generate_series(1, ?) RETURNING id")) {
            insert.setString(1, key);
            insert.setInt(2, rows);
            try (ResultSet inserted = insert.executeQuery()) {
                while (inserted.next()) {
                    ids.add(inserted.getLong(1));
                }
            }
        }
        return ids;
    }

    private void finish(Connection connection, Asset asset, List<Long> ids, boolean commit) throws SQLException {
        if (commit) {
            List<Change> changes = rows(asset, ids, true);
            connection.commit();
            changes.forEach(Change::done);
            asset.rows.addAll(ids);
        } else {
            connection.rollback();
        }
        connection.close();
    }

    private void deleteRows(Asset asset, int count) throws SQLException {
        List<Long> ids = List.copyOf(asset.rows.subList(0, count));
        try (Connection connection = database.getConnection();
                PreparedStatement delete = connection.prepareStatement("DELETE FROM assets WHERE id = ANY (?)")) {
            delete.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
            List<Change> changes = rows(asset, ids, false);
            assertThat(delete.executeUpdate()).isEqualTo(count);
            changes.forEach(Change::done);
        }
        asset.rows.removeAll(ids);
    }

    private List<Change> rows(Asset asset, List<Long> ids, boolean there) {
        return ids.stream()
                .map(id -> ledger.row(asset.key, Long.toString(id), there))
                .toList();
    }

    /** One record for most assets, two or three for some. */
    private int severalRows() {
        return Math.max(1, random(6) - 2);
    }

    private boolean chance() {
        return random(2) == 0;
    }

    private int random(int bound) {
        synchronized (idle) {
            return random.nextInt(bound);
        }
    }

    private void release(Asset asset) {
        synchronized (idle) {
            idle.add(asset);
        }
        underWay.decrementAndGet();
    }

    /**
     * Leaves alone for longer than a run what was an orphan and is none any more. Were it one again at once, a run might see
     * it in the one gap and verify it in the other, which nobody can tell from a gap that lasted.
     */
    private void rest(Asset asset) {
        underWay.decrementAndGet();
        var unused = writers.schedule(
                () -> {
                    synchronized (idle) {
                        idle.add(asset);
                    }
                },
                REST_SECONDS,
                TimeUnit.SECONDS);
    }

    private interface Step {
        void run() throws SQLException;
    }

    private void afterAGap(Asset asset, Step step) {
        within(LONGEST_GAP_MILLIS, asset, null, step);
    }

    /** Goes on at some moment within that time. */
    private void within(int millis, Asset asset, Connection held, Step step) {
        var unused = writers.schedule(
                () -> step(asset, () -> {
                    try {
                        step.run();
                    } catch (SQLException | RuntimeException failure) {
                        if (held != null) {
                            held.close();
                        }
                        throw failure;
                    }
                }),
                random(millis + 1),
                TimeUnit.MILLISECONDS);
    }

    /** Whatever goes wrong ends the operation; its key stays out of use, for nobody knows how far it came. */
    private void step(Asset asset, Step work) {
        try {
            work.run();
        } catch (SQLException | RuntimeException failure) {
            failures.add(new IllegalStateException("Could not go on with " + asset.key, failure));
            underWay.decrementAndGet();
        }
    }
}
