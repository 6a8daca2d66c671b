package dev.stocktake.cleanup;

import dev.stocktake.claim.Claims;
import dev.stocktake.claim.Hold;
import dev.stocktake.claim.Standing;
import dev.stocktake.cleanup.CleanupFile.Stage;
import dev.stocktake.cleanup.Plan.Place;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.failure.Explanation;
import dev.stocktake.json.Json;
import dev.stocktake.run.Leases;
import dev.stocktake.run.Leases.Claimed;
import dev.stocktake.run.Leases.Work;
import dev.stocktake.run.RunActiveException;
import dev.stocktake.storage.Conditions;
import dev.stocktake.storage.Presence;
import dev.stocktake.storage.Quarantine;
import dev.stocktake.storage.Quarantine.Back;
import dev.stocktake.storage.Quarantine.Move;
import dev.stocktake.storage.Quarantine.Trial;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Executes confirmed plans: moves their files into quarantine, or deletes them for good where that was confirmed. A file is
 * moved only as long as it is the very one of the plan, and no record names it: its copy is complete before it is deleted,
 * and it is put back where a record comes meanwhile. No copy is ever deleted here, so that whatever happens, and whoever else
 * is at work, a file is at one of the two places at least.
 */
public final class Cleanups {
    private static final int BATCH = 50;
    private static final String CHANGED = "it was overwritten since the plan was made";
    private static final String COMPARED = "copied without a condition, and compared before and after";
    private static final String ACCEPTABLE =
            " upload in the same instant can be lost. If that is acceptable, make a plan with"
                    + " --accept-unconditional ";
    private static final String NAMED = "a record names it, or nearly so";

    private final Plans plans;
    private final Actions actions;
    private final Leases leases;
    private final Claims claims;
    private final Quarantine quarantine;
    private final NewerFiles newerFiles;
    private final Clocks clocks;
    private final Place place;
    private final Duration settlePeriod;
    private final Supplier<OrphanedRecords> orphanedRecords;
    private final Explanation explanation;

    /**
     * Cleans up at one bucket.
     *
     * @param place where its files are
     * @param settlePeriod after which the records are asked once more about files that were moved
     * @param orphanedRecords what the routes let happen to them now
     */
    public Cleanups(
            Plans plans,
            Actions actions,
            Leases leases,
            Claims claims,
            Quarantine quarantine,
            NewerFiles newerFiles,
            Clocks clocks,
            Place place,
            Duration settlePeriod,
            Supplier<OrphanedRecords> orphanedRecords,
            Explanation explanation) {
        this.plans = plans;
        this.actions = actions;
        this.leases = leases;
        this.claims = claims;
        this.quarantine = quarantine;
        this.newerFiles = newerFiles;
        this.clocks = clocks;
        this.place = place;
        this.settlePeriod = settlePeriod;
        this.orphanedRecords = orphanedRecords;
        this.explanation = explanation;
    }

    /**
     * Makes a plan of what could be cleaned up, for a person to review.
     *
     * @param trial of the store; null for records
     * @param standing of the bucket's claims; null for records
     * @throws RefusedException with every reason against it
     */
    public MadePlan plan(PlanOrder order, Trial trial, Standing standing) {
        refuseUnlessTried(order.isOfRecords(), trial, standing);
        MadePlan made = plans.make(order, order.isOfRecords() ? ofRecords() : ofFiles(order, trial, standing));
        actions.ofPlan(made.plan(), order.madeBy(), "plan", null);
        return made;
    }

    /** Routes are edited. */
    private static void refuseUnlessTried(boolean isOfRecords, Trial trial, Standing standing) {
        if (!isOfRecords && (trial == null || standing == null)) {
            throw new RefusedException(
                    "The store was not tried, or the bucket's claim not looked at: the routes make-plan and"
                            + " begin-plan must go by direct:try-store and direct:look-at-claim.");
        }
    }

    private Plans.Terms ofRecords() {
        return new Plans.Terms(actionOnRecords(), place, List.of(), clocks.records());
    }

