package dev.stocktake.records;

import dev.stocktake.compare.PageException;
import dev.stocktake.database.FromRecordsDatabase;
import dev.stocktake.run.RunInProgress;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOperation;
import org.postgresql.copy.CopyOut;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** Copies the records from their database into the results database, all or none of them. */
public final class RecordsCopy {
    /** Sent at once, so that a row does not cost a system call. */
    private static final int CHUNK_BYTES = 64 * 1024;

    /** However long it takes; and times without zone are in UTC. The names differ from version to version. */
    private static final String SETTINGS = "SELECT set_config('stocktake.prefix', ?, true), "
            + "set_config('TimeZone', 'UTC', true), (SELECT count(set_config(name, '0', true)) FROM pg_settings "
            + "WHERE name IN ('statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout'))";

    private final JdbcTemplate records;
    private final JdbcTemplate results;

    public RecordsCopy(DataSource records, DataSource results) {
        this.records = new JdbcTemplate(records);
        this.results = new JdbcTemplate(results);
    }

    /**
     * Copies in one pass, holding no more than a few rows.
     *
     * @param out a {@code COPY (…) TO STDOUT} for the records database, which reads the prefix of the run's keys as
     *     {@code current_setting('stocktake.prefix')}
     * @param in a {@code COPY … FROM STDIN} for the results database, with the id of the run and then the columns that
     *     come out
     * @return the rows copied
     * @throws org.springframework.dao.DataAccessException when either database fails; then there is no copy
     * @throws Exception the reason why the run was stopped; then there is no copy
     */
    public long copy(RunInProgress running, String out, String in) throws Exception {
        Long rows = records.execute((ConnectionCallback<Long>)
                source -> results.execute((ConnectionCallback<Long>) target -> copy(running, source, out, target, in)));
        if (running.isStopped()) {
            throw running.stopReason();
        }
        return rows;
    }

    /**
     * Refuses a copy that lost records while it was read.
     *
     * @param stillThere rows of {@code stocktake.copied_record} that the run has
     */
    public static void refuseUnlessWhole(long copied, long stillThere) {
        if (copied != stillThere) {
            throw new PageException(copied + " records were copied into stocktake.copied_record and " + stillThere
                    + " are still there; its database was probably restarted");
        }
    }

    private static long copy(RunInProgress running, Connection source, String out, Connection target, String in)
            throws SQLException {
        begin(source, running.run().prefix());
        begin(target, running.run().prefix());
        forget(target, running);
        CopyOut from = null;
        CopyIn to = null;
        try {
            from = copyOut(source, out);
            to = target.unwrap(PGConnection.class).getCopyAPI().copyIn(in);
            byte[] firstColumn = (running.id() + "\t").getBytes(StandardCharsets.US_ASCII);
            ByteArrayOutputStream chunk = new ByteArrayOutputStream(CHUNK_BYTES + 4096);
            long rows = 0;
            // a message holds exactly one row
            for (byte[] row = next(from); row != null && !running.isStopped(); row = next(from)) {
                chunk.writeBytes(firstColumn);
                chunk.writeBytes(row);
                rows++;
                if (chunk.size() >= CHUNK_BYTES) {
                    send(chunk, to);
                }
            }
            if (!running.isStopped()) {
                send(chunk, to);
                to.endCopy();
                target.commit();
            }
            return rows;
        } finally {
            end(to, target);
            end(from, source);
        }
    }

    static void begin(Connection connection, String prefix) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement settings = connection.prepareStatement(SETTINGS)) {
            settings.setString(1, prefix);
            settings.execute();
        }
    }

    /** Of an attempt before, whose commit may have been answered by nothing. */
    private static void forget(Connection target, RunInProgress running) throws SQLException {
        try (PreparedStatement delete =
                target.prepareStatement("DELETE FROM stocktake.copied_record WHERE run_id = ?")) {
            delete.setObject(1, running.id());
            delete.executeUpdate();
        }
    }

    static CopyOut copyOut(Connection source, String out) throws SQLException {
        try {
            return source.unwrap(PGConnection.class).getCopyAPI().copyOut(out);
        } catch (SQLException failure) {
            throw FromRecordsDatabase.marked(failure);
        }
    }

    static byte[] next(CopyOut from) throws SQLException {
        try {
            return from.readFromCopy();
        } catch (SQLException failure) {
            throw FromRecordsDatabase.marked(failure);
        }
    }

    private static void send(ByteArrayOutputStream chunk, CopyIn to) throws SQLException {
        to.writeToCopy(chunk.toByteArray(), 0, chunk.size());
        chunk.reset();
    }

    /** Leaves nothing under way, or closes the connection: what it throws would hide the reason. */
    static void end(CopyOperation copying, Connection connection) {
        try {
            if (copying != null && copying.isActive()) {
                copying.cancelCopy();
            }
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException broken) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException gone) {
                broken.addSuppressed(gone);
            }
        }
    }
}
