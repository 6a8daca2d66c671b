package dev.stocktake.cleanup;

/**
 * What was done about one item of a plan, or about all of it, to be added to the actions.
 *
 * @param item its number; null for what concerns the whole plan
 * @param storageKey null for the whole plan
 * @param seen what was checked and found right before, as JSON; null for nothing
 * @param reason null for nothing
 * @param millis how long it took
 */
record ActionEntry(Long item, String storageKey, String seen, Outcome outcome, String reason, long millis) {
    static ActionEntry ofPlan(String reason) {
        return new ActionEntry(null, null, null, Outcome.DONE, reason, 0);
    }
}
