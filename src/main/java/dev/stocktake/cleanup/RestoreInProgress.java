package dev.stocktake.cleanup;

import dev.stocktake.cleanup.Plans.Kept;
import dev.stocktake.run.Leases;
import dev.stocktake.storage.Conditions;
import java.util.List;

/** One undoing of a plan, or of what lies in its folder. */
public final class RestoreInProgress extends LeasedWork {
    private final Plan plan;
    private final List<Kept> items;
    private final Conditions conditions;
    private final String by;

    /**
     * One that has no lease yet.
     *
     * @param items that are to be brought back
     * @param conditions that the store minds; null where they are records
     * @param by who asks
     */
    RestoreInProgress(Plan plan, List<Kept> items, Conditions conditions, String by, Leases leases) {
        super("the undoing of plan " + plan.id(), null, leases);
        this.plan = plan;
        this.items = List.copyOf(items);
        this.conditions = conditions;
        this.by = by;
    }

    public Plan plan() {
        return plan;
    }

    public List<Kept> items() {
        return items;
    }

    public String by() {
        return by;
    }

    Conditions conditions() {
        return conditions;
    }
}
