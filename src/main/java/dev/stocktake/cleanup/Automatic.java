package dev.stocktake.cleanup;

import dev.stocktake.claim.Claims;
import dev.stocktake.claim.Standing;
import dev.stocktake.cleanup.Purges.Purge;
import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.run.Run;
import dev.stocktake.run.Trigger;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code AUTO_DELETE_ORPHANS} lets happen without anybody who confirms it, under all guards all the same. Whether it is
 * on is known here alone, so that no edited route switches it on.
 */
public final class Automatic {
    /** Who confirmed it. */
    public static final String SWITCH = "AUTO_DELETE_ORPHANS";

    private static final Logger LOG = LoggerFactory.getLogger(Automatic.class);

    private final boolean isOn;
    private final Duration age;
    private final Claims claims;
    private final Purges purges;

    /**
     * Switched on or off.
     *
     * @param age since files were modified and found first, before they are moved; and then again, before they are purged
     */
    public Automatic(boolean isOn, Duration age, Claims claims, Purges purges) {
        this.isOn = isOn;
        this.age = age;
        this.claims = claims;
        this.purges = purges;
    }

    /** Says loudly that it is on, where it is. */
    public void announce(String bucket) {
        if (isOn) {
            LOG.warn(
                    "AUTO_DELETE_ORPHANS IS ON: every scheduled run of the bucket \"{}\" moves the orphaned files that have"
                            + " been known and unchanged for {} days into quarantine, without anybody who confirms it, and"
                            + " deletes them for good {} days later",
                    bucket,
                    age.toDays(),
                    age.toDays());
        }
    }

    /**
     * Whether anything may follow a run by itself: only one of this process that is complete, and that nothing is odd about,
     * which is said in the log.
     */
    public boolean mayFollow(Run run) {
        boolean isComplete = isOn && run != null && run.trigger() == Trigger.SCHEDULE && run.isComplete();
        // as it ended: what somebody acknowledges meanwhile is for a person to go on with
        if (isComplete && !run.suspicions().isEmpty()) {
            LOG.error("Nothing was cleaned up by itself after run {}: it is suspicious", run.id());
            return false;
        }
        return isComplete;
    }

    /**
     * What is to be moved after a run.
     *
     * @param standing of the bucket's claims
     * @throws RefusedException when nothing may follow it
     */
    public PlanOrder order(Run run, Standing standing) {
        if (!mayFollow(run)) {
            throw new RefusedException("AUTO_DELETE_ORPHANS is off, or lets nothing follow the run.");
        }
        claims.objectionToAutomatic(standing).ifPresent(objection -> {
            throw new RefusedException(objection);
        });
        return new PlanOrder(
                Optional.of(run.id()),
                Kind.ORPHANED_FILE,
                false,
                "",
                Optional.empty(),
                OptionalLong.empty(),
                false,
                false,
                Optional.of(age),
                SWITCH);
    }

    /**
     * What is to be deleted for good; nothing when nothing may follow the run.
     *
     * @param standing of the bucket's claims
     */
    public Purge due(Run run, Standing standing) {
        // where it is not claimed, that was said of the order
        return mayFollow(run) && claims.objectionToAutomatic(standing).isEmpty() ? purges.due(age) : Purge.NOTHING;
    }
}
