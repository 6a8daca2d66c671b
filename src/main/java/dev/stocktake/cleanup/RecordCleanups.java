package dev.stocktake.cleanup;

import dev.stocktake.failure.Explanation;
import dev.stocktake.storage.ObjectLookup;
import java.util.List;

/** Says what becomes of the records of a confirmed plan; the statement that changes them is in the route file. */
public final class RecordCleanups {
    private final ObjectLookup objects;
    private final Explanation explanation;

    public RecordCleanups(ObjectLookup objects, Explanation explanation) {
        this.objects = objects;
        this.explanation = explanation;
    }

    /** The record, due where its object is missing at this moment. */
    public CleanupRecord look(CleanupInProgress cleanup, CleanupRecord record) {
        if (cleanup.stopReason() != null || !record.isOpen()) {
            return record;
        }
        return objects.head(record.item().storageKey()).isPresent()
                ? record.skipped("its object is there")
                : record.withoutObject();
    }

    /**
     * What became of it.
     *
     * @param rows that the statement changed
     */
    public CleanupRecord changed(CleanupInProgress cleanup, CleanupRecord record, List<?> rows) {
        if (rows.size() > 1) {
            String reason = "the statement of cleanup-records.camel.yaml changed " + rows.size()
                    + " rows; its condition must leave one";
            cleanup.stop(reason);
            return record.failed(reason);
        }
        cleanup.worked();
        return rows.isEmpty() ? record.changed("it is gone or was changed since it was found") : record.done();
    }

    /** The record as it is: it is left alone. */
    public CleanupRecord fail(CleanupInProgress cleanup, CleanupRecord record, Exception failure) {
        String reason = explanation.of(failure);
        cleanup.failed(reason, failure);
        return record.failed(reason);
    }
}
