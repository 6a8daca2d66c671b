package dev.stocktake.cleanup;

import dev.stocktake.failure.Explanation;
import dev.stocktake.storage.Presence;
import dev.stocktake.storage.Quarantine;
import dev.stocktake.storage.Quarantine.Move;
import dev.stocktake.text.Visible;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Brings files back out of quarantine, never over one that is there again. */
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
     * The files of a plan that wait in quarantine.
     *
     * @param keys only these; empty for all
     * @throws RefusedException when one of the keys does not wait there
     */
    public List<PlanItem> files(Plan plan, Optional<List<String>> keys) {
        plan.refuseUnlessAt(quarantine.placeOf(plan.id()));
        List<PlanItem> waiting = plans.quarantined(plan.id());
        if (keys.isEmpty()) {
            return waiting;
        }
        Set<String> wanted = Set.copyOf(keys.get());
        List<PlanItem> chosen = waiting.stream()
                .filter(item -> wanted.contains(item.storageKey()))
                .toList();
        if (chosen.size() < wanted.size()) {
            throw new RefusedException((wanted.size() - chosen.size()) + " of the " + wanted.size()
                    + " keys do not wait in the quarantine of plan " + plan.id() + ".");
        }
        return chosen;
    }

    /** What became of a file: {@code done}, {@code skipped} or {@code failed}, and why. */
    public record Restored(PlanItem item, String outcome, String reason) {
        /** Its key as a person or a terminal may read it. */
        public String visibleKey() {
            return Visible.text(item.storageKey());
        }

        static Restored done(PlanItem item, String note) {
            return new Restored(item, "done", note);
        }

        static Restored skipped(PlanItem item, String why) {
            return new Restored(item, "skipped", why);
        }
    }

    /** Copies a file back and takes it out of quarantine. */
    public Restored restore(Plan plan, PlanItem item) {
        Move move =
                new Move(item.storageKey(), quarantine.keyOf(plan.id(), item.storageKey()), item.size(), item.etag());
        Presence outside = quarantine.outside(move.key());
        Presence inside = quarantine.inside(move.quarantined());
        if (!inside.isPresent()) {
            return outside.isPresent()
                    ? Restored.done(item, "it is where it was")
                    : Restored.skipped(item, "it is neither in quarantine nor where it was");
        }
        if (outside instanceof Presence.Present there) {
            if (there.size() != item.size() || !String.valueOf(item.etag()).equals(there.etag())) {
                return Restored.skipped(item, "another file is there again; this one stays in quarantine");
            }
        } else {
            quarantine.copyOut(move);
        }
        quarantine.deleteInside(move.quarantined());
        return Restored.done(item, null);
    }

    /** What became of a file that could not be restored; it stays in quarantine. */
    public Restored fail(PlanItem item, Exception failure) {
        return new Restored(item, "failed", explanation.of(failure));
    }

    /** Adds it to the actions. */
    public void store(Plan plan, String by, Restored restored) {
        PlanItem item = restored.item();
        actions.ofFile(
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
