package dev.stocktake.suspicion;

import dev.stocktake.compare.Finding;
import dev.stocktake.records.RecordsDatabase;
import dev.stocktake.run.Findings;
import dev.stocktake.run.Run;
import dev.stocktake.text.Visible;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Says what is odd about the verdict of a complete run. More often than that half of the assets were lost, somebody named
 * another bucket, or the table was restored from a backup: what must keep anything from being cleaned up is said here.
 */
public final class Suspicion {
    private static final int SHOWN_KEYS = 5;
    private static final int LONGEST_SHOWN_KEY = 120;

    private final Findings findings;
    private final int orphanPercent;

    /**
     * Judges runs.
     *
     * @param orphanPercent of either side, 1 to 100; more orphans are suspicious
     */
    public Suspicion(Findings findings, int orphanPercent) {
        this.findings = findings;
        this.orphanPercent = orphanPercent;
    }

    /** Whether under 1 % of what was judged has its counterpart, on either side, so that the keys must differ in form. */
    public boolean isMismatch(Run run) {
        Run.Counts counts = run.counts();
        return isMismatch(counts.matched(), counts.orphanedFiles())
                && isMismatch(counts.matchedRecords(), counts.orphanedRecords());
    }

    /** Whether so much is orphaned, and matches elsewhere, that some folder may be somebody else's. */
    public boolean mayHaveForeignFolders(Run run) {
        Run.Counts counts = run.counts();
        return counts.orphanedFiles() >= FolderSearch.FEWEST_FILES && counts.records() > 0 && !isMismatch(run);
    }

    private static boolean isMismatch(long matched, long orphaned) {
        return orphaned > 0 && matched * 100 < matched + orphaned;
    }

    /**
     * The run with what is odd about it.
     *
     * @param run complete, with its foreign folders
     * @param previous the row of the previous trusted run, as {@link Baseline#of} reads it; null where there is none
     * @param database that the records were read from, and in it what; null where it is not known
     * @param clues rows of what may keep the keys apart, the best first, as {@link Clue#of} reads them; null where nobody
     *     asked, because there is no mismatch
     */
    public Run judge(Run run, Map<String, Object> previous, RecordsDatabase database, List<Map<String, Object>> clues) {
        List<String> reasons = new ArrayList<>();
        Run.Counts counts = run.counts();
        long files = counts.objects() - counts.directoryMarkers();
        if (files == 0 && counts.records() > 0) {
            reasons.add("The bucket holds no file, but there are records (" + counts.records()
                    + "); check S3_BUCKET and S3_PREFIX");
        } else if (counts.records() == 0 && files > 0) {
            reasons.add("There is no record, but the bucket holds files (" + files
                    + "); check DATABASE_URL and the records query");
        } else if (isMismatch(run)) {
            reasons.add(mismatch(run, clues == null ? List.of() : clues));
        } else {
            share(reasons, counts.orphanedFiles(), counts.objects(), "files");
            share(reasons, counts.orphanedRecords(), counts.records(), "records");
        }
        reasons.addAll(ForeignFolders.suspicions(run.foreignFolders()));
        if (previous != null) {
            sincePrevious(reasons, counts, Baseline.of(previous), database);
        }
        return Run.withSuspicions(ForeignFolders.remarked(run), reasons);
    }

    private String mismatch(Run run, List<Map<String, Object>> clues) {
        Run.Counts counts = run.counts();
        return "Under 1 % match (" + counts.matched() + " of " + (counts.matched() + counts.orphanedFiles())
                + " files, " + counts.matchedRecords() + " of " + (counts.matchedRecords() + counts.orphanedRecords())
                + " records): the mapping of keys is probably wrong. Files: "
                + keys(run, Finding.Kind.ORPHANED_FILE) + "; records: " + keys(run, Finding.Kind.ORPHANED_RECORD)
                + clues.stream()
                        .map(Clue::of)
                        .filter(Clue::explainsMost)
                        .min(Comparator.comparing(Clue::isVague))
                        .map(clue -> ". Nearest: " + clue.advice())
                        .orElse(". No single prefix and no single step makes them agree");
    }

    private String keys(Run run, Finding.Kind kind) {
        return findings.page(run.id(), kind, null, null, SHOWN_KEYS).stream()
                .map(finding -> quoted(finding.storageKey()))
                .collect(Collectors.joining(", "));
    }

    private void share(List<String> reasons, long orphans, long of, String what) {
        if (orphans * 100 > orphanPercent * of) {
            reasons.add(orphans + " of " + of + " " + what + " are orphaned, above SUSPICIOUS_ORPHAN_PERCENT ("
                    + orphanPercent + " %)");
        }
    }

    private static void sincePrevious(
            List<String> reasons, Run.Counts counts, Baseline previous, RecordsDatabase database) {
        long orphans = counts.orphanedFiles() + counts.orphanedRecords();
        if (orphans > 10 * Math.max(1, previous.orphans())) {
            reasons.add(orphans + " orphans are above ten times the " + previous.orphans() + " of " + previous);
        }
        if (counts.records() * 100 < previous.records() * 80) {
            reasons.add("The " + counts.records() + " records are over 20 % fewer than the " + previous.records()
                    + " of " + previous);
        }
        Optional<String> change = DatabaseIdentity.of(database).changeSince(previous.database());
        change.ifPresent(what -> reasons.add("The records database was restored from a backup, failed over or replaced"
                + " since the last trusted run that knew it: " + what));
        if (database != null) {
            reasons.addAll(RelationChange.since(previous.relations(), database.relations()));
        }
    }

    /** A key in quotes, on one line of bearable length. */
    static String quoted(String key) {
        int length = key.codePointCount(0, key.length());
        return "\""
                + (length <= LONGEST_SHOWN_KEY
                        ? Visible.text(key)
                        : Visible.text(key.substring(0, key.offsetByCodePoints(0, LONGEST_SHOWN_KEY))) + "…")
                + "\"";
    }
}
