package dev.stocktake.run;

import dev.stocktake.progress.Moment;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets one run at a time at a bucket and prefix, and nobody else wherever files are moved, and stops whoever has lost its
 * lease: after that another process may be at work there. The lease of a dead process ends by itself after {@link #LENGTH}.
 */
public final class Leases {
    /** How long a lease lasts without being renewed. */
    static final Duration LENGTH = Duration.ofSeconds(45);

    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private final ScheduledExecutorService clockwork;
    private final Map<LeaseHolder, Lease> held = new ConcurrentHashMap<>();
    /** Holders of which the database may still have a lease that nobody here has: an answer was lost. */
    private final Set<UUID> abandoned = ConcurrentHashMap.newKeySet();

    /**
     * Keeps leases in the results database.
     *
     * @param clockwork runs the renewals
     */
    public Leases(DataSource results, ScheduledExecutorService clockwork) {
        this.database = JdbcClient.create(results);
        this.transaction = new TransactionTemplate(new DataSourceTransactionManager(results));
        this.clockwork = clockwork;
    }

    /**
     * What a lease is taken for. Runs exclude each other at the same prefix; whatever moves files excludes everybody else at
     * every prefix that overlaps its own.
     */
    public enum Work {
        RUN,
        CLEANUP,
        RESTORE,
        PURGE;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Where a lease is taken, and what for.
     *
     * @param runId of the run that takes it or whose findings led here; null where there is none
     * @param planId of the plan that is executed or undone; null where there is none
     */
    public record Claimed(Work work, String bucket, String prefix, UUID runId, UUID planId) {}

    /**
     * Takes a lease, within a transaction.
     *
     * @param holder whoever takes it, and no other
     * @throws RunActiveException when it is held
     */
    static void take(JdbcClient database, Claimed claimed, UUID holder) {
        // rows of other prefixes cannot collide by their key
        database.sql("SELECT pg_advisory_xact_lock(hashtextextended('stocktake.lease ' || ?, 0))")
                .param(claimed.bucket())
                .query((row, number) -> number)
                .list();
        // the database's clock, which all processes share
        database.sql("""
                        SELECT work, bucket, prefix, run_id, plan_id, expires_at,
                          extract(epoch FROM expires_at - clock_timestamp()) AS seconds_left
                        FROM stocktake.lease
                        WHERE bucket = :bucket AND expires_at >= clock_timestamp()
                          AND (prefix = :prefix OR ((work <> 'run' OR :work <> 'run')
                            AND (starts_with(prefix, :prefix) OR starts_with(:prefix, prefix))))
                        LIMIT 1""")
                .param("bucket", claimed.bucket())
                .param("prefix", claimed.prefix())
                .param("work", claimed.work().label())
                .query((row, number) -> new RunActiveException(
                        new Claimed(
                                Work.valueOf(row.getString("work").toUpperCase(Locale.ROOT)),
                                row.getString("bucket"),
                                row.getString("prefix"),
                                row.getObject("run_id", UUID.class),
                                row.getObject("plan_id", UUID.class)),
                        row.getObject("expires_at", OffsetDateTime.class).toInstant(),
                        Duration.ofSeconds(row.getLong("seconds_left"))))
                .optional()
                .ifPresent(active -> {
                    throw active;
                });
        database.sql("""
                        INSERT INTO stocktake.lease (bucket, prefix, run_id, plan_id, holder, work, expires_at)
                        VALUES (?, ?, ?, ?, ?, ?, clock_timestamp() + make_interval(secs => ?))
                        ON CONFLICT (bucket, prefix) DO UPDATE
                        SET run_id = excluded.run_id, plan_id = excluded.plan_id, holder = excluded.holder,
                          work = excluded.work, expires_at = excluded.expires_at""")
                .params(
                        claimed.bucket(),
                        claimed.prefix(),
                        claimed.runId(),
                        claimed.planId(),
                        holder,
                        claimed.work().label(),
                        LENGTH.toSeconds())
                .update();
    }

    /**
     * Takes a lease for what moves files, and renews it until it is released.
     *
     * @throws RunActiveException when it is held
     */
    public void takeAndKeep(LeaseHolder holder, Claimed claimed) {
        Moment asked = Moment.now();
        Set<UUID> own = Set.copyOf(abandoned);
        try {
            transaction.executeWithoutResult(status -> {
                delete(own);
                take(database, claimed, holder.holder());
            });
        } catch (DataAccessException | TransactionException unknown) {
            abandoned.add(holder.holder());
            throw unknown;
        }
        abandoned.removeAll(own);
        held.put(holder, new Lease(holder, asked));
    }

    private void delete(Set<UUID> holders) {
        if (!holders.isEmpty()) {
            database.sql("DELETE FROM stocktake.lease WHERE holder IN (:holders)")
                    .param("holders", holders)
                    .update();
        }
    }

    /** Renews a lease that was taken until it is released. */
    public void keep(LeaseHolder holder) {
        held.put(holder, new Lease(holder, Moment.now()));
    }

    /**
     * How long nobody else can be at work where this one is; zero where its lease may have ended, or another process has it. A
     * lease that has little time left is renewed first.
     */
    public Duration left(LeaseHolder holder) {
        Lease lease = held.get(holder);
        return lease == null ? Duration.ZERO : lease.left();
    }

    /** Renews all leases of this process now, as it happens every ten seconds. */
    void renewAll() {
        held.values().forEach(Lease::renew);
    }

    /** Lets the runs and cleanups of this process end at their next turn. */
    public void stopAll() {
        held.keySet().forEach(LeaseHolder::shutDown);
    }

    /** Lets the next run or cleanup begin at once, although those of this process did not come to their end in time. */
    public void releaseAll() {
        List.copyOf(held.keySet()).forEach(this::release);
    }

    /** Lets the next run or cleanup begin at once. */
    public void release(LeaseHolder holder) {
        Lease lease = held.remove(holder);
        if (lease != null) {
            lease.release();
        }
    }

    private final class Lease {
        private final LeaseHolder holder;
        private final ScheduledFuture<?> renewals;
        private volatile Moment renewedAt;
        private volatile boolean lost;

        private Lease(LeaseHolder holder, Moment takenAt) {
            this.holder = holder;
            this.renewedAt = takenAt;
            this.renewals = clockwork.scheduleWithFixedDelay(
                    this::renew, RENEWAL.toMillis(), RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
        }

        private Duration left() {
            Duration left = untilItEnds();
            if (!lost && left.compareTo(LENGTH.minus(RENEWAL.multipliedBy(2))) < 0) {
                // the process was held up, or the database was
                renew();
                left = untilItEnds();
            }
            return lost || left.isNegative() ? Duration.ZERO : left;
        }

        private Duration untilItEnds() {
            return LENGTH.minus(renewedAt.passed());
        }

        private synchronized void renew() {
            Moment asked = Moment.now();
            try {
                int renewed = database.sql(
                                "UPDATE stocktake.lease SET expires_at = now() + make_interval(secs => ?) WHERE holder = ?")
                        .params(LENGTH.toSeconds(), holder.holder())
                        .update();
                if (renewed == 1) {
                    renewedAt = asked;
                } else {
                    lost = true;
                    holder.leaseLost("another process has taken it over");
                }
            } catch (DataAccessException failure) {
                LOG.warn("Could not renew the lease of {}: {}", holder.called(), failure.getMessage());
                if (untilItEnds().isNegative()) {
                    lost = true;
                    holder.leaseLost("the results database did not answer in time");
                }
            }
        }

        private void release() {
            renewals.cancel(false);
            try {
                delete(Set.of(holder.holder()));
            } catch (DataAccessException failure) {
                abandoned.add(holder.holder());
                LOG.warn(
                        "Could not release the lease of {}, it ends by itself: {}",
                        holder.called(),
                        failure.getMessage());
            }
        }
    }

    /** The run may no longer assume that it is alone. */
    static final class LeaseLostException extends RuntimeException {
        private static final long serialVersionUID = 1;

        LeaseLostException(String reason) {
            super("The run lost its lease on the bucket: " + reason + ".");
        }
    }
}
