package dev.stocktake.storage;

import java.time.Duration;
import software.amazon.awssdk.core.exception.AbortedException;

/** Says for how long nobody else can be at work where a request destroys something; such a request is sent only meanwhile. */
@FunctionalInterface
public interface Fence {
    /** Zero or less where somebody else may be at work by now. */
    Duration left();

    /** Looks again, before such a request is made, whether that still is so, where the last look was long ago. */
    default void lookAgain() {
        // most know at any time
    }

    /** Whether a request was not sent because of its fence, or because Stocktake stops. */
    static boolean held(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AbortedException) {
                return true;
            }
        }
        return false;
    }
}
