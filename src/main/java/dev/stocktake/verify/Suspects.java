package dev.stocktake.verify;

import dev.stocktake.compare.Finding;
import dev.stocktake.run.RunInProgress;
import dev.stocktake.run.SuspectedRange;
import dev.stocktake.storage.StoreTraits;
import dev.stocktake.verify.SuspectBatch.StoredSuspect;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The suspects of {@code stocktake.suspect}, a batch at a time. */
public final class Suspects {
    /** Objects behind a key that one page of the listing surely reaches, even if some have come in between. */
    private static final int REACH_OF_A_PAGE = 900;

    /** At AWS a list request costs as much as twelve HEAD requests. */
    private static final int HEADS_OF_A_PAGE = 12;

    private static final int LARGEST_BATCH = 1000;
    private static final int LARGEST_SPARSE_BATCH = 100;

    private final JdbcClient database;
    private final Duration settlePeriod;

    /** Gives them out when they have been suspects for so long. */
    public Suspects(DataSource results, Duration settlePeriod) {
        this.database = JdbcClient.create(results);
        this.settlePeriod = settlePeriod;
    }

    /** The next suspects of a range that have settled, from the first that is not verified. */
    public SuspectBatch next(RunInProgress running, SuspectedRange range, StoreTraits store) {
        List<StoredSuspect> next = database.sql("""
                        SELECT * FROM stocktake.suspect
                        WHERE run_id = ? AND range = ? AND seen_at <= now() - make_interval(secs => ?)
                        ORDER BY id LIMIT ?""")
                .params(running.id(), range.number(), settlePeriod.toMillis() / 1000.0, LARGEST_BATCH)
                .query(Suspects::toSuspect)
                .list();
        List<StoredSuspect> inReach = next.stream()
                .takeWhile(suspect -> suspect.place() <= next.get(0).place() + REACH_OF_A_PAGE)
                .toList();
        boolean dense = store.listing() == StoreTraits.Listing.START_AFTER && inReach.size() > HEADS_OF_A_PAGE;
        return new SuspectBatch(
                range, dense ? inReach : next.subList(0, Math.min(next.size(), LARGEST_SPARSE_BATCH)), dense);
    }

    /**
     * Whether there is something left to verify.
     *
     * @param body the batch; anything else after a turn that failed
     */
    public boolean isOpen(RunInProgress running, Object body) {
        return !running.isStopped() && body instanceof SuspectBatch batch && !batch.isEmpty();
    }

    private static StoredSuspect toSuspect(ResultSet row, int number) throws SQLException {
        long size = row.getLong("size");
        Long sizeOrNull = row.wasNull() ? null : size;
        OffsetDateTime lastModified = row.getObject("last_modified", OffsetDateTime.class);
        return new StoredSuspect(
                row.getLong("id"),
                new Finding(
                        Finding.Kind.of(row.getString("kind")).orElseThrow(),
                        row.getString("storage_key"),
                        row.getString("record_id"),
                        sizeOrNull,
                        row.getString("etag"),
                        lastModified == null ? null : lastModified.toInstant()),
                row.getLong("place"));
    }
}
