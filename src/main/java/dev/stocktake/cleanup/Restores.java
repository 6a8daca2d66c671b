package dev.stocktake.cleanup;

import dev.stocktake.cleanup.Plans.Kept;
import dev.stocktake.failure.Explanation;
import dev.stocktake.storage.Presence;
import dev.stocktake.storage.Quarantine;
import dev.stocktake.storage.Quarantine.Move;
import dev.stocktake.text.Visible;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Brings back what plans moved, deleted or marked, never over what is there again. */
public final class Restores {
    private final Plans plans;
    private final Actions actions;
    private final Quarantine quarantine;
    private final Explanation explanation;

    public Restores(Plans plans, Actions actions, Quarantine quarantine, Explanation explanation) {
        this.plans = plans;
        this.actions = actions;
        this.quarantine = quarantine;
        this.explanation = explanation;
    }

    /**
     * What of a plan can be brought back.
     *
     * @param names only these; empty for all
     * @throws RefusedException when one of these cannot
     */
    public List<Kept> kept(Plan plan, Optional<List<FindingName>> names) {
        if (plan.action() == PlannedAction.DELETE) {
            throw new RefusedException(
                    "Plan " + plan.id() + " deleted its files for good, as it said: nothing brings them back.");
        }
        plan.refuseUnlessAt(quarantine.placeOf(plan.id()));
        List<Kept> kept = plans.kept(plan.id());
        if (names.isEmpty()) {
            return kept;
        }
        Set<FindingName> wanted = Set.copyOf(names.get());
        List<Kept> chosen = kept.stream()
                .filter(each -> wanted.contains(each.item().name()))
                .toList();
        if (chosen.size() < wanted.size()) {
            throw new RefusedException((wanted.size() - chosen.size()) + " of the " + wanted.size() + " "
                    + plan.action().items() + " are not among those that plan " + plan.id() + " can bring back.");
        }
        return chosen;
    }

    /**
     * What became of an item, and why.
     *
     * @param reason null for nothing
     */
    public record Restored(PlanItem item, Outcome outcome, String reason) {
        /** Its key as a person or a terminal may read it. */
        public String visibleKey() {
            return Visible.text(item.storageKey());
        }
    }

    /** Copies a file back and takes it out of quarantine. */
    public Restored restore(Plan plan, Kept kept) {
        PlanItem item = kept.item();
        Move move =
                new Move(item.storageKey(), quarantine.keyOf(plan.id(), item.storageKey()), item.size(), item.etag());
        Presence outside = quarantine.outside(move.key());
        Presence inside = quarantine.inside(move.quarantined());
        if (!inside.isPresent()) {
            return outside.isPresent()
                    ? new Restored(item, Outcome.DONE, "it is where it was")
                    : new Restored(item, Outcome.SKIPPED, "it is neither in quarantine nor where it was");
        }
        if (outside instanceof Presence.Present there) {
            if (there.size() != item.size() || !String.valueOf(item.etag()).equals(there.etag())) {
                return new Restored(item, Outcome.SKIPPED, "another file is there again; this one stays in quarantine");
            }
        } else {
            quarantine.copyOut(move);
        }
        quarantine.deleteInside(move.quarantined());
        return new Restored(item, Outcome.DONE, null);
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
    public Restored fail(Kept kept, Exception failure) {
        return new Restored(kept.item(), Outcome.FAILED, explanation.of(failure));
    }

    /** Adds it to the actions. */
    public void store(Plan plan, String by, Restored restored) {
        PlanItem item = restored.item();
        actions.ofItem(
                plan.id(),
                plan.hash(),
                by,
                "restore",
                item.number(),
                item.storageKey(),
                restored.outcome(),
                restored.reason());
    }
}
