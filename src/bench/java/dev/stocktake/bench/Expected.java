package dev.stocktake.bench;

/** Refuses figures of runs that did not find what there was. */
final class Expected {
    private Expected() {}

    /** Every object has its record. */
    static Measured matched(Measured run, Layout layout) {
        refuseUnless(
                run.objects() == layout.objects() && run.matched() == layout.objects() && run.findings() == 0, run);
        return run;
    }

    /** No object has a record. */
    static Measured orphaned(Measured run, Layout layout) {
        refuseUnless(run.objects() == layout.objects() && run.findings() == layout.objects(), run);
        return run;
    }

    /** No object has a record, and each is too recent. */
    static Measured tooRecent(Measured run, Layout layout) {
        refuseUnless(run.objects() == layout.objects() && run.tooRecent() == layout.objects(), run);
        return run;
    }

    private static void refuseUnless(boolean condition, Measured run) {
        if (!condition) {
            throw new IllegalStateException("The run did not find what there is: " + run);
        }
    }
}
