package dev.stocktake.cleanup;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.stocktake.claim.Claims;
import dev.stocktake.cleanup.Plan.Place;
import dev.stocktake.cleanup.Plans.Kept;
import dev.stocktake.failure.Explanation;
import dev.stocktake.json.Json;
import dev.stocktake.run.Leases;
import dev.stocktake.run.Leases.Claimed;
import dev.stocktake.run.Leases.Work;
import dev.stocktake.run.RunActiveException;
import dev.stocktake.storage.Conditions;
import dev.stocktake.storage.Conditions.Parts;
import dev.stocktake.storage.Presence;
import dev.stocktake.storage.Quarantine;
import dev.stocktake.storage.Quarantine.Back;
import dev.stocktake.storage.Quarantine.Copy;
import dev.stocktake.storage.Quarantine.Move;
import dev.stocktake.storage.Quarantine.Trial;
import dev.stocktake.text.Visible;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Brings back what plans moved, deleted or marked, never over what is there again. The copies stay in quarantine until they
 * are purged: a process that went on with the plan, and was held up, may still delete what was brought back.
 */
public final class Restores {
    private final Plans plans;
    private final Actions actions;
    private final Leases leases;
    private final Claims claims;
    private final Quarantine quarantine;
    private final NewerFiles newerFiles;
    private final Place place;
    private final Explanation explanation;

    /**
     * Brings back at one bucket.
     *
     * @param place where its files are
     */
    public Restores(
            Plans plans,
            Actions actions,
            Leases leases,
            Claims claims,
            Quarantine quarantine,
            NewerFiles newerFiles,
            Place place,
            Explanation explanation) {
        this.plans = plans;
        this.actions = actions;
        this.leases = leases;
        this.claims = claims;
        this.quarantine = quarantine;
        this.newerFiles = newerFiles;
        this.place = place;
        this.explanation = explanation;
    }

    /**
     * What is to be brought back.
     *
     * @param planId whose files or records
     * @param fromQuarantine whether by what lies in the plan's folder, whatever the database knows
     * @param names only these; empty for all
     * @param acceptsUnconditional whether somebody accepts a store that ignores conditions
     * @param by who asks
     */
    public record RestoreOrder(
            UUID planId,
            boolean fromQuarantine,
            Optional<List<FindingName>> names,
            boolean acceptsUnconditional,
            String by) {}

    /**
     * What an order is about.
     *
     * @param plan whose files or records they are
     * @param items that are to be brought back
     */
    public record Wanted(Plan plan, List<Kept> items) {
        public Wanted {
            items = List.copyOf(items);
        }
    }

    /**
     * Finds what is to be brought back of what a plan moved, deleted or marked.
     *
     * @throws RefusedException when it cannot be
     */
    public Wanted find(RestoreOrder order) {
        Plan plan = order.fromQuarantine() ? planOfFolder(order.planId()) : plan(order.planId());
        if (plan.action() == PlannedAction.DELETE) {
            throw new RefusedException(
                    "Plan " + plan.id() + " deleted its files for good, as it said: nothing brings them back.");
        }
        List<String> refusals = new ArrayList<>(plan.objectionsAt(place));
        objectionOfOthers(plan).ifPresent(refusals::add);
        if (!refusals.isEmpty()) {
            throw new RefusedException(refusals);
        }
        List<Kept> kept = order.fromQuarantine() ? inFolder(plan) : plans.kept(plan);
        List<Kept> wanted =
                order.names().map(names -> chosen(plan, kept, names)).orElse(kept);
        if (wanted.isEmpty()) {
            refuseWherePurged(plan);
        }
        return new Wanted(plan, wanted);
    }

    private Optional<String> objectionOfOthers(Plan plan) {
        return plan.isOfRecords() ? Optional.empty() : Claims.objectionToRestore(claims.standing());
    }

    /**
     * Has the store show how it moves files.
     *
     * @return null for records
     * @throws software.amazon.awssdk.services.s3.model.S3Exception when the store cannot say now, and may later
     */
    public Trial trial(Wanted wanted) {
        return wanted.plan().isOfRecords() ? null : quarantine.trial(place.prefix(), areCopiedInParts(wanted));
    }

    private boolean areCopiedInParts(Wanted wanted) {
        return wanted.items().stream()
                .anyMatch(kept -> quarantine.isCopiedInParts(kept.item().size()));
    }

    /**
     * Begins to bring it back.
     *
     * @param trial of the store; null for records
     * @throws RefusedException when it cannot be
     */
    public RestoreInProgress begin(RestoreOrder order, Wanted wanted, Trial trial) {
        if (wanted == null || (!wanted.plan().isOfRecords() && trial == null)) {
            throw new RefusedException(
                    "Nothing was found, or the store was not tried: the route begin-restore must go by"
                            + " direct:find-what-to-restore and direct:try-store-for-restore.");
        }
        Plan plan = wanted.plan();
        // it may have been found a while ago
        objectionOfOthers(plan).ifPresent(objection -> {
            throw new RefusedException(objection);
        });
        RestoreInProgress restore = new RestoreInProgress(
                plan,
                wanted.items(),
                plan.isOfRecords() ? null : conditions(wanted, trial, order.acceptsUnconditional()),
                order.by(),
                leases);
        try {
            leases.takeAndKeep(
                    restore, new Claimed(Work.RESTORE, plan.bucket(), plan.prefix(), plan.runId(), plan.id()));
        } catch (RunActiveException active) {
            throw new RefusedException(
                    "What is brought back might be taken away again at once. " + active.getMessage());
        }
        return restore;
    }

