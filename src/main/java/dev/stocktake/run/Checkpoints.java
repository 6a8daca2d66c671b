package dev.stocktake.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.stocktake.compare.Checkpoint;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.Verified;
import dev.stocktake.json.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** How far the ranges of runs under way have come: {@code stocktake.range}. The routes store it, turn by turn. */
public final class Checkpoints {
    private final JdbcClient database;
    private final JdbcTemplate batches;
    private final TransactionTemplate transaction;

    public Checkpoints(DataSource results) {
        this.database = JdbcClient.create(results);
        this.batches = new JdbcTemplate(results);
        this.transaction = new TransactionTemplate(new DataSourceTransactionManager(results));
    }

    /** Where a run begins; what it had stored of an earlier plan, with its suspects and findings, is taken back. */
    public void begin(RunInProgress running, List<Cursor> ranges) {
        UUID id = running.id();
        transaction.executeWithoutResult(status -> {
            refuseUnlessStored(database.sql("""
                            SELECT 1 FROM stocktake.run
                            WHERE id = ? AND resumed = ? AND status = 'RUNNING' FOR SHARE""")
                    .params(id, running.resumed())
                    .query(Long.class)
                    .list()
                    .size());
            database.sql("DELETE FROM stocktake.range WHERE run_id = ?")
                    .param(id)
                    .update();
            database.sql("DELETE FROM stocktake.finding WHERE run_id = ?")
                    .param(id)
                    .update();
            batches.batchUpdate(
                    """
                    INSERT INTO stocktake.range (run_id, number, turn, closed, checkpoint)
                    VALUES (?, ?, ?, false, ?::json)""",
                    ranges.stream()
                            .map(range -> new Object[] {
                                id, range.range().number(), range.checkpoints(), json(range.checkpoint())
                            })
                            .toList());
        });
    }

    /** The ranges of the run as they were last stored, by their numbers; none of a run that has not begun. */
    public List<StoredRange> ranges(RunInProgress running) {
        return database.sql("SELECT number, turn, checkpoint FROM stocktake.range WHERE run_id = ? ORDER BY number")
                .param(running.id())
                .query(Checkpoints::toRange)
                .list();
    }

    /** The ranges that have suspects. */
    public List<SuspectedRange> suspectedRanges(RunInProgress running) {
        return database.sql("""
                        SELECT number, verification, verified FROM stocktake.range WHERE run_id = ? AND EXISTS (
                          SELECT FROM stocktake.suspect WHERE run_id = range.run_id AND range = range.number)
                        ORDER BY number""")
                .param(running.id())
                .query(Checkpoints::toSuspectedRange)
                .list();
    }

    /** What the ranges of the run brought together. */
    public Ledger ledger(RunInProgress running) {
        List<Entry> entries = database.sql("SELECT * FROM stocktake.range WHERE run_id = ?")
                .param(running.id())
                .query((row, number) -> new Entry(toRange(row, number), toSuspectedRange(row, number)))
                .list();
        return new Ledger(
                entries.stream().map(entry -> entry.compared().checkpoint()).toList(),
                entries.stream().map(entry -> entry.suspected().verified()).reduce(Verified.NONE, Verified::plus));
    }

    /** For the statement that stores it. */
    public static String json(Checkpoint checkpoint) {
        return Json.write(checkpoint);
    }

    /** For the statement that stores it. */
    public static String json(Verified verified) {
        return Json.write(verified);
    }

    /** The suspects of a cursor, column by column, for the statement that stores them. */
    public static SuspectColumns suspects(Cursor cursor) {
        return SuspectColumns.of(cursor.suspects());
    }

    /** The ranges that were cut off from a cursor as an array of rows, by column name. */
    public static String rests(Cursor cursor) {
        return Json.write(cursor.beginRests().stream()
                .map(rest -> new RangeRow(rest.range().number(), rest.checkpoint()))
                .toList());
    }

    /**
     * Goes on only when the statement found the range as this process had left it.
     *
     * @param stored 1, or 0 when somebody else has gone on with the run
     */
    public static void refuseUnlessStored(long stored) {
        if (stored != 1) {
            throw new Leases.LeaseLostException("another process has gone on with it");
        }
    }

    /**
     * A range as it was stored.
     *
     * @param turn of comparing, so far
     */
    public record StoredRange(int number, long turn, Checkpoint checkpoint) {}

    /** One range in the books. */
    private record Entry(StoredRange compared, SuspectedRange suspected) {}

    private record RangeRow(int number, Checkpoint checkpoint) {}

    private static StoredRange toRange(ResultSet row, int number) throws SQLException {
        return new StoredRange(
                row.getInt("number"), row.getLong("turn"), read(row.getString("checkpoint"), Checkpoint.class));
    }

    private static SuspectedRange toSuspectedRange(ResultSet row, int number) throws SQLException {
        String verified = row.getString("verified");
        return new SuspectedRange(
                row.getInt("number"),
                row.getLong("verification"),
                verified == null ? Verified.NONE : read(verified, Verified.class));
    }

    private static <T> T read(String json, Class<T> type) throws SQLException {
        try {
            return Json.MAPPER.readValue(json, type);
        } catch (JsonProcessingException unreadable) {
            throw new SQLException("A checkpoint cannot be read", unreadable);
        }
    }
}
