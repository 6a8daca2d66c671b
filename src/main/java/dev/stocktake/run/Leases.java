package dev.stocktake.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

/**
 * Lets one run or cleanup at a time at a bucket and prefix, and stops it when its lease is lost: after that another process
 * may be at work there. The lease of a dead process ends by itself after {@link #LENGTH}.
 */
public final class Leases {
    /** How long a lease lasts without being renewed. */
    static final Duration LENGTH = Duration.ofSeconds(45);

    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    private final JdbcClient database;
    private final ScheduledExecutorService clockwork;
    private final Map<LeaseHolder, Lease> held = new ConcurrentHashMap<>();

    /**
     * Keeps leases in the results database.
     *
     * @param clockwork runs the renewals
     */
    public Leases(DataSource results, ScheduledExecutorService clockwork) {
        this.database = JdbcClient.create(results);
        this.clockwork = clockwork;
    }

    /**
     * Takes a lease.
     *
     * @param planId of the cleanup that takes it; null where it is a run
     * @param holder whoever takes it, and no other
     * @throws RunActiveException when it is held
     */
    static void take(JdbcClient database, String bucket, String prefix, UUID runId, UUID planId, UUID holder) {
        // the database's clock, which all processes share
        int taken = database.sql("""
                        INSERT INTO stocktake.lease (bucket, prefix, run_id, plan_id, holder, expires_at)
                        VALUES (?, ?, ?, ?, ?, now() + make_interval(secs => ?))
                        ON CONFLICT (bucket, prefix) DO UPDATE
                        SET run_id = excluded.run_id, plan_id = excluded.plan_id, holder = excluded.holder,
                          expires_at = excluded.expires_at
                        WHERE lease.expires_at < now()""")
                .params(bucket, prefix, runId, planId, holder, LENGTH.toSeconds())
                .update();
        if (taken == 0) {
            throw database.sql("SELECT run_id, plan_id FROM stocktake.lease WHERE bucket = ? AND prefix = ?")
                    .params(bucket, prefix)
                    .query((row, number) -> new RunActiveException(
                            bucket, prefix, row.getObject("run_id", UUID.class), row.getObject("plan_id", UUID.class)))
                    .optional()
                    .orElseGet(() -> new RunActiveException(bucket, prefix, null, null));
        }
    }

    /**
     * Takes a lease for a cleanup and renews it until it is released.
     *
     * @throws RunActiveException when it is held
     */
    public void takeAndKeep(LeaseHolder cleanup, String bucket, String prefix, UUID runId, UUID planId) {
        take(database, bucket, prefix, runId, planId, cleanup.holder());
        keep(cleanup);
    }

    /** Renews a lease that was taken until it is released. */
    public void keep(LeaseHolder holder) {
        held.put(holder, new Lease(holder));
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
        private Instant heldUntil = Instant.now().plus(LENGTH);

        private Lease(LeaseHolder holder) {
            this.holder = holder;
            this.renewals = clockwork.scheduleWithFixedDelay(
                    this::renew, RENEWAL.toMillis(), RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
        }

        private synchronized void renew() {
            Instant asked = Instant.now();
            try {
                int renewed = database.sql(
                                "UPDATE stocktake.lease SET expires_at = now() + make_interval(secs => ?) WHERE holder = ?")
                        .params(LENGTH.toSeconds(), holder.holder())
                        .update();
                if (renewed == 1) {
                    heldUntil = asked.plus(LENGTH);
                } else {
                    holder.leaseLost("another process has taken it over");
                }
            } catch (DataAccessException failure) {
                LOG.warn("Could not renew the lease of {}: {}", holder.called(), failure.getMessage());
                if (Instant.now().isAfter(heldUntil)) {
                    holder.leaseLost("the results database did not answer in time");
                }
            }
        }

        private void release() {
            renewals.cancel(false);
            try {
                database.sql("DELETE FROM stocktake.lease WHERE holder = ?")
                        .param(holder.holder())
                        .update();
            } catch (DataAccessException failure) {
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
