package dev.stocktake.suspicion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.Finding;
import dev.stocktake.json.Json;
import dev.stocktake.records.RecordsDatabase;
import dev.stocktake.records.RecordsDatabase.Reading;
import dev.stocktake.records.RecordsDatabase.Relation;
import dev.stocktake.report.StoredRun;
import dev.stocktake.run.Run;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuspicionTest {
    private static final String PREVIOUS = "the previous trusted run (2024-01-14T03:00:00Z)";

    private final StoredRun stored = StoredRun.empty();

    private static Run.Counts counts(long matched, long orphanedFiles, long orphanedRecords) {
        return new Run.Counts(
                matched + orphanedFiles,
                matched + orphanedRecords,
                matched,
                matched,
                orphanedFiles,
                orphanedRecords,
                0,
                0,
                0,
                0,
                0,
                0);
    }

    private static Map<String, Object> previous(long records, long orphans) {
        Map<String, Object> row = new HashMap<>();
        row.put("started_at", Timestamp.from(Instant.parse("2024-01-14T03:00:00.5Z")));
        row.put("records", records);
        row.put("orphans", orphans);
        return row;
    }

    private List<String> suspicions(Run.Counts counts, Map<String, Object> previous) {
        return judge(20, counts, previous, null, null).suspicions();
    }

    private Run judge(
            int percent,
            Run.Counts counts,
            Map<String, Object> previous,
            RecordsDatabase database,
            List<Map<String, Object>> clues) {
        return new Suspicion(stored.findings(), percent).judge(stored.complete(counts), previous, database, clues);
    }

    @Test
    void nothingOddIsNoReasonAndLeavesTheRunAsItIs() {
        Run.Counts counts = counts(150, 3, 0);

        Run judged = judge(20, counts, previous(150, 3), null, null);

        assertThat(judged).isEqualTo(stored.complete(counts));
        assertThat(judged.suspicious()).isNull();
    }

    @Test
    void twoEmptySidesAreNotSuspicious() {
        assertThat(suspicions(counts(0, 0, 0), null)).isEmpty();
        assertThat(suspicions(counts(0, 0, 0), previous(0, 0))).isEmpty();
    }

    @Test
    void anEmptyBucketIsSuspiciousAlsoWithDirectoryMarkersInIt() {
        String reason = "The bucket holds no file, but there are records (12); check S3_BUCKET and S3_PREFIX";

        assertThat(suspicions(counts(0, 0, 12), null)).containsExactly(reason);
        assertThat(suspicions(new Run.Counts(2, 12, 0, 0, 0, 12, 0, 0, 2, 0, 0, 0), null))
                .containsExactly(reason);
        // markers that records name are files like any other
        assertThat(suspicions(new Run.Counts(2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0), null))
                .isEmpty();
    }

    @Test
    void anEmptyTableIsSuspiciousAlsoWhenNoFileIsOldEnoughToJudge() {
        String reason = "There is no record, but the bucket holds files (12); check DATABASE_URL and the records query";

        assertThat(suspicions(counts(0, 12, 0), null)).containsExactly(reason);
        assertThat(suspicions(new Run.Counts(12, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0), null))
                .containsExactly(reason);
        assertThat(suspicions(new Run.Counts(12, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0), null))
                .as("directory markers alone need no record")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        // percent, matched, orphaned files, orphaned records, whose share is suspicious
        "20, 80, 20, 0, none",
        "20, 80, 21, 0, files",
        "20, 80, 0, 20, none",
        "20, 80, 0, 21, records",
        "20, 80, 21, 21, both",
        "20, 799999, 200000, 0, files",
        "20, 800000, 200000, 0, none",
        "20, 4, 1, 1, none",
        "20, 3, 1, 1, both",
        "1, 99, 1, 0, none",
        "1, 98, 1, 0, files",
        "50, 50, 50, 51, records",
        "100, 1, 99, 99, none",
    })
    void moreOrphansThanTheShareThatIsAllowedAreSuspicious(
            int percent, long matched, long orphanedFiles, long orphanedRecords, String whose) {
        List<String> reasons = judge(percent, counts(matched, orphanedFiles, orphanedRecords), null, null, null)
                .suspicions();

        String files = orphanedFiles + " of " + (matched + orphanedFiles)
                + " files are orphaned, above SUSPICIOUS_ORPHAN_PERCENT (" + percent + " %)";
        String records = orphanedRecords + " of " + (matched + orphanedRecords)
                + " records are orphaned, above SUSPICIOUS_ORPHAN_PERCENT (" + percent + " %)";
        assertThat(reasons)
                .isEqualTo(
                        switch (whose) {
                            case "none" -> List.of();
                            case "files" -> List.of(files);
                            case "records" -> List.of(records);
                            default -> List.of(files, records);
                        });
    }

    @ParameterizedTest
    @CsvSource({"3,30,false", "3,31,true", "0,10,false", "0,11,true", "1,10,false", "1,11,true", "100,100,false"})
    void aboveTenTimesTheOrphansOfThePreviousRunIsSuspicious(long before, long now, boolean suspicious) {
        // of both kinds together
        List<String> reasons = suspicions(counts(1000, now - 5, 5), previous(1005, before));

        assertThat(reasons)
                .isEqualTo(
                        suspicious
                                ? List.of(now + " orphans are above ten times the " + before + " of " + PREVIOUS)
                                : List.of());
    }

    @ParameterizedTest
    @CsvSource({"1000,800,false", "1000,799,true", "1000,1000,false", "1000,2000,false", "4,3,true", "5,4,false"})
    void recordsThatFellByOver20PercentAreSuspicious(long before, long now, boolean suspicious) {
        List<String> reasons = suspicions(counts(now, 0, 0), previous(before, 0));

        assertThat(reasons)
                .isEqualTo(
                        suspicious
                                ? List.of("The " + now + " records are over 20 % fewer than the " + before + " of "
                                        + PREVIOUS)
                                : List.of());
    }

    private static RecordsDatabase database(int timeline, Relation... relations) {
        return new RecordsDatabase(
                "UTF8",
                "7001",
                timeline,
                false,
                null,
                Reading.INDEX,
                false,
                List.of(relations),
                List.of(),
                List.of(),
                List.of());
    }

    @Test
    void aQueryThatReadsOtherTablesThanBeforeIsSuspicious() {
        Map<String, Object> before = previous(100, 0);
        before.put(
                "relations",
                Json.write(List.of(
                        new Relation("public.assets", 10, false, ""), new Relation("public.old", 11, false, ""))));
        Run.Counts counts = counts(100, 0, 0);

        assertThat(judge(20, counts, before, database(1, new Relation("a.assets", 12, false, "")), null)
                        .suspicions())
                .containsExactly("The records query no longer reads public.assets, public.old, but a.assets: check"
                        + " search_path, tables of the same name, and partitions that were detached or dropped");
        assertThat(judge(
                                20,
                                counts,
                                before,
                                database(
                                        1,
                                        new Relation("public.assets", 20, false, ""),
                                        new Relation("public.old", 11, true, "")),
                                null)
                        .suspicions())
                .containsExactly(
                        "The table public.assets is another one than in the last trusted run: it was made anew or swapped"
                                + " (its oid was 10 and is 20)",
                        "Row-level security hides rows of public.old, and did not in the last trusted run");
        assertThat(judge(
                                20,
                                counts,
                                before,
                                database(
                                        1,
                                        new Relation("public.assets", 10, false, ""),
                                        new Relation("public.new", 13, false, ""),
                                        new Relation("public.renamed", 11, false, "")),
                                null)
                        .suspicions())
                .isEmpty();
    }

    @Test
    void aViewThatCameBetweenOrWasChangedIsSuspiciousAndOneThatWasMadeAnewIsNot() {
        Run.Counts counts = counts(100, 0, 0);
        Relation table = new Relation("public.assets_all", 10, false, "");
        Relation view = new Relation("public.assets", 11, false, "a");

        assertThat(after(counts, List.of(new Relation("public.assets", 10, false, "")), table, view))
                .containsExactly(
                        "The records query reads through the view public.assets, which may leave out records, and did"
                                + " not in the last trusted run");
        assertThat(after(counts, List.of(table, view), table, new Relation("public.assets", 11, false, "b")))
                .containsExactly("The view public.assets was changed since the last trusted run");
        assertThat(after(counts, List.of(table, view), table, new Relation("public.assets", 12, false, "a")))
                .isEmpty();
        assertThat(after(counts, List.of(new Relation("public.assets_all", 10, false, null)), table, view))
                .as("nobody knows of views in what was stored before they were")
                .isEmpty();
    }

    private List<String> after(Run.Counts counts, List<Relation> relationsBefore, Relation... now) {
        Map<String, Object> before = previous(100, 0);
        before.put("relations", Json.write(relationsBefore));
        return judge(20, counts, before, database(1, now), null).suspicions();
    }

    @Test
    void anotherRecordsDatabaseIsSuspiciousEvenIfAllElseIsInOrder() {
        Map<String, Object> before = previous(100, 0);
        before.put("system_identifier", "7001");
        before.put("timeline", 1);
        Run.Counts counts = counts(100, 0, 0);

        assertThat(judge(20, counts, before, database(2), null).suspicions())
                .containsExactly("The records database was restored from a backup, failed over or replaced since the"
                        + " last trusted run that knew it: its timeline was 1 and is 2");
        assertThat(judge(20, counts, before, database(1), null).suspicions()).isEmpty();
        assertThat(judge(20, counts, before, null, null).suspicions()).isEmpty();
        assertThat(judge(20, counts, previous(100, 0), database(1), null).suspicions())
                .isEmpty();
        assertThat(judge(20, counts, null, database(1), null).suspicions()).isEmpty();
    }

    @Test
    void severalReasonsStandOneALine() {
        Run judged = judge(20, counts(700, 300, 300), previous(2000, 1), null, null);

        assertThat(judged.suspicions()).hasSize(4);
        assertThat(judged.suspicious().split("\n", -1)).containsExactlyElementsOf(judged.suspicions());
        assertThat(judged.status()).isEqualTo(Run.Status.COMPLETE);
        assertThat(judged.counts()).isEqualTo(counts(700, 300, 300));
    }

    @ParameterizedTest
    @CsvSource({
        // matched, orphaned files, orphaned records
        "1, 99, 99, false",
        "1, 100, 100, true",
        "0, 1, 1, true",
        "0, 0, 1, false",
        "0, 1, 0, false",
        "10, 990, 990, false",
        "9, 991, 991, true",
        // one side is that of a smaller share of the same assets, and all of it matches
        "5, 1000000, 0, false",
        "5, 0, 1000000, false",
    })
    void underOnePercentOfEitherSideMatchingIsAMismatch(
            long matched, long orphanedFiles, long orphanedRecords, boolean mismatch) {
        assertThat(new Suspicion(stored.findings(), 20)
                        .isMismatch(stored.complete(counts(matched, orphanedFiles, orphanedRecords))))
                .isEqualTo(mismatch);
    }

    @Test
    void whatIsTooRecentToJudgeDoesNotMakeAMismatch() {
        assertThat(suspicions(new Run.Counts(500, 500, 2, 2, 0, 0, 996, 0, 0, 0, 0, 0), null))
                .isEmpty();
    }

    @Test
    void aMismatchShowsFiveKeysOfEachSideEscapedAndShortened() {
        List<Finding> findings = IntStream.rangeClosed(1, 7)
                .mapToObj(n -> StoredRun.file("f" + n + "\n\u001B[2J", "2024-01-14T00:00:00Z"))
                .toList();
        stored.with(findings).with(StoredRun.record("r".repeat(119) + "\uD83E\uDD81!", "1", null));

        List<String> reasons = suspicions(counts(0, 7, 1), null);

        assertThat(reasons)
                .singleElement()
                .isEqualTo("Under 1 % match (0 of 7 files, 0 of 1 records): the mapping of"
                        + " keys is probably wrong. Files: \"f1\\n\\u001B[2J\", \"f2\\n\\u001B[2J\", \"f3\\n\\u001B[2J\","
                        + " \"f4\\n\\u001B[2J\", \"f5\\n\\u001B[2J\"; records: \"" + "r".repeat(119)
                        + "\uD83E\uDD81…\"."
                        + " No single prefix and no single step makes them agree");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-               | percent_decoding | 6 | 10 | Nearest: most keys agree but for percent decoding: make up for it in the records query",
                "-               | bucket_or_host_prefix | 9 | 10 | Nearest: most keys agree but for bucket or host prefix: make up for it in the records query",
                "-               | percent_decoding | 5 | 10 | No single prefix and no single step makes them agree",
                "orphaned_file   | media/           | 11 | 20 | Nearest: the keys of the files begin with \"media/\" and those of the records do not: put it before the key in the records query",
                "orphaned_record | media/           | 20 | 20 | Nearest: the keys of the records begin with \"media/\" and those of the files do not: take it off in the records query",
                "orphaned_record | media/           | 10 | 20 | No single prefix and no single step makes them agree",
            })
    void aClueThatExplainsMoreThanHalfIsTold(String side, String change, long explained, long asked, String told) {
        Map<String, Object> clue = new HashMap<>();
        clue.put("side", side);
        clue.put("change", change);
        clue.put("explained", explained);
        clue.put("asked", asked);
        Map<String, Object> weak = new HashMap<>(clue);
        weak.put("explained", 0L);

        assertThat(judge(20, counts(0, 10, 10), null, null, List.of(weak, clue)).suspicions())
                .singleElement()
                .asString()
                .endsWith(". " + told);
    }
}
