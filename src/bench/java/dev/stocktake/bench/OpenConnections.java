package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.time.OffsetDateTime;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Looks again and again how many connections Stocktake has to a database. */
final class OpenConnections implements AutoCloseable {
    private static final int LOOK_EVERY_MILLIS = 20;

    private final CountDownLatch end = new CountDownLatch(1);
    private final Thread watcher;
    private volatile int peak;

    private OpenConnections(AssetTable table) {
        watcher = new Thread(() -> look(table), "connections");
        watcher.setDaemon(true);
    }

    static OpenConnections watch(AssetTable table) {
        OpenConnections open = new OpenConnections(table);
        open.watcher.start();
        return open;
    }

    /** The most so far. */
    int peak() {
        return peak;
    }

    private void look(AssetTable table) {
        OffsetDateTime start = table.time();
        try {
            do {
                peak = Math.max(peak, table.connectionsUsedSince(start));
            } while (!end.await(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        end.countDown();
        try {
            watcher.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
