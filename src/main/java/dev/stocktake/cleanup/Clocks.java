package dev.stocktake.cleanup;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The clocks that wrote the times by which a cleanup judges ages. */
public final class Clocks {
    private static final Duration TOLD = Duration.ofMinutes(1);
    private static final Duration REFUSED = Duration.ofHours(1);
    private static final Logger LOG = LoggerFactory.getLogger(Clocks.class);

    private final JdbcClient records;
    private final JdbcClient results;
    private final Clock host;

    public Clocks(DataSource records, DataSource results, Clock host) {
        this.records = JdbcClient.create(records);
        this.results = JdbcClient.create(results);
        this.host = host;
    }

    /** Of this machine. */
    Instant host() {
        return host.instant();
    }

    /** Of the records database. */
    Instant records() {
        return time(records);
    }

    /**
     * Compares all of them. What is over a minute apart is told in the log.
     *
     * @param store its time a moment ago; null where it does not tell
     * @return one sentence where two are over an hour apart, so that no age can be told
     */
    List<String> objections(Instant store) {
        Map<String, Instant> times = new LinkedHashMap<>();
        times.put("this machine", host.instant());
        times.put("the results database", time(results));
        times.put("the records database", time(records));
        if (store != null) {
            times.put("the store", store);
        }
        Map.Entry<String, Instant> first = null;
        Map.Entry<String, Instant> last = null;
        for (Map.Entry<String, Instant> each : times.entrySet()) {
            first = first == null || each.getValue().isBefore(first.getValue()) ? each : first;
            last = last == null || each.getValue().isAfter(last.getValue()) ? each : last;
        }
        Duration apart = Duration.between(first.getValue(), last.getValue());
        String told = "The clock of " + first.getKey() + " says " + seconds(first) + " and that of " + last.getKey()
                + " " + seconds(last);
        if (apart.compareTo(REFUSED) > 0) {
            return List.of(told + ", more than an hour apart, so that nobody can tell how old a file is. Set them.");
        }
        if (apart.compareTo(TOLD) > 0) {
            LOG.warn("{}, more than a minute apart; set them", told);
        }
        return List.of();
    }

    private static Instant seconds(Map.Entry<String, Instant> time) {
        return time.getValue().truncatedTo(ChronoUnit.SECONDS);
    }

    private static Instant time(JdbcClient database) {
        return database.sql("SELECT clock_timestamp()")
                .query(OffsetDateTime.class)
                .single()
                .toInstant();
    }
}
