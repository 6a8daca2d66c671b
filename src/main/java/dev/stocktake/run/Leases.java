package dev.stocktake.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
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
 * Keeps the lease of a run while the run lasts, and stops the run when its lease is lost: after that another process may
 * compare the same bucket. The lease of a dead process ends by itself after {@link #LENGTH}.
 */
public final class Leases {
    /** How long a lease lasts without being renewed. */
    static final Duration LENGTH = Duration.ofSeconds(45);

    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    private final JdbcClient database;
    private final ScheduledExecutorService clockwork;
    private final Set<Lease> held = ConcurrentHashMap.newKeySet();

    /**
     * Keeps leases in the results database.
     *
     * @param clockwork runs the renewals
     */
    public Leases(DataSource results, ScheduledExecutorService clockwork) {
        this.database = JdbcClient.create(results);
        this.clockwork = clockwork;
    }

    /** Renews the lease of the run until it is released. */
    public Lease keep(RunInProgress running) {
        Lease lease = new Lease(running);
        held.add(lease);
        return lease;
    }

    /** Renews all leases of this process now, as it happens every ten seconds. */
    void renewAll() {
        held.forEach(Lease::renew);
    }

    /** Lets the runs of this process end at their next turn. */
    public void stopRuns(RuntimeException reason) {
        held.forEach(lease -> lease.running.stop(reason));
    }

    /** Lets the next run begin at once, although runs of this process did not come to their end in time. */
    public void releaseAll() {
        Set.copyOf(held).forEach(this::release);
    }

    /** Lets the next run begin at once. */
    public void release(Lease lease) {
        held.remove(lease);
        lease.release();
    }

    /** The lease of one run. */
    public final class Lease {
        private final RunInProgress running;
        private final ScheduledFuture<?> renewals;
        private Instant heldUntil = Instant.now().plus(LENGTH);

        private Lease(RunInProgress running) {
            this.running = running;
            this.renewals = clockwork.scheduleWithFixedDelay(
                    this::renew, RENEWAL.toMillis(), RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
        }

        private synchronized void renew() {
            Instant asked = Instant.now();
            try {
                int renewed = database.sql("""
                                UPDATE stocktake.lease SET expires_at = now() + make_interval(secs => ?)
                                FROM stocktake.run WHERE run_id = run.id AND run.id = ? AND resumed = ?""")
                        .params(LENGTH.toSeconds(), running.id(), running.resumed())
                        .update();
                if (renewed == 1) {
                    heldUntil = asked.plus(LENGTH);
                } else {
                    running.stop(new LeaseLostException("another process has taken it over"));
                }
            } catch (DataAccessException failure) {
                LOG.warn("Could not renew the lease of run {}: {}", running.id(), failure.getMessage());
                if (Instant.now().isAfter(heldUntil)) {
                    running.stop(new LeaseLostException("the results database did not answer in time"));
                }
            }
        }

        private void release() {
            renewals.cancel(false);
            try {
                database.sql("""
                                DELETE FROM stocktake.lease USING stocktake.run
                                WHERE run_id = run.id AND run.id = ? AND resumed = ?""").params(running.id(), running.resumed()).update();
            } catch (DataAccessException failure) {
                LOG.warn(
                        "Could not release the lease of run {}, it ends by itself: {}",
                        running.id(),
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
