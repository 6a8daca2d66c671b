package dev.stocktake.records;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.function.LongSupplier;

/** The clock of the records database, by which the times of records are judged: as it was last read, and gone on since. */
public final class RecordsClock {
    private final LongSupplier nanos;
    private volatile Reading last;

    public RecordsClock() {
        this(System::nanoTime);
    }

    /** @param nanos that go on as time does */
    RecordsClock(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Takes what the database said a moment ago. */
    void read(Instant time) {
        last = new Reading(time, nanos.getAsLong());
    }

    /**
     * The time now.
     *
     * @param held a connection to the database; asked where the clock was not read yet, because whoever holds one must not wait
     *     for another
     */
    Instant now(Connection held) throws SQLException {
        if (last == null) {
            try (Statement statement = held.createStatement();
                    ResultSet time = statement.executeQuery("SELECT clock_timestamp()")) {
                time.next();
                read(time.getObject(1, OffsetDateTime.class).toInstant());
            }
        }
        Reading known = last;
        return known.time().plus(Duration.ofNanos(nanos.getAsLong() - known.nanos()));
    }

    private record Reading(Instant time, long nanos) {}
}
