package dev.stocktake.cleanup;

import dev.stocktake.cleanup.CleanupFile.Stage;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.failure.Explanation;
import dev.stocktake.run.Leases;
import dev.stocktake.run.RunActiveException;
import dev.stocktake.storage.Presence;
import dev.stocktake.storage.Quarantine;
import dev.stocktake.storage.Quarantine.Move;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Executes confirmed plans: moves their files into quarantine, or deletes them for good where that was confirmed. A file is
 * moved only as long as it is the very one of the plan, and no record names it: its copy is complete before it is deleted,
 * and it is put back where a record comes meanwhile. Whatever happens, it is at one of the two places at least.
 */
public final class Cleanups {
    private static final int BATCH = 50;
    private static final String CHANGED = "it was overwritten since the plan was made";

    private final Plans plans;
    private final Actions actions;
    private final Leases leases;
    private final Quarantine quarantine;
    private final Supplier<OrphanedRecords> orphanedRecords;
    private final Explanation explanation;

    /**
     * Cleans up at one bucket.
     *
     * @param orphanedRecords what the routes let happen to them now
     */
    public Cleanups(
            Plans plans,
            Actions actions,
            Leases leases,
            Quarantine quarantine,
            Supplier<OrphanedRecords> orphanedRecords,
            Explanation explanation) {
        this.plans = plans;
        this.actions = actions;
        this.leases = leases;
        this.quarantine = quarantine;
        this.orphanedRecords = orphanedRecords;
        this.explanation = explanation;
    }

    /**
     * Makes a plan of what could be cleaned up, for a person to review.
     *
     * @throws RefusedException with every reason against it
     */
    public MadePlan plan(PlanOrder order) {
        MadePlan made = order.kind() == Kind.ORPHANED_RECORD
                ? plans.make(order, actionOnRecords(), null, List.of())
                : plans.make(
                        order,
                        order.permanently() ? PlannedAction.DELETE : PlannedAction.QUARANTINE,
                        order.permanently() ? null : quarantine.place(),
                        quarantine.trial().objections());
        actions.ofPlan(made.plan(), order.madeBy(), "plan", null);
        return made;
    }

    private PlannedAction actionOnRecords() {
        return orphanedRecords
                .get()
                .action()
                .orElseThrow(() -> new RefusedException("Nothing may be done about orphaned records: the bean"
                        + " orphanedRecords of cleanup-records.camel.yaml says nothing. Fit its statements to your table,"
                        + " try them, and let it say delete or mark."));
    }

    /**
     * Begins to execute a plan, or goes on with an execution that was interrupted.
     *
     * @param confirmedBy who gave the plan's hash
     * @throws RefusedException with every reason against it
     */
    public CleanupInProgress begin(Plan plan, String confirmedBy) {
        CleanupInProgress cleanup = new CleanupInProgress(plan, confirmedBy, isConditional(plan));
        takeLease(cleanup);
        try {
            boolean begun = actions.isBegun(plan);
            if (actions.isEnded(plan)) {
                throw new RefusedException(
                        "Plan " + plan.id() + " was executed before, and a plan is used once: make another one.");
            }
            plans.refuseUnlessSound(plan, begun);
            actions.ofPlan(plan, confirmedBy, "confirm", begun ? "goes on after an interruption" : null);
        } catch (RuntimeException refused) {
            leases.release(cleanup);
            throw refused;
        }
        return cleanup;
    }

    private void takeLease(CleanupInProgress cleanup) {
        Plan plan = cleanup.plan();
        try {
            leases.takeAndKeep(cleanup, plan.bucket(), plan.prefix(), plan.runId(), plan.id());
        } catch (RunActiveException active) {
            throw new RefusedException(
                    "What a cleanup moves, or another run finds, would not hold meanwhile. " + active.getMessage());
        }
    }

    /**
     * Whether the store minds the condition of a deletion.
     *
     * @throws RefusedException when what is to be done about the items is not what can be done now
     */
    private boolean isConditional(Plan plan) {
        if (plan.isOfRecords()) {
            if (plan.action() != actionOnRecords()) {
                throw new RefusedException(
                        "Plan " + plan.id() + " is to " + plan.action().label().replace('_', ' ')
                                + "s, and cleanup-records.camel.yaml now says otherwise. Make another one.");
            }
            return false;
        }
        plan.refuseUnlessAt(quarantine.placeOf(plan.id()));
        Quarantine.Trial trial = quarantine.trial();
        if (!trial.objections().isEmpty()) {
            throw new RefusedException(trial.objections());
        }
        return trial.conditional();
    }

    /** The next items that nothing was done about; null when there are none, or it is to go no further. */
    public CleanupBatch next(CleanupInProgress cleanup) {
        synchronized (cleanup) {
            if (cleanup.stopReason() != null) {
                return null;
            }
            Plan plan = cleanup.plan();
            List<PlanItem> items = plans.open(plan, cleanup.handedOut(), BATCH);
            if (items.isEmpty()) {
                return null;
            }
            cleanup.handOut(items);
            return plan.isOfRecords() ? ofRecords(plan, items) : ofFiles(plan, items);
        }
    }

