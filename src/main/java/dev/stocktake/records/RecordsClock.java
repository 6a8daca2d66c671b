package dev.stocktake.records;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The clock of the records database, by which the times of records are judged: as it was last read, and gone on since. */
public final class RecordsClock {
    private final Supplier<Instant> database;
    private final LongSupplier nanos;
    private volatile Reading last;

    /**
     * A clock.
     *
     * @param database asked only where the clock is needed before it was read
     * @param nanos that go on as time does
     */
    RecordsClock(Supplier<Instant> database, LongSupplier nanos) {
        this.database = database;
        this.nanos = nanos;
    }

    /** The clock of this database. */
    public static RecordsClock of(DataSource records) {
        JdbcClient database = JdbcClient.create(records);
        return new RecordsClock(
                () -> database.sql("SELECT clock_timestamp()")
                        .query(OffsetDateTime.class)
                        .single()
                        .toInstant(),
                System::nanoTime);
    }

    /** Takes what the database said a moment ago. */
    void read(Instant time) {
        last = new Reading(time, nanos.getAsLong());
    }

    Instant now() {
        if (last == null) {
            read(database.get());
        }
        Reading known = last;
        return known.time().plus(Duration.ofNanos(nanos.getAsLong() - known.nanos()));
    }

    private record Reading(Instant time, long nanos) {}
}
