package dev.stocktake.cleanup;

import java.util.List;

/** Items of one plan that are worked at together. */
public sealed interface CleanupBatch permits FileBatch, RecordBatch {
    Plan plan();

    List<? extends CleanupItem> items();

    /** Those whose outcome is known: all, unless the execution was stopped. */
    default List<? extends CleanupItem> ended() {
        return items().stream().filter(item -> !item.isOpen()).toList();
    }
}
