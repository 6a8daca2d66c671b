package dev.stocktake.database;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.stream.Stream;

/**
 * Marks what a connection to the records database threw. Neither Camel nor Spring says which database a statement was
 * for, and the one who is paged must know.
 */
public final class FromRecordsDatabase extends Exception {
    private static final long serialVersionUID = 1;

    private static final String NOT_SUPPORTED = "0A000";

    private FromRecordsDatabase() {
        super(null, null, false, false);
    }

    /** Whether the failure comes from the records database, or from waiting for a connection to it. */
    public static boolean threw(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).startsWith(Databases.RECORDS + " - ")
                    || Stream.of(cause.getSuppressed()).anyMatch(FromRecordsDatabase.class::isInstance)) {
                return true;
            }
        }
        return false;
    }

    /** The same with the mark, for what bypasses the pool. */
    public static SQLException marked(SQLException thrown) {
        thrown.addSuppressed(new FromRecordsDatabase());
        return thrown;
    }

    /** Puts the mark, and leaves it to the pool what to do with the connection. */
    static final class Mark implements SQLExceptionOverride {
        @java.lang.Override
        public Override adjudicate(SQLException thrown) {
            marked(thrown);
            // the pool takes it for a broken connection, and it is an answer to a statement
            return NOT_SUPPORTED.equals(thrown.getSQLState()) ? Override.DO_NOT_EVICT : Override.CONTINUE_EVICT;
        }
    }
}
