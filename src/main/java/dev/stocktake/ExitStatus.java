package dev.stocktake;

/** What the process tells whoever started it. */
final class ExitStatus {
    static final int CONSISTENT = 0;
    static final int ORPHANS_FOUND = 1;
    static final int WRONG_USAGE = 2;
    static final int NO_VERDICT = 3;
    static final int REFUSED = 4;

    private ExitStatus() {}
}