    /** How many files of a plan were purged, so that nothing brings them back. */
    public long purged(Plan plan) {
        return plan.isOfRecords() ? 0 : actions.purged(plan);
    }

    private void refuseWherePurged(Plan plan) {
        long purged = purged(plan);
        if (purged > 0) {
            throw new RefusedException((purged == 1 ? "The file" : "All " + purged + " files") + " of plan " + plan.id()
                    + " that were moved into quarantine and not brought back in time "
                    + (purged == 1 ? "was" : "were") + " purged: nothing brings them back.");
        }
    }

    private Plan plan(UUID id) {
        return plans.find(id).orElseThrow(() -> {
            boolean marked =
                    quarantine.marker(id).isPresent() || quarantine.copies(id).hasNext();
            return new RefusedException("There is no plan " + id + " in the results database."
                    + (marked
                            ? " Its folder in the quarantine is there, though: restore --from-quarantine " + id
                                    + " brings back what it holds."
                            : ""));
        });
    }

    /** By the plan's own marker, which the database may know nothing of. */
    private Plan planOfFolder(UUID id) {
        Optional<String> marker = quarantine.marker(id);
        if (marker.isEmpty()) {
            plans.find(id).ifPresent(this::refuseWherePurged);
            throw new RefusedException("The quarantine " + quarantine.place() + " has no folder of a plan " + id + ".");
        }
        try {
            Plan plan = Json.MAPPER.readValue(marker.get(), Plan.class);
            if (id.equals(plan.id())
                    && plan.action() != null
                    && plan.hash() != null
                    && plan.bucket() != null
                    && plan.prefix() != null) {
                return plan;
            }
        } catch (JsonProcessingException unreadable) {
            // refused below, with every other marker that says something else
        }
        throw new RefusedException("The marker of plan " + id + " in the quarantine " + quarantine.place()
                + " does not say what plan it is; nothing was brought back.");
    }

    private List<Kept> inFolder(Plan plan) {
        Map<String, Long> numbers = plans.numbers(plan.id());
        List<Kept> kept = new ArrayList<>();
        quarantine.copies(plan.id()).forEachRemaining(copy -> {
            long number = numbers.getOrDefault(copy.key(), 0L);
            kept.add(new Kept(new PlanItem(number, copy.key(), null, copy.size(), copy.etag(), null, null), null));
        });
        return kept;
    }

    /**
     * How many files lie in the folder of a plan of which the database does not know that they were moved: it was set back to
     * an earlier time, or a process ended before it could store it.
     */
    public long unknownIn(Plan plan) {
        if (plan.quarantine() == null) {
            return 0;
        }
        Set<String> known = plans.looked(plan);
        long unknown = 0;
        for (Iterator<Copy> copies = quarantine.copies(plan.id()); copies.hasNext(); ) {
            if (!known.contains(copies.next().key())) {
                unknown++;
            }
        }
        return unknown;
    }

    private List<Kept> chosen(Plan plan, List<Kept> kept, List<FindingName> names) {
        Set<FindingName> wanted = Set.copyOf(names);
        List<Kept> chosen = kept.stream()
                .filter(each -> wanted.contains(each.item().name()))
                .toList();
        if (chosen.size() < wanted.size()) {
            long purged = purged(plan);
            throw new RefusedException((wanted.size() - chosen.size()) + " of the " + wanted.size() + " "
                    + plan.action().items() + " are not among those that plan " + plan.id() + " can bring back"
                    + (purged == 0 ? "." : ": files of it that were purged since: " + purged + "."));
        }
        return chosen;
    }

    private Conditions conditions(Wanted wanted, Trial trial, boolean acceptsUnconditional) {
        if (!trial.objections().isEmpty()) {
            throw new RefusedException(trial.objections());
        }
        boolean conditional = trial.conditions().copyTarget()
                && (!areCopiedInParts(wanted) || trial.conditions().parts() == Parts.CONDITIONAL);
        if (!conditional && !wanted.plan().unconditional() && !acceptsUnconditional) {
            throw new RefusedException(
                    "This store cannot bring a file back only where there is none: an upload in the same"
                            + " instant can be lost. If that is acceptable, say --accept-unconditional "
                            + wanted.plan().bucket()
                            + ".");
        }
        return trial.conditions();
    }

    /**
     * What became of an item, and why.
     *
     * @param reason null for nothing
     * @param now where the file is, of one that failed; null for the others
     */
    public record Restored(PlanItem item, Outcome outcome, String reason, Whereabouts now) {
        Restored(PlanItem item, Outcome outcome, String reason) {
            this(item, outcome, reason, null);
        }

