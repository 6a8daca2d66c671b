package dev.stocktake.run;

/** Somebody stopped Stocktake while a run was going on. */
public final class RunStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public RunStoppedException() {
        super("Stocktake was stopped before the run had ended.");
    }
}
