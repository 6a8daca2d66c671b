package dev.stocktake.report;

import dev.stocktake.compare.Finding;
import dev.stocktake.near.Step;
import dev.stocktake.run.Findings;
import dev.stocktake.run.NearMatch;
import dev.stocktake.run.Run;
import dev.stocktake.run.StoredFinding;
import dev.stocktake.text.Visible;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** The report of a run for people. */
final class TextReport {
    /** Longer lists are cut here, and say so. */
    static final int LONGEST_LIST = 100;

    private final Findings findings;

    TextReport(Findings findings) {
        this.findings = findings;
    }

    String of(Run run) {
        StringBuilder text = new StringBuilder("=== Storage Maintenance Report ===\n");
        switch (run.status()) {
            case COMPLETE -> verdict(text, run);
            case INCOMPLETE ->
                text.append("❌ NO VERDICT: this run is INCOMPLETE and does not tell what is orphaned.\n")
                        .append("Reason: ")
                        .append(run.failure())
                        .append('\n')
                        .append(timestamp(run));
            case RUNNING ->
                text.append("⏳ NO VERDICT YET: this run has not ended. If its process was stopped, the next run by ")
                        .append(run.trigger().label())
                        .append(" goes on with it.\n")
                        .append(timestamp(run));
        }
        return text.toString();
    }

    private void verdict(StringBuilder text, Run run) {
        Run.Counts counts = run.counts();
        run.suspicions()
                .forEach(
                        reason -> text.append("⚠️  SUSPICIOUS: ").append(reason).append('\n'));
        if (run.acknowledgement() != null) {
            text.append("⚠️  SUSPICIOUS, but ").append(run.acknowledgement()).append('\n');
        }
        text.append(timestamp(run)).append("\n=== DB → Storage Check ===\n");
        if (counts.orphanedRecords() == 0) {
            boolean all = counts.matchedRecords() == counts.records() && counts.invalid() == 0;
            text.append(String.format(
                    Locale.ROOT,
                    "✅ All %d %sDB records have corresponding files\n",
                    counts.matchedRecords(),
                    all ? "" : "judged "));
        } else {
            list(text, run, Finding.Kind.ORPHANED_RECORD, counts.orphanedRecords());
        }
        if (counts.invalid() > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "⚠️  %d invalid DB records were not compared: their storage key is NULL, empty or over 1,024 bytes\n",
                    counts.invalid()));
        }
        text.append("\n=== Storage → DB Check ===\n");
        if (counts.orphanedFiles() == 0) {
            boolean all = counts.matched() == counts.objects() - counts.directoryMarkers();
            text.append(String.format(
                    Locale.ROOT, "✅ All %d %sfiles have DB records\n", counts.matched(), all ? "" : "judged "));
        } else {
            list(text, run, Finding.Kind.ORPHANED_FILE, counts.orphanedFiles());
        }
        if (counts.nearMatches() > 0) {
            nearMatches(text, run, counts.nearMatches());
        }
        text.append(String.format(
                Locale.ROOT,
                "\n=== Summary ===\nOrphaned files: %d\nOrphaned records: %d\n",
                counts.orphanedFiles(),
                counts.orphanedRecords()));
        summaryLine(text, "Near matches", counts.nearMatches());
        summaryLine(text, "Too recent to judge", counts.tooRecent());
        summaryLine(text, "Vanished while verifying", counts.vanished());
        summaryLine(text, "Invalid records", counts.invalid());
        summaryLine(text, "Directory markers", counts.directoryMarkers());
        if (run.remarks() != null) {
            run.remarks()
                    .lines()
                    .forEach(remark -> text.append("Note: ").append(remark).append('\n'));
        }
    }

    private void list(StringBuilder text, Run run, Finding.Kind kind, long total) {
        boolean files = kind == Finding.Kind.ORPHANED_FILE;
        if (run.findingsForgottenAt() != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "⚠️  Found %d orphaned %s%s%s\n",
                    total,
                    files ? "file" : "record",
                    total == 1 ? "" : "s",
                    forgotten(run)));
            return;
        }
        long explained = run.counts().nearMatches() == 0 ? 0 : findings.explained(run.id(), kind);
        long unexplained = total - explained;
        text.append(String.format(
                Locale.ROOT,
                "⚠️  Found %d orphaned %s%s%s\n",
                total,
                files ? "file" : "record",
                total == 1 ? "" : "s",
                explained == 0 ? ":" : whereTheyAre(unexplained, explained)));
        List<StoredFinding> newest = findings.newestUnexplained(run.id(), kind, LONGEST_LIST);
        for (StoredFinding finding : newest) {
            text.append("  - ").append(finding.visibleKey()).append(files ? created(finding) : recorded(finding));
            text.append('\n');
        }
        if (unexplained > newest.size()) {
            text.append(String.format(
                    Locale.ROOT,
                    "  … and %d more: GET /api/runs/%s/findings?kind=%s, or the table stocktake.finding\n",
                    unexplained - newest.size(),
                    run.id(),
                    kind.label()));
        }
    }

    private static String whereTheyAre(long here, long underNearMatches) {
        return here == 0
                ? ", listed under Near Matches"
                : String.format(Locale.ROOT, ", %d here and %d under Near Matches:", here, underNearMatches);
    }

    private void nearMatches(StringBuilder text, Run run, long total) {
        text.append(String.format(
                Locale.ROOT,
                """

                        === Near Matches ===
                        ⚠️  %d pair%s of a file and a record, probably one asset under two keys%s
                        """,
                total,
                total == 1 ? "" : "s",
                run.findingsForgottenAt() == null ? ": correct a key, clean up neither" : forgotten(run)));
        if (run.findingsForgottenAt() != null) {
            return;
        }
        List<NearMatch> first = findings.nearMatches(run.id(), LONGEST_LIST);
        for (NearMatch pair : first) {
            text.append(String.format(
                    Locale.ROOT,
                    "  - %s ↔ %s (%s; differs by %s)\n",
                    Visible.text(pair.fileKey()),
                    Visible.text(pair.recordKey()),
                    pair.recordId() == null ? "record was not compared" : "record: " + Visible.text(pair.recordId()),
                    Step.spoken(pair.by())));
        }
        if (total > first.size()) {
            text.append(String.format(
                    Locale.ROOT,
                    "  … and %d more: the column near_match of the table stocktake.finding, for run %s\n",
                    total - first.size(),
                    run.id()));
        }
    }

    private static String forgotten(Run run) {
        return "; which, was forgotten at " + run.findingsForgottenAt().truncatedTo(ChronoUnit.SECONDS)
                + ", when it was older than KEEP_FINDINGS";
    }

    private static String created(StoredFinding finding) {
        return finding.isDated() ? " (created: " + finding.lastModified().toLocalDate() + ")" : "";
    }

    private static String recorded(StoredFinding finding) {
        return " (record: " + finding.visibleRecordId()
                + (finding.lastModified() == null
                        ? ""
                        : ", created: " + finding.lastModified().toLocalDate()) + ")";
    }

    private static void summaryLine(StringBuilder text, String what, long count) {
        if (count > 0) {
            text.append(String.format(Locale.ROOT, "%s: %d\n", what, count));
        }
    }

    private static String timestamp(Run run) {
        return "Timestamp: "
                + DateTimeFormatter.ISO_INSTANT.format(run.startedAt().truncatedTo(ChronoUnit.SECONDS)) + "\n";
    }
}
