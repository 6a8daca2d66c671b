package dev.stocktake.bench;

import java.util.List;
import java.util.Map;

/**
 * What a {@link Worker} is told to do; one line of JSON.
 *
 * @param settings of Stocktake, by name; where they differ from those before, it is started anew
 * @param cuts for {@code LIST}, between two ranges the last key of the one before; else without effect
 */
record Order(Task task, Map<String, String> settings, List<String> cuts) {
    enum Task {
        /** One run of Stocktake. */
        RUN,
        /** The same, with a profile. */
        PROFILED_RUN,
        /** Reads both sides in one loop, a page of either side after the other. */
        SERIAL_LOOP,
        /** Lists all objects in as many ranges side by side as Stocktake has workers, and reads no records. */
        LIST,
        /** Ends the process. */
        END
    }
}