    private Plans.Terms ofFiles(PlanOrder order, Trial trial, Standing standing) {
        List<String> objections = new ArrayList<>(trial.objections());
        objections.addAll(Claims.objections(standing));
        trial.conditions()
                .risk()
                .filter(risk -> trial.objections().isEmpty() && !order.acceptsUnconditional())
                .ifPresent(risk -> objections.add(
                        risk + ". If that is acceptable, say --accept-unconditional " + place.bucket() + "."));
        return new Plans.Terms(
                order.permanently() ? PlannedAction.DELETE : PlannedAction.QUARANTINE,
                place,
                objections,
                trial.clock() == null ? clocks.host() : trial.clock());
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
     * Has the store show how it moves files.
     *
     * @param plan of files that is to be executed; null before one is made
     * @throws S3Exception when the store cannot say now, and may later
     */
    public Trial trial(Plan plan) {
        return quarantine.trial(place.prefix(), plan != null && plans.hasLarger(plan, quarantine.largestWhole()));
    }

    /**
     * Begins to execute a plan, or goes on with an execution that was interrupted.
     *
     * @param confirmedBy who gave the plan's hash
     * @param trial of the store; null for records
     * @param standing of the bucket's claims; null for records
     * @param claimed the bucket's name, where somebody claims it: no other database may reference files there; null where
     *     nobody does
     * @throws RefusedException with every reason against it
     */
    public CleanupInProgress begin(Plan plan, String confirmedBy, Trial trial, Standing standing, String claimed) {
        refuseUnlessTried(plan.isOfRecords(), trial, standing);
        List<String> refusals = new ArrayList<>(plan.objectionsAt(place));
        Conditions conditions = conditions(plan, trial, refusals);
        Hold hold = plan.isOfRecords() ? null : claims.prepare(standing, claimed);
        if (hold != null) {
            refusals.addAll(hold.refusals());
        }
        OffsetDateTime begunAt = actions.begunAt(plan);
        CleanupInProgress cleanup = new CleanupInProgress(plan, confirmedBy, conditions, hold, begunAt != null, leases);
        takeLease(cleanup);
        try {
            if (actions.isEnded(plan)) {
                throw new RefusedException(
                        "Plan " + plan.id() + " was executed before, and a plan is used once: make another one.");
            }
            // again: another process may have begun it right before
            OffsetDateTime firstBegunAt = actions.begunAt(plan);
            refusals.addAll(plans.against(plan, firstBegunAt));
            if (!refusals.isEmpty()) {
                throw new RefusedException(refusals);
            }
            if (hold != null) {
                hold.take(confirmedBy).ifPresent(refusal -> {
                    throw new RefusedException(refusal);
                });
            }
            if (plan.quarantine() != null) {
                quarantine.mark(plan.id(), Json.write(plan));
            }
            actions.ofPlan(plan, confirmedBy, "confirm", firstBegunAt == null ? null : "goes on after an interruption");
        } catch (RuntimeException refused) {
            cleanup.release();
            throw refused;
        }
        return cleanup;
    }

    private void takeLease(CleanupInProgress cleanup) {
        Plan plan = cleanup.plan();
        try {
            leases.takeAndKeep(
                    cleanup, new Claimed(Work.CLEANUP, plan.bucket(), plan.prefix(), plan.runId(), plan.id()));
        } catch (RunActiveException active) {
            throw new RefusedException(
                    "What a cleanup moves, or another run finds, would not hold meanwhile. " + active.getMessage());
        }
    }

    /** Which conditions the store minds; what is against the plan now is added to the refusals. */
    private Conditions conditions(Plan plan, Trial trial, List<String> refusals) {
        if (plan.isOfRecords()) {
            refusals.addAll(clocks.objections(null));
            if (plan.action() != actionOnRecords()) {
                refusals.add(
                        "Plan " + plan.id() + " is to " + plan.action().label().replace('_', ' ')
                                + "s, and cleanup-records.camel.yaml now says otherwise. Make another one.");
            }
            return null;
        }
        refusals.addAll(trial.objections());
        refusals.addAll(clocks.objections(trial.clock()));
        trial.conditions()
                .risk()
                .filter(risk -> trial.objections().isEmpty() && !plan.unconditional())
                .ifPresent(risk ->
                        refusals.add(risk + ", and plan " + plan.id() + " does not accept that. Make another one."));
        return trial.conditions();
    }

    /**
     * The next items that nothing was done about, or files that were moved and are to be looked at once more, for which it
     * waits; null when there are none, or it is to go no further.
     */
    public CleanupBatch next(CleanupInProgress cleanup) throws InterruptedException {
        synchronized (cleanup) {
            while (cleanup.stopReason() == null) {
                FileBatch settled = cleanup.takeSettled();
                if (settled != null) {
                    return settled;
                }
                CleanupBatch open = nextOpen(cleanup);
                if (open != null) {
                    return open;
                }
                CleanupInProgress.Settling settling = cleanup.nextSettling();
                if (settling == null) {
                    return null;
                }
                // whoever stops it wakes this thread
                TimeUnit.NANOSECONDS.timedWait(cleanup, Math.max(1, settling.dueAt() - System.nanoTime()));
            }
            return null;
        }
    }

    private CleanupBatch nextOpen(CleanupInProgress cleanup) {
        Plan plan = cleanup.plan();
        List<PlanItem> items = plans.open(plan, cleanup.handedOut(), BATCH);
        if (!items.isEmpty()) {
            cleanup.handOut(items);
            return plan.isOfRecords() ? ofRecords(plan, items) : ofFiles(plan, items, CleanupFile::of, false);
        }
        if (cleanup.goesOn() && plan.action() == PlannedAction.QUARANTINE) {
            // nobody knows which of them the execution before this one had looked at again
            List<PlanItem> moved = plans.moved(plan, cleanup.lookedAtAgain(), BATCH);
            if (!moved.isEmpty()) {
                cleanup.lookAgain(moved);
                return ofFiles(plan, moved, CleanupFile::ofMoved, true);
            }
        }
        return null;
    }

    private RecordBatch ofRecords(Plan plan, List<PlanItem> items) {
        Set<Long> saved = actions.saved(plan, items);
        return new RecordBatch(
                plan,
                items.stream()
                        .map(item -> CleanupRecord.of(item, saved.contains(item.number())))
                        .toList());
    }

    private FileBatch ofFiles(
            Plan plan, List<PlanItem> items, BiFunction<PlanItem, Move, CleanupFile> file, boolean settled) {
        return new FileBatch(
                plan,
                items.stream().map(item -> file.apply(item, move(plan, item))).toList(),
                settled);
    }

    private Move move(Plan plan, PlanItem item) {
        return new Move(
                item.storageKey(),
                plan.action() == PlannedAction.DELETE ? null : quarantine.keyOf(plan.id(), item.storageKey()),
                item.size(),
                item.etag());
    }

    /** The file with its copy in quarantine, where its content is still that of the plan. */
    public CleanupFile copy(CleanupInProgress cleanup, CleanupFile file) {
        if (cleanup.isStopped()) {
            return file;
        }
        if (!file.move().isIntoQuarantine()) {
            return file.at(Stage.READY, file.seen());
        }
        if (!quarantine.hasRoomFor(cleanup.plan().id(), file.move().key())) {
            return file.skipped("its key is so long that it has no room in front for the quarantine's");
        }
        Optional<String> stuck = couldNotComeBack(cleanup, file.item());
        if (stuck.isPresent()) {
            return file.skipped(stuck.get());
        }
        if (!cleanup.conditions().copySource() || file.item().etag() == null) {
            return compared(cleanup, file, COMPARED);
        }
        try {
            quarantine.copyIn(file.move(), cleanup.conditions());
        } catch (S3Exception refusal) {
            if (refusal.statusCode() != 412 && refusal.statusCode() != 404) {
                throw refusal;
            }
            if (!(quarantine.outside(file.move().key()) instanceof Presence.Present there)) {
                return absent(cleanup.plan(), file);
            }
            if (refusal.statusCode() == 404) {
                throw refusal;
            }
            if (!isOfPlan(there, file.item())) {
                return file.skipped(CHANGED);
            }
            return compared(
                    cleanup,
                    file,
                    COMPARED + ", because the store takes the ETag that it gave it for that of another file");
        }
        cleanup.worked();
        return file.at(Stage.READY, file.seen());
    }

    /** What is too large to be copied at once comes back in another way, which a store may not know. */
    private Optional<String> couldNotComeBack(CleanupInProgress cleanup, PlanItem item) {
        if (!quarantine.isCopiedInParts(item.size())) {
            return Optional.empty();
        }
        return switch (cleanup.conditions().parts()) {
            case CONDITIONAL -> Optional.empty();
            case UNCONDITIONAL ->
                cleanup.plan().unconditional()
                        ? Optional.empty()
                        : Optional.of(
                                "it is too large to be copied at once, and the store cannot bring such a file back only"
                                        + " where there is none: an" + ACCEPTABLE + place.bucket());
            case IMPOSSIBLE ->
                Optional.of("it is too large to be copied at once, and the store cannot bring such a file back");
        };
    }

    /** Copied without a condition, where it is the file of the plan before and after that. */
    private CleanupFile compared(CleanupInProgress cleanup, CleanupFile file, String how) {
        // another file may stand there, and the copy of the one of the plan where this would be copied to
        if (!(quarantine.outside(file.move().key()) instanceof Presence.Present before)) {
            return absent(cleanup.plan(), file);
        }
        if (!isOfPlan(before, file.item())) {
            return file.skipped(CHANGED);
        }
        try {
            quarantine.copyIn(file.move(), cleanup.conditions().withoutCopySource());
        } catch (NoSuchKeyException gone) {
            return absent(cleanup.plan(), file);
        }
        if (!(quarantine.outside(file.move().key()) instanceof Presence.Present after)
                || !isOfPlan(after, file.item())) {
            return file.skipped(CHANGED);
        }
        cleanup.worked();
        return file.at(Stage.READY, file.seen()).remarking(how);
    }

    private CleanupFile absent(Plan plan, CleanupFile file) {
        if (!(quarantine.inside(file.move().quarantined()) instanceof Presence.Present inside)
                || inside.size() != file.item().size()) {
            return file.skipped("it is gone");
        }
        // a record that comes would get an older file back than the application uploaded last
        return newerFiles
                .movedBy(plan, file.item())
                .map(newer -> file.skipped(
                        "it is gone, and so is a newer one that plan " + newer + " moved; this one is in quarantine"))
                .orElseGet(() -> file.at(Stage.MOVED, file.seen()).noting("was moved before an interruption"));
    }

    private static boolean isOfPlan(Presence.Present outside, PlanItem item) {
        return outside.size() == item.size()
                && (item.etag() == null || outside.etag() == null || item.etag().equals(outside.etag()))
                && outside.isOf(item.lastModified().toInstant());
    }

    /** The file left where it is, because a record names it; its copy stays until it is purged. */
    public CleanupFile drop(CleanupFile file) {
        return file.skipped(named(file));
    }

    /** The file in quarantine only; left where it is, where it is not the file of the plan any more. */
    public CleanupFile delete(CleanupInProgress cleanup, CleanupFile file) {
        if (cleanup.isStopped()) {
            return file;
        }
        if (!(quarantine.outside(file.move().key()) instanceof Presence.Present outside)) {
            return gone(file);
        }
        String etag = file.item().etag() == null ? outside.etag() : file.item().etag();
        boolean conditional = cleanup.conditions().deletion() && etag != null;
        CleanupFile seen = file.at(file.stage(), file.seen().with(outside, conditional));
        // the condition knows the content only, and the same may have been uploaded again
        if (!isOfPlan(outside, file.item())) {
            return seen.skipped(CHANGED);
        }
        if (!conditional && !cleanup.plan().unconditional()) {
            return seen.skipped(
                    "the store gives it no ETag, so that it cannot be deleted only if it is still this one: an"
                            + ACCEPTABLE + place.bucket());
        }
        try {
            quarantine.deleteOutside(file.move(), conditional ? etag : null, cleanup);
        } catch (S3Exception refusal) {
            if (refusal.statusCode() != 412 && refusal.statusCode() != 404) {
                throw refusal;
            }
            if (!(quarantine.outside(file.move().key()) instanceof Presence.Present there)) {
                return gone(seen);
            }
            if (refusal.statusCode() == 404 || !isOfPlan(there, file.item())) {
                return seen.skipped(CHANGED);
            }
            if (!cleanup.plan().unconditional()) {
                return seen.skipped(
                        "the store takes the ETag that it gave it for that of another file, so that it cannot be"
                                + " deleted only if it is still this one: an" + ACCEPTABLE + place.bucket());
            }
            conditional = false;
            seen = file.at(file.stage(), file.seen().with(there, false));
            quarantine.deleteOutside(file.move(), null, cleanup);
        }
        cleanup.worked();
        if (!conditional && quarantine.outside(file.move().key()) instanceof Presence.Present other) {
            return another(seen, other);
        }
        return file.move().isIntoQuarantine() ? seen.at(Stage.MOVED, seen.seen()) : seen.done();
    }

    /** It may be this very deletion whose answer was lost, so that the copy is all there is. */
    private static CleanupFile gone(CleanupFile file) {
        if (!file.move().isIntoQuarantine()) {
            return file.skipped("it is gone; an execution of this plan that was interrupted may have deleted it");
        }
        return file.at(Stage.MOVED, file.seen()).noting("was deleted outside after it was copied");
    }

    /** Nobody knows whether the other one came before the deletion or after it. */
    private static CleanupFile another(CleanupFile file, Presence.Present other) {
        return file.at(file.stage(), file.seen().withAfter(other))
                .failed(
                        "another file is there after it was deleted (ETag " + Presence.shown(other.etag())
                                + ", that of the plan had "
                                + Presence.shown(file.item().etag()) + ")"
                                + (file.move().isIntoQuarantine() ? "; the one of the plan is in quarantine" : ""),
                        file.move().isIntoQuarantine() ? Whereabouts.REPLACED : Whereabouts.OVERWRITTEN);
    }

    /** The file outside again: a record came while it was moved. Its copy stays until it is purged. */
    public CleanupFile putBack(CleanupInProgress cleanup, CleanupFile file) {
        if (quarantine.outside(file.move().key()) instanceof Presence.Present there) {
            return isOfPlanByContent(there, file)
                    ? file.skipped(named(file) + "; it is there again")
                    : another(file, there);
        }
        Optional<UUID> newer = newerFiles.movedBy(cleanup.plan(), file.item());
        if (newer.isPresent()) {
            return file.failed(
                    named(file) + ", and " + NewerFiles.advice(newer.get()) + "; this one is in quarantine, too",
                    Whereabouts.QUARANTINE);
        }
        Back back = quarantine.copyOut(file.move(), cleanup.conditions(), cleanup);
        return switch (back.state()) {
            case THIS ->
                file.at(file.stage(), file.seen().withAfter(back.there()))
                        .skipped(named(file) + "; it was put back"
                                + back.remark().map(how -> " " + how).orElse(""));
            case OCCUPIED ->
                isOfPlanByContent(back.there(), file)
                        ? file.skipped(named(file) + "; it is there again")
                        : another(file, back.there());
            case ANOTHER -> another(file, back.there());
        };
    }

    private static String named(CleanupFile file) {
        return file.reason() == null ? NAMED : file.reason();
    }

    /** A store may give each copy another ETag than the original had: it may be the one that this put back before. */
    private boolean isOfPlanByContent(Presence.Present there, CleanupFile file) {
        String etag = file.item().etag();
        return there.size() == file.item().size()
                && (etag == null
                        || etag.equals(there.etag())
                        || (there.etag() != null
                                && quarantine.inside(file.move().quarantined()) instanceof Presence.Present inside
                                && there.etag().equals(inside.etag())));
    }

    /** The file in quarantine, where it stays. */
    public CleanupFile finish(CleanupFile file) {
        return file.done();
    }

    /** Lets the files that a batch moved be looked at once more, when an application has had the time to record what it saw. */
    public void settle(CleanupInProgress cleanup, FileBatch batch) {
        List<PlanItem> moved = batch.items().stream()
                .filter(file -> file.outcome() == Outcome.DONE && file.move().isIntoQuarantine())
                .map(CleanupFile::item)
                .toList();
        if (!moved.isEmpty()) {
            cleanup.settle(new CleanupInProgress.Settling(
                    ofFiles(batch.plan(), moved, CleanupFile::ofMoved, true),
                    System.nanoTime() + settlePeriod.toNanos()));
        }
    }

    /** Adds to the actions which files of a batch that was looked at once more came back, or could not. */
    public void storeBroughtBack(CleanupInProgress cleanup, FileBatch batch) {
        for (CleanupFile file : batch.items()) {
            if (file.outcome() == Outcome.SKIPPED || file.outcome() == Outcome.FAILED) {
                Outcome outcome = file.outcome() == Outcome.SKIPPED ? Outcome.DONE : Outcome.FAILED;
                actions.ofItem(
                        batch.plan().id(),
                        batch.plan().hash(),
                        cleanup.confirmedBy(),
                        "restore",
                        file.item().number(),
                        file.item().storageKey(),
                        outcome,
                        file.reason(),
                        outcome == Outcome.FAILED ? Json.write(file.seen()) : null);
            }
        }
    }

    /** The file where it is now: it is left alone. */
    public CleanupFile fail(CleanupInProgress cleanup, CleanupFile file, Exception failure) {
        if (cleanup.stopIfFenced(failure)) {
            return file;
        }
        String reason = explanation.of(failure);
        cleanup.failed(reason, failure);
        return file.failed(reason, where(file, failure));
    }

    private Whereabouts where(CleanupFile file, Exception failure) {
        // by how far it came: nothing is deleted before its copy is complete
        Whereabouts known = switch (file.stage()) {
            case OUTSIDE -> Whereabouts.OUTSIDE;
            case READY, MOVED -> file.move().isIntoQuarantine() ? Whereabouts.QUARANTINE_AT_LEAST : Whereabouts.UNKNOWN;
        };
        return Quarantine.isAnswer(failure) ? Whereabouts.look(quarantine, file.move(), known) : known;
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
            cleanup.release();
        }
    }
}
