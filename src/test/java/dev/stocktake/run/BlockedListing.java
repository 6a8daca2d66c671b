package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.embedded.EmbeddedStore;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A store that answers no listing until this is opened, so that a run lasts as long as a test wants it to. */
public final class BlockedListing implements AutoCloseable {
    private static final long LONGEST_SECONDS = 60;

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);
    private final EmbeddedStore store;

    private BlockedListing(EmbeddedStore store) {
        this.store = store;
    }

    /** Blocks every listing of the store from now on. */
    public static BlockedListing of(EmbeddedStore store) {
        BlockedListing blocked = new BlockedListing(store);
        store.onList(number -> {
            blocked.reached.countDown();
            await(blocked.opened);
        });
        return blocked;
    }

    /** Returns when a run has asked for a listing. */
    public void awaitRun() {
        assertThat(await(reached)).as("a run lists the bucket").isTrue();
    }

    /** Answers all listings, those that wait and those to come. */
    public void open() {
        opened.countDown();
    }

    @Override
    public void close() {
        open();
        store.onList(number -> {});
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(LONGEST_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
