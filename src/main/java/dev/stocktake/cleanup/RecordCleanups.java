package dev.stocktake.cleanup;

import dev.stocktake.failure.Explanation;
import dev.stocktake.storage.ObjectLookup;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;

/** Says what becomes of the records of a confirmed plan; the statement that changes them is in the route file. */
public final class RecordCleanups {
    private final ObjectLookup objects;
    private final PlatformTransactionManager transactions;
    private final Explanation explanation;

    /**
     * Cleans up the records of one database.
     *
     * @param records that the statements of the route file write to
     */
    public RecordCleanups(ObjectLookup objects, DataSource records, Explanation explanation) {
        this.objects = objects;
        this.transactions = new DataSourceTransactionManager(records);
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
     * Lets the next statement of this thread change nothing for good before it is known what it changes.
     *
     * @throws RefusedException when another process may be at work there by now
     */
    public TransactionStatus begin(CleanupInProgress cleanup) {
        if (cleanup.left().isZero()) {
            cleanup.leaseLost("it may have ended");
            throw new RefusedException("another process may be at work there by now");
        }
        return transactions.getTransaction(TransactionDefinition.withDefaults());
    }

    /**
     * What became of it: what the statement changed is kept where it is this one row.
     *
     * @param rows that the statement changed
     */
    public CleanupRecord changed(
            CleanupInProgress cleanup, CleanupRecord record, List<?> rows, TransactionStatus transaction) {
        if (rows.size() == 1) {
            transactions.commit(transaction);
        } else {
            transactions.rollback(transaction);
        }
        if (rows.size() > 1) {
            String reason = "the statement of cleanup-records.camel.yaml would have changed " + rows.size()
                    + " rows; its condition must leave one";
            cleanup.stop(reason);
            return record.failed(reason);
        }
        cleanup.worked();
        return rows.isEmpty() ? record.changed("it is gone or was changed since it was found") : record.done();
    }

    /**
     * The record as it is: it is left alone.
     *
     * @param transaction null where none was begun
     */
    public CleanupRecord fail(
            CleanupInProgress cleanup, CleanupRecord record, Exception failure, TransactionStatus transaction) {
        if (transaction != null && !transaction.isCompleted()) {
            transactions.rollback(transaction);
        }
        String reason = explanation.of(failure);
        cleanup.failed(reason, failure);
        return record.failed(reason);
    }
}
