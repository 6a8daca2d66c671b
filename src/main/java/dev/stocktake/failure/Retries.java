package dev.stocktake.failure;

import java.util.concurrent.atomic.LongAdder;
import software.amazon.awssdk.core.exception.SdkException;

/** Counts how often something was tried again. */
public final class Retries {
    private final LongAdder ofStore = new LongAdder();
    private final LongAdder ofDatabases = new LongAdder();

    void count(Throwable failure) {
        (Causes.any(failure, SdkException.class) ? ofStore : ofDatabases).increment();
    }

    /** Requests to the store, or steps of several, so far. */
    public long ofStore() {
        return ofStore.sum();
    }

    /** Statements to either database so far. */
    public long ofDatabases() {
        return ofDatabases.sum();
    }
}