    private RecordBatch ofRecords(Plan plan, List<PlanItem> items) {
        Set<Long> saved = actions.saved(plan, items);
        return new RecordBatch(
                plan,
                items.stream()
                        .map(item -> CleanupRecord.of(item, saved.contains(item.number())))
                        .toList());
    }

    private FileBatch ofFiles(Plan plan, List<PlanItem> items) {
        return new FileBatch(
                plan,
                items.stream()
                        .map(item -> CleanupFile.of(
                                item,
                                new Move(
                                        item.storageKey(),
                                        plan.action() == PlannedAction.DELETE
                                                ? null
                                                : quarantine.keyOf(plan.id(), item.storageKey()),
                                        item.size(),
                                        item.etag())))
                        .toList());
    }

    /** The file with its copy in quarantine, where its content is still that of the plan. */
    public CleanupFile copy(CleanupInProgress cleanup, CleanupFile file) {
        if (cleanup.stopReason() != null) {
            return file;
        }
        if (!file.move().isIntoQuarantine()) {
            return file.at(Stage.READY, file.seen());
        }
        if (!quarantine.hasRoomFor(cleanup.plan().id(), file.move().key())) {
            return file.skipped("its key is so long that it has no room in front for the quarantine's");
        }
        try {
            quarantine.copyIn(file.move());
        } catch (NoSuchKeyException gone) {
            return absent(file);
        } catch (S3Exception refusal) {
            if (refusal.statusCode() == 412) {
                return file.skipped(CHANGED);
            }
            throw refusal;
        }
        cleanup.worked();
        return file.at(Stage.READY, file.seen());
    }

    private CleanupFile absent(CleanupFile file) {
        return quarantine.inside(file.move().quarantined()) instanceof Presence.Present inside
                        && inside.size() == file.item().size()
                ? file.at(Stage.MOVED, file.seen()).noting("was moved before an interruption")
                : file.skipped("it is gone");
    }

    private static boolean isOfPlan(Presence.Present outside, PlanItem item) {
        return outside.size() == item.size()
                && (item.etag() == null || item.etag().equals(outside.etag()))
                && outside.isOf(item.lastModified().toInstant());
    }

    /** The file outside only, because a record names it. */
    public CleanupFile drop(CleanupFile file) {
        return backOutside(file, "a record names it, or nearly so");
    }

    /** The file in quarantine only; outside only, where it is not the file of the plan any more. */
    public CleanupFile delete(CleanupInProgress cleanup, CleanupFile file) {
        if (cleanup.stopReason() != null) {
            return file;
        }
        if (!(quarantine.outside(file.move().key()) instanceof Presence.Present outside)) {
            return gone(file);
        }
        boolean conditional = cleanup.isConditional() && file.item().etag() != null;
        CleanupFile seen = file.at(file.stage(), file.seen().with(outside, conditional));
        // the condition knows the content only, and the same may have been uploaded again
        if (!isOfPlan(outside, file.item())) {
            return backOutside(seen, CHANGED);
        }
        try {
            quarantine.deleteOutside(file.move(), conditional);
        } catch (S3Exception refusal) {
            if (refusal.statusCode() != 412 && refusal.statusCode() != 404) {
                throw refusal;
            }
            return quarantine.outside(file.move().key()).isPresent() ? backOutside(seen, CHANGED) : gone(seen);
        }
        cleanup.worked();
        return file.move().isIntoQuarantine() ? seen.at(Stage.MOVED, seen.seen()) : seen.done();
    }

    /** It may be this very deletion whose answer was lost, so that the copy is all there is. */
    private static CleanupFile gone(CleanupFile file) {
        if (!file.move().isIntoQuarantine()) {
            return file.skipped("it is gone; an execution of this plan that was interrupted may have deleted it");
        }
        return file.at(Stage.MOVED, file.seen()).noting("was deleted outside after it was copied");
    }

    /** The file outside again: a record came while it was moved. */
    public CleanupFile putBack(CleanupFile file) {
        return backOutside(file, "a record that names it, or nearly so, came while it was moved; it was put back");
    }

    /** Deletes the copy only once there is something outside. */
    private CleanupFile backOutside(CleanupFile file, String why) {
        if (!file.move().isIntoQuarantine()) {
            return file.skipped(why);
        }
        if (!quarantine.outside(file.move().key()).isPresent()) {
            quarantine.copyOut(file.move());
        }
        quarantine.deleteInside(file.move().quarantined());
        return file.skipped(why);
    }

    /** The file in quarantine, where it stays. */
    public CleanupFile finish(CleanupFile file) {
        return file.done();
    }

    /** The file where it is now: it is left alone. */
    public CleanupFile fail(CleanupInProgress cleanup, CleanupFile file, Exception failure) {
        String reason = explanation.of(failure);
        cleanup.failed(reason, failure);
        return file.failed(reason);
    }

    /** Ends an execution: for good when nothing is left to do, else until it is gone on with. */
    public CleanupResult end(CleanupInProgress cleanup) {
        Plan plan = cleanup.plan();
        try {
            CleanupResult result = actions.result(plan, cleanup.stopReason());
            if (result.isWhole() && cleanup.stopReason() == null) {
                actions.ofPlan(plan, cleanup.confirmedBy(), "end", null);
            }
            return result;
        } finally {
            leases.release(cleanup);
        }
    }
}
