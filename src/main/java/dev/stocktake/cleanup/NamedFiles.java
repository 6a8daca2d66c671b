package dev.stocktake.cleanup;

import dev.stocktake.database.PageByPage;
import dev.stocktake.near.FileKeys;
import dev.stocktake.near.Near;
import java.util.Iterator;
import java.util.Map;

/** The files of plans that records name by now: nothing is done about them. */
public final class NamedFiles {
    private static final int PAGE = 1_000;

    private final Plans plans;

    public NamedFiles(Plans plans) {
        this.plans = plans;
    }

    /** The files that all records are to be asked about before the first one goes. */
    public FileKeys ofPlan(CleanupInProgress cleanup) {
        return new FileKeys(() -> keys(cleanup.plan()), cleanup.plan().bucket(), () -> cleanup.stopReason() != null);
    }

    private Iterator<String> keys(Plan plan) {
        Iterator<PlanItem> items =
                new PageByPage<>(PAGE, last -> plans.items(plan.id(), last == null ? 0 : last.number(), PAGE));
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public String next() {
                return items.next().storageKey();
            }
        };
    }

    /**
     * The same batch, without the files that a record names.
     *
     * @param named the record of each such file, by the file's key
     */
    public static FileBatch leaveOut(FileBatch batch, Map<String, Near> named) {
        return new FileBatch(
                batch.plan(),
                batch.items().stream()
                        .map(file -> named.containsKey(file.item().storageKey())
                                ? file.skipped(
                                        named.get(file.item().storageKey()).reason())
                                : file)
                        .toList(),
                batch.isSettled());
    }
}
