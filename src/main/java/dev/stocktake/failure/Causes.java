package dev.stocktake.failure;

import java.sql.SQLException;
import org.springframework.transaction.TransactionSystemException;

/** Looks through what led to a failure. */
final class Causes {
    private Causes() {}

    static boolean any(Throwable failure, Class<? extends Throwable> kind) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    /** What made a transaction fail, where all that is left to see is that it could not be rolled back any more. */
    static Throwable original(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TransactionSystemException rollback && rollback.getApplicationException() != null) {
                return rollback.getApplicationException();
            }
        }
        return failure;
    }

    /** The one that says most: pools and batches wrap what the server said. */
    static SQLException innermostWithState(SQLException outer) {
        SQLException found = outer;
        for (Throwable cause = outer; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                found = sql;
            }
        }
        return found;
    }
}
