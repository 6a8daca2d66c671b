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

    /** Every object was seen, whatever else. */
    static Measured listed(Measured listing, Layout layout) {
        refuseUnless(listing.objects() == layout.objects(), listing);
        return listing;
    }

    /** So many objects have no record. */
    static Measured lacking(Measured run, Layout layout, long records) {
        refuseUnless(
                run.objects() == layout.objects()
                        && run.findings() == records
                        && run.matched() == layout.objects() - records,
                run);
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

    /** Every object has its record. */
    static BuiltJar.Comparison matched(BuiltJar.Comparison run, Layout layout) {
        refuseUnless(run.objects() == layout.objects() && run.matched() == layout.objects(), run);
        return run;
    }

    /** No object has a record. */
    static BuiltJar.Comparison orphaned(BuiltJar.Comparison run, Layout layout) {
        refuseUnless(run.objects() == layout.objects() && run.orphanedFiles() == layout.objects(), run);
        return run;
    }

    private static void refuseUnless(boolean condition, Record run) {
        if (!condition) {
            throw new IllegalStateException("The run did not find what there is: " + run);
        }
    }
}
