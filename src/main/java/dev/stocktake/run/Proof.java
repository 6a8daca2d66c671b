package dev.stocktake.run;

import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Tally;
import dev.stocktake.compare.Verified;
import java.util.List;
import java.util.Optional;

/** The conditions of a complete verdict, each with what was found of it; stored with the run as JSON. */
public record Proof(List<Line> lines) {
    public Proof {
        lines = List.copyOf(lines);
    }

    /**
     * One condition.
     *
     * @param found the numbers or the failure, in words
     */
    public record Line(String condition, boolean holds, String found) {}

    /**
     * Goes through the books of a run that came to its end.
     *
     * @param storedFindings rows of {@code stocktake.finding} that the run has
     */
    static Proof of(Ledger ledger, KeySpace keySpace, long storedFindings) {
        int closed = ledger.closed().size();
        int ranges = ledger.ranges().size();
        Tally tally = ledger.tally();
        Verified verified = ledger.verified();
        long tooRecentObjects = tally.tooRecentObjects() + verified.tooRecentObjects();
        long tooRecentRecords = tally.tooRecentRecords() + verified.tooRecentRecords();
        long files = verified.orphanedFiles() + verified.vanishedObjects() + verified.tooRecentObjects();
        long records = verified.orphanedRecords() + verified.vanishedRecords() + verified.tooRecentRecords();
        return new Proof(List.of(
                new Line(
                        "Every range was read to its end on both sides, in order",
                        ranges > 0 && closed == ranges,
                        closed + " of " + ranges + " ranges"),
                new Line(
                        "The ranges cover all keys without gap or overlap",
                        keySpace.isTiledBy(ledger.closed()),
                        ranges + " ranges"),
                new Line(
                        "Every suspect was verified",
                        files == tally.suspectedFiles() && records == tally.suspectedRecords(),
                        files + " of " + tally.suspectedFiles() + " objects and " + records + " of "
                                + tally.suspectedRecords() + " records"),
                new Line(
                        "Every object went into exactly one count",
                        tally.objects()
                                == tally.matched()
                                        + verified.orphanedFiles()
                                        + tooRecentObjects
                                        + tally.directoryMarkers()
                                        + verified.vanishedObjects(),
                        tally.objects() + " objects: " + tally.matched() + " matched, " + verified.orphanedFiles()
                                + " orphaned, " + tooRecentObjects + " too recent, " + tally.directoryMarkers()
                                + " directory markers, " + verified.vanishedObjects() + " vanished"),
                new Line(
                        "Every record went into exactly one count",
                        tally.records()
                                == tally.matchedRecords()
                                        + verified.orphanedRecords()
                                        + tooRecentRecords
                                        + verified.vanishedRecords(),
                        tally.records() + " records: " + tally.matchedRecords() + " matched, "
                                + verified.orphanedRecords() + " orphaned, " + tooRecentRecords + " too recent, "
                                + verified.vanishedRecords() + " vanished"),
                new Line(
                        "Every finding was stored",
                        storedFindings == verified.orphanedFiles() + verified.orphanedRecords(),
                        storedFindings + " of " + (verified.orphanedFiles() + verified.orphanedRecords()))));
    }

    /** Of a run that did not come to its end. */
    static Proof failed(String reason) {
        return new Proof(List.of(new Line("Both sides were read to their ends", false, reason)));
    }

    /** The first condition that does not hold. */
    Optional<Line> failingLine() {
        return lines.stream().filter(line -> !line.holds()).findFirst();
    }
}
