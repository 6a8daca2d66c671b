package dev.stocktake.cleanup;

import java.time.Duration;
import java.time.Instant;
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

/** Lets one run or cleanup at a time at a bucket and prefix: a cleanup holds the same lease as a run does. */
public final class CleanupLeases {
    private static final Duration LENGTH = Duration.ofSeconds(45);
    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(CleanupLeases.class);

    private final JdbcClient database;
    private final ScheduledExecutorService clockwork;
    private final Map<CleanupInProgress, Lease> held = new ConcurrentHashMap<>();

    /**
     * Keeps leases in the results database.
     *
     * @param clockwork runs the renewals
     */
    public CleanupLeases(DataSource results, ScheduledExecutorService clockwork) {
        this.database = JdbcClient.create(results);
        this.clockwork = clockwork;
    }

    /**
     * Takes the lease and renews it until it is released.
     *
     * @throws RefusedException when a run or another cleanup holds it
     */
    void take(CleanupInProgress cleanup) {
        Plan plan = cleanup.plan();
        UUID holder = UUID.randomUUID();
        int taken = database.sql("""
                        INSERT INTO stocktake.lease (bucket, prefix, run_id, plan_id, holder, expires_at)
                        VALUES (?, ?, ?, ?, ?, now() + make_interval(secs => ?))
                        ON CONFLICT (bucket, prefix) DO UPDATE SET run_id = excluded.run_id, plan_id = excluded.plan_id,
                          holder = excluded.holder, expires_at = excluded.expires_at
                        WHERE lease.expires_at < now()""")
                .params(plan.bucket(), plan.prefix(), plan.runId(), plan.id(), holder, LENGTH.toSeconds())
                .update();
        if (taken == 0) {
            throw new RefusedException("A run or another cleanup of the bucket \"" + plan.bucket()
                    + "\" is under way, and what it finds or moves would not hold; try again when it has ended.");
        }
        held.put(cleanup, new Lease(cleanup, holder));
    }

    /** Lets the next run or cleanup begin. */
    void release(CleanupInProgress cleanup) {
        Lease lease = held.remove(cleanup);
        if (lease != null) {
            lease.release();
        }
    }

    /** Lets the cleanups of this process go no further than what they are at. */
    public void stopAll(String reason) {
        held.keySet().forEach(cleanup -> cleanup.stop(reason));
    }

    private final class Lease {
        private final CleanupInProgress cleanup;
        private final UUID holder;
        private final ScheduledFuture<?> renewals;
        private Instant heldUntil = Instant.now().plus(LENGTH);

        Lease(CleanupInProgress cleanup, UUID holder) {
            this.cleanup = cleanup;
            this.holder = holder;
            this.renewals = clockwork.scheduleWithFixedDelay(
                    this::renew, RENEWAL.toMillis(), RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
        }

        private synchronized void renew() {
            Instant asked = Instant.now();
            try {
                int renewed = database.sql(
                                "UPDATE stocktake.lease SET expires_at = now() + make_interval(secs => ?) WHERE holder = ?")
                        .params(LENGTH.toSeconds(), holder)
                        .update();
                if (renewed == 1) {
                    heldUntil = asked.plus(LENGTH);
                } else {
                    cleanup.stop("its lease on the bucket was taken over by another process");
                }
            } catch (DataAccessException failure) {
                LOG.warn(
                        "Could not renew the lease of plan {}: {}",
                        cleanup.plan().id(),
                        failure.getMessage());
                if (Instant.now().isAfter(heldUntil)) {
                    cleanup.stop("the results database did not answer in time to keep its lease on the bucket");
                }
            }
        }

        void release() {
            renewals.cancel(false);
            try {
                database.sql("DELETE FROM stocktake.lease WHERE holder = ?")
                        .param(holder)
                        .update();
            } catch (DataAccessException failure) {
                LOG.warn(
                        "Could not release the lease of plan {}, it ends by itself: {}",
                        cleanup.plan().id(),
                        failure.getMessage());
            }
        }
    }
}
