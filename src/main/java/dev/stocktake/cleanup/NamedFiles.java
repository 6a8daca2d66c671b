package dev.stocktake.cleanup;

import dev.stocktake.cleanup.CleanupFile.Stage;
import dev.stocktake.compare.AssetRecord;
import dev.stocktake.database.PageByPage;
import dev.stocktake.near.FileKeys;
import dev.stocktake.near.Near;
import dev.stocktake.near.NearKeys;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The files of plans that records name by now: they stay, or come back. */
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
     * The same batch, once the records were asked about it: the files that a record names are known as such, and by which.
     *
     * @param records that have one of the keys asked for
     * @param named by the key of each file of the plan that a record named when the execution began, that record
     */
    public static FileBatch mark(FileBatch batch, List<AssetRecord> records, Map<String, Near> named) {
        Set<String> keys = records.stream().map(AssetRecord::storageKey).collect(Collectors.toSet());
        return new FileBatch(
                batch.plan(),
                batch.items().stream()
                        .map(file -> file.isOpen() && file.stage() != Stage.OUTSIDE
                                ? mark(
                                        file,
                                        NearKeys.named(
                                                        file.item().storageKey(),
                                                        keys,
                                                        batch.plan().bucket())
                                                .or(() -> Optional.ofNullable(
                                                        named.get(file.item().storageKey()))))
                                : file)
                        .toList(),
                batch.isSettled());
    }

    private static CleanupFile mark(CleanupFile file, Optional<Near> record) {
        return record.map(near -> (file.isReferenced() ? file : file.referencedBy(1)).noting(near.reason()))
                .orElse(file);
    }
}
