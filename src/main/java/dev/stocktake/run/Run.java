package dev.stocktake.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.stocktake.compare.Tally;
import dev.stocktake.compare.Verified;
import dev.stocktake.json.Json;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One comparison as it is stored, from its trigger to its report: the row of {@code stocktake.run}.
 *
 * @param startedAt in UTC
 * @param finishedAt in UTC; null while it runs
 * @param counts null unless the run is complete: a count is a fact or it is not there
 * @param usage what it asked for until its verdict was stored; null while it runs, unless it was interrupted, and for runs
 *     of versions that did not count that
 * @param suspicious why this verdict may be wrong although it is complete, one reason a line; null where nothing is odd
 * @param failure why there is no verdict, one sentence; null unless the run is incomplete
 * @param remarks how either side was read where that was not the plain way, one sentence a line; null where it was
 * @param proof of the verdict, or the line of it that failed; null while it runs
 * @param acknowledgement of the suspicious verdict; null where nobody gave one
 * @param foreignFolders in which nothing matches, largest first; none where there are none
 * @param findingsForgottenAt since when its findings are gone, in UTC; null where they are there
 */
public record Run(
        UUID id,
        Trigger trigger,
        Status status,
        OffsetDateTime startedAt,
        OffsetDateTime finishedAt,
        String bucket,
        String prefix,
        Counts counts,
        Usage usage,
        String suspicious,
        String failure,
        String remarks,
        Proof proof,
        Acknowledgement acknowledgement,
        List<ForeignFolder> foreignFolders,
        OffsetDateTime findingsForgottenAt) {
    public Run {
        foreignFolders = List.copyOf(foreignFolders);
    }

    /** A run that nobody acknowledged, and that found no foreign folder. */
    public Run(
            UUID id,
            Trigger trigger,
            Status status,
            OffsetDateTime startedAt,
            OffsetDateTime finishedAt,
            String bucket,
            String prefix,
            Counts counts,
            Usage usage,
            String suspicious,
            String failure,
            String remarks,
            Proof proof) {
        this(
                id,
                trigger,
                status,
                startedAt,
                finishedAt,
                bucket,
                prefix,
                counts,
                usage,
                suspicious,
                failure,
                remarks,
                proof,
                null,
                List.of(),
                null);
    }

    public enum Status {
        RUNNING,
        COMPLETE,
        INCOMPLETE
    }

    /**
     * What a complete run counted.
     *
     * @param objects listed
     * @param records read
     * @param matched objects with at least one record
     * @param matchedRecords records with their object
     * @param tooRecent objects and records younger than the grace period, not judged
     * @param vanished objects and records that were no longer orphaned when they were verified
     * @param directoryMarkers empty objects without a record whose key ends in {@code /}
     * @param invalid records whose storage key can name no object, and which were not compared
     * @param nearMatches pairs of an orphaned file and an orphaned record that are probably one asset
     * @param orphanedBytes of the orphaned files together
     */
    public record Counts(
            long objects,
            long records,
            long matched,
            long matchedRecords,
            long orphanedFiles,
            long orphanedRecords,
            long tooRecent,
            long vanished,
            long directoryMarkers,
            long invalid,
            long nearMatches,
            long orphanedBytes) {
        static Counts of(Ledger ledger, long invalid) {
            Tally tally = ledger.tally();
            Verified verified = ledger.verified();
            return new Counts(
                    tally.objects(),
                    tally.records(),
                    tally.matched(),
                    tally.matchedRecords(),
                    verified.orphanedFiles(),
                    verified.orphanedRecords(),
                    tally.tooRecentObjects()
                            + tally.tooRecentRecords()
                            + verified.tooRecentObjects()
                            + verified.tooRecentRecords(),
                    verified.vanishedObjects() + verified.vanishedRecords(),
                    tally.directoryMarkers(),
                    invalid,
                    0,
                    verified.orphanedBytes());
        }

        private Counts withNearMatches(long pairs) {
            return new Counts(
                    objects,
                    records,
                    matched,
                    matchedRecords,
                    orphanedFiles,
                    orphanedRecords,
                    tooRecent,
                    vanished,
                    directoryMarkers,
                    invalid,
                    pairs,
                    orphanedBytes);
        }
    }

    @JsonIgnore
    public boolean isComplete() {
        return status == Status.COMPLETE;
    }

    @JsonIgnore
    public boolean hasEnded() {
        return status != Status.RUNNING;
    }

    /** For the statement that stores it. */
    @JsonIgnore
    public String proofJson() {
        return proof == null ? null : Json.write(proof.lines());
    }

    /** Whether the run is complete and found anything. */
    @JsonIgnore
    public boolean hasOrphans() {
        return isComplete() && counts.orphanedFiles() + counts.orphanedRecords() > 0;
    }

    /** Whether there are, or may be, records that were not compared and yet may name a file. */
    @JsonIgnore
    public boolean hasUncomparedRecords() {
        return !prefix.isEmpty() || counts.invalid() > 0;
    }

    /** Whether a record, orphaned or not compared, may name an orphaned file after all. */
    @JsonIgnore
    public boolean mayHaveNearMatches() {
        return counts.orphanedFiles() > 0 && (counts.orphanedRecords() > 0 || hasUncomparedRecords());
    }

    /** Why this verdict may be wrong although it is complete; empty where nothing is odd. */
    @JsonIgnore
    public List<String> suspicions() {
        return suspicious == null ? List.of() : suspicious.lines().toList();
    }

    /** Whether later runs are measured by this one and a cleanup may follow it, as the column {@code trusted} has it. */
    @JsonIgnore
    public boolean isTrusted() {
        return isComplete() && (suspicious == null || acknowledgement != null);
    }

    /** Why nobody can see what the run found any more, one sentence; empty where that can be seen. */
    @JsonIgnore
    public Optional<String> forgotten() {
        return Optional.ofNullable(findingsForgottenAt)
                .map(at -> "The findings of run " + id + " were forgotten at " + at.truncatedTo(ChronoUnit.SECONDS)
                        + ", when they were older than KEEP_FINDINGS; its verdict and its counts are kept.");
    }

    /** For the statement that stores them; null for none. */
    @JsonIgnore
    public String foreignFoldersJson() {
        return foreignFolders.isEmpty() ? null : Json.write(foreignFolders);
    }

    /** The complete run, with the pairs that its findings were found to hold. */
    public static Run withNearMatches(Run run, long pairs) {
        return run.with(
                run.counts.withNearMatches(pairs),
                run.usage,
                run.suspicious,
                run.failure,
                run.remarks,
                run.foreignFolders);
    }

    /** The complete run, with what is odd about its verdict; each reason without a line break. */
    public static Run withSuspicions(Run run, List<String> reasons) {
        return run.with(run.counts, run.usage, lines(reasons), run.failure, run.remarks, run.foreignFolders);
    }

    /** The run, with how its sides were read; each sentence without a line break. */
    public static Run withRemarks(Run run, List<String> sentences) {
        return run.with(run.counts, run.usage, run.suspicious, run.failure, lines(sentences), run.foreignFolders);
    }

    /** The complete run, with the folders in which nothing matches, largest first. */
    public static Run withForeignFolders(Run run, List<ForeignFolder> folders) {
        return run.with(run.counts, run.usage, run.suspicious, run.failure, run.remarks, folders);
    }

    /** The run, with one more sentence of that kind. */
    public static Run withRemark(Run run, String sentence) {
        List<String> sentences = new ArrayList<>(
                run.remarks == null ? List.of() : run.remarks.lines().toList());
        sentences.add(sentence);
        return withRemarks(run, sentences);
    }

    /** The run, with other words for why it has no verdict; null for none. */
    public Run withFailure(String reason) {
        return with(counts, usage, suspicious, reason, remarks, foreignFolders);
    }

    Run withUsage(Usage asked) {
        return with(counts, asked, suspicious, failure, remarks, foreignFolders);
    }

    private static String lines(List<String> sentences) {
        return sentences.isEmpty() ? null : String.join("\n", sentences);
    }

    private Run with(
            Counts facts, Usage asked, String reasons, String reason, String sentences, List<ForeignFolder> folders) {
        return new Run(
                id,
                trigger,
                status,
                startedAt,
                finishedAt,
                bucket,
                prefix,
                facts,
                asked,
                reasons,
                reason,
                sentences,
                proof,
                acknowledgement,
                folders,
                findingsForgottenAt);
    }

    Run completed(OffsetDateTime at, Counts facts, Proof evidence) {
        return new Run(
                id,
                trigger,
                Status.COMPLETE,
                startedAt,
                at,
                bucket,
                prefix,
                facts,
                usage,
                null,
                null,
                remarks,
                evidence);
    }

    Run incomplete(OffsetDateTime at, String reason, Proof evidence) {
        return new Run(
                id,
                trigger,
                Status.INCOMPLETE,
                startedAt,
                at,
                bucket,
                prefix,
                null,
                usage,
                null,
                reason,
                remarks,
                evidence);
    }
}