        /** Its key as a person or a terminal may read it. */
        public String visibleKey() {
            return Visible.text(item.storageKey());
        }

        /** For people: why, and where it is. */
        public String detail() {
            return now == null ? reason : reason + "; it is now: " + Whereabouts.words(now.label());
        }
    }

    /** Copies a file back, unless there is one again. */
    public Restored restore(RestoreInProgress restore, Kept kept) {
        PlanItem item = kept.item();
        if (restore.stopReason() != null) {
            return new Restored(item, Outcome.FAILED, "it was not begun with, because " + restore.stopReason());
        }
        Move move = move(restore, item);
        Presence outside = quarantine.outside(move.key());
        if (!(quarantine.inside(move.quarantined()) instanceof Presence.Present inside)) {
            return outside.isPresent()
                    ? new Restored(item, Outcome.DONE, "it is where it was")
                    : new Restored(
                            item,
                            Outcome.SKIPPED,
                            "it is neither in quarantine nor where it was"
                                    + (actions.isPurgeOpen(restore.plan())
                                            ? ": a purge that was interrupted may have deleted it"
                                            : ""));
        }
        if (outside instanceof Presence.Present there) {
            return isTheSame(there, inside, item)
                    ? new Restored(item, Outcome.DONE, "it is where it was")
                    : new Restored(
                            item,
                            Outcome.SKIPPED,
                            "another file is there again (ETag " + Presence.shown(there.etag()) + ", this one has "
                                    + Presence.shown(inside.etag())
                                    + "); this one stays in quarantine");
        }
        Optional<UUID> newer = newerFiles.movedBy(restore.plan(), item);
        if (newer.isPresent()) {
            return new Restored(
                    item, Outcome.SKIPPED, NewerFiles.advice(newer.get()) + "; this one stays in quarantine");
        }
        Back back = quarantine.copyOut(move, restore.conditions(), restore);
        return switch (back.state()) {
            case THIS -> new Restored(item, Outcome.DONE, back.remark().orElse(null));
            case OCCUPIED ->
                isTheSame(back.there(), inside, item)
                        ? new Restored(item, Outcome.DONE, "it is where it was")
                        : new Restored(item, Outcome.SKIPPED, "another file came there; this one stays in quarantine");
            case ANOTHER ->
                new Restored(
                        item,
                        Outcome.FAILED,
                        "another file is there after it was brought back (ETag "
                                + Presence.shown(back.there().etag()) + ", this one has "
                                + Presence.shown(inside.etag())
                                + "); this one is in quarantine, too",
                        Whereabouts.REPLACED);
        };
    }

    private Move move(RestoreInProgress restore, PlanItem item) {
        return new Move(
                item.storageKey(), quarantine.keyOf(restore.plan().id(), item.storageKey()), item.size(), item.etag());
    }

    /** By size and ETag; a store that makes a copy part by part may give it another ETag than the original had. */
    private static boolean isTheSame(Presence.Present there, Presence.Present inside, PlanItem item) {
        return there.size() == inside.size()
                && (String.valueOf(there.etag()).equals(inside.etag())
                        || String.valueOf(there.etag()).equals(item.etag()));
    }

    /**
     * What became of a record.
     *
     * @param rows that the statement made or changed
     */
    public Restored putBack(Kept kept, List<?> rows) {
        return rows.isEmpty()
                ? new Restored(kept.item(), Outcome.SKIPPED, "a record of its id is there, or it was changed since")
                : new Restored(kept.item(), Outcome.DONE, null);
    }

    /** What became of an item that could not be brought back; it stays where it is kept. */
    public Restored fail(RestoreInProgress restore, Kept kept, Exception failure) {
        return restore.stopIfFenced(failure)
                ? new Restored(kept.item(), Outcome.FAILED, "it was not sent, because " + restore.stopReason())
                : new Restored(kept.item(), Outcome.FAILED, explanation.of(failure), where(restore, kept, failure));
    }

    private Whereabouts where(RestoreInProgress restore, Kept kept, Exception failure) {
        if (restore.plan().isOfRecords()) {
            return null;
        }
        return Quarantine.isAnswer(failure)
                ? Whereabouts.look(quarantine, move(restore, kept.item()), Whereabouts.QUARANTINE_AT_LEAST)
                : Whereabouts.QUARANTINE_AT_LEAST;
    }

    /** Adds it to the actions. */
    public void store(RestoreInProgress restore, Restored restored) {
        PlanItem item = restored.item();
        actions.ofItem(
                restore.plan().id(),
                restore.plan().hash(),
                restore.by(),
                "restore",
                item.number(),
                item.storageKey(),
                restored.outcome(),
                restored.reason(),
                restored.now() == null
                        ? null
                        : Json.write(Map.of("now", restored.now().label())));
    }

    /** Lets others work at the bucket again. */
    public void end(RestoreInProgress restore) {
        restore.release();
    }
}
