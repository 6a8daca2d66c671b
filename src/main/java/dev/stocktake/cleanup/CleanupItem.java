package dev.stocktake.cleanup;

/** An item of a plan on its way to its outcome. */
public sealed interface CleanupItem permits CleanupFile, CleanupRecord {
    PlanItem item();

    /** What was checked and found right before, to be written as JSON. */
    Object seen();

    /** What became of it; null while it is open. */
    Outcome outcome();

    /** Why nothing was done about it, or what is worth knowing; null for nothing. */
    String reason();

    /** When it was taken up, by {@link System#nanoTime}. */
    long begunAt();

    /** For the log: what became of it. */
    String line();

    /** Whether nothing has been decided. */
    default boolean isOpen() {
        return outcome() == null;
    }
}
