package dev.stocktake.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.run.Run;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextReportTest {
    private static final String EXAMPLE = """
            === Storage Maintenance Report ===
            Timestamp: 2024-01-15T03:00:00Z

            === DB → Storage Check ===
            ✅ All 150 DB records have corresponding files

            === Storage → DB Check ===
            ⚠️  Found 3 orphaned files:
              - assets/lion/pl_preview.png (created: 2024-01-14)
              - assets/cat/pl_preview.png (created: 2024-01-14)
              - assets/dog/pl_preview.png (created: 2024-01-13)

            === Summary ===
            Orphaned files: 3
            Orphaned records: 0
            """;

    private final StoredRun stored = StoredRun.empty();

    private StoredRun threeOrphans() {
        return stored.with(
                StoredRun.file("assets/cat/pl_preview.png", "2024-01-14T09:45:00Z"),
                StoredRun.file("assets/dog/pl_preview.png", "2024-01-13T11:05:00Z"),
                StoredRun.file("assets/lion/pl_preview.png", "2024-01-14T16:20:00Z"));
    }

    @Test
    void isTheExampleToTheLetter() {
        threeOrphans();

        assertThat(stored.reports().text(stored.complete(3, 0))).isEqualTo(EXAMPLE);
    }

    @ParameterizedTest
    @CsvSource({"ar-EG-u-nu-arab, Pacific/Kiritimati", "hi-IN-u-nu-deva, America/Los_Angeles", "tr-TR, Asia/Kolkata"})
    void isTheSameWhateverTheMachinesLanguageAndZone(String locale, String zone) {
        threeOrphans();
        Locale usualLocale = Locale.getDefault();
        TimeZone usualZone = TimeZone.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag(locale));
            TimeZone.setDefault(TimeZone.getTimeZone(zone));

            assertThat(stored.reports().text(stored.complete(3, 0))).isEqualTo(EXAMPLE);
        } finally {
            Locale.setDefault(usualLocale);
            TimeZone.setDefault(usualZone);
        }
    }

    @Test
    void saysInOneLineEachThatBothSidesAreClean() {
        assertThat(stored.reports().text(stored.complete(new Run.Counts(150, 151, 150, 151, 0, 0, 0, 0, 0, 0, 0, 0))))
                .isEqualTo("""
                        === Storage Maintenance Report ===
                        Timestamp: 2024-01-15T03:00:00Z

                        === DB → Storage Check ===
                        ✅ All 151 DB records have corresponding files

                        === Storage → DB Check ===
                        ✅ All 150 files have DB records

                        === Summary ===
                        Orphaned files: 0
                        Orphaned records: 0
                        """);
    }

    @Test
    void listsOrphanedRecordsByTheirIdTheNewestFirst() {
        stored.with(
                StoredRun.record("assets/a.png", "17", "2024-01-01T00:00:00Z"),
                StoredRun.record("assets/b.png", "4", "2024-01-02T23:59:59Z"),
                StoredRun.record("assets/c.png", "not known when", null));

        assertThat(stored.reports().text(stored.complete(0, 3))).isEqualTo("""
                        === Storage Maintenance Report ===
                        Timestamp: 2024-01-15T03:00:00Z

                        === DB → Storage Check ===
                        ⚠️  Found 3 orphaned records:
                          - assets/b.png (record: 4, created: 2024-01-02)
                          - assets/a.png (record: 17, created: 2024-01-01)
                          - assets/c.png (record: not known when)

                        === Storage → DB Check ===
                        ✅ All 150 files have DB records

                        === Summary ===
                        Orphaned files: 0
                        Orphaned records: 3
                        """);
    }

    @Test
    void listsOneOrphanOfEachKindInTheSingular() {
        stored.with(
                StoredRun.file("file.png", "2024-01-14T00:00:00Z"),
                StoredRun.record("record.png", "1", "2024-01-14T00:00:00Z"));

        assertThat(stored.reports().text(stored.complete(1, 1)))
                .contains("\n⚠️  Found 1 orphaned file:\n  - file.png (created: 2024-01-14)\n")
                .contains("\n⚠️  Found 1 orphaned record:\n  - record.png (record: 1, created: 2024-01-14)\n")
                .doesNotContain("✅")
                .endsWith("Orphaned files: 1\nOrphaned records: 1\n");
    }

    @Test
    void saysWhatWasNotJudgedAndNotCompared() {
        assertThat(stored.reports().text(stored.complete(new Run.Counts(16, 17, 10, 10, 0, 0, 11, 0, 2, 3, 0, 0))))
                .isEqualTo("""
                        === Storage Maintenance Report ===
                        Timestamp: 2024-01-15T03:00:00Z

                        === DB → Storage Check ===
                        ✅ All 10 judged DB records have corresponding files
                        ⚠️  3 invalid DB records were not compared: their storage key is NULL, empty or over 1,024 bytes

                        === Storage → DB Check ===
                        ✅ All 10 judged files have DB records

                        === Summary ===
                        Orphaned files: 0
                        Orphaned records: 0
                        Too recent to judge: 11
                        Invalid records: 3
                        Directory markers: 2
                        """);
    }

    @Test
    void whatVanishedWhileItWasVerifiedIsToldInTheSummary() {
        assertThat(stored.reports().text(stored.complete(new Run.Counts(11, 10, 10, 10, 0, 0, 0, 1, 0, 0, 0, 0))))
                .contains("✅ All 10 DB records have corresponding files\n")
                .contains("✅ All 10 judged files have DB records\n")
                .endsWith("Orphaned records: 0\nVanished while verifying: 1\n");
    }

    @Test
    void whatIsOddAboutTheVerdictComesBeforeAllElse() {
        threeOrphans();

        assertThat(stored.reports()
                        .text(Run.withSuspicions(stored.complete(3, 0), List.of("First reason", "Second reason"))))
                .isEqualTo(EXAMPLE.replace(
                        "Timestamp", "⚠️  SUSPICIOUS: First reason\n⚠️  SUSPICIOUS: Second reason\nTimestamp"));
    }

    @Test
    void nearMatchesAreListedApartAndNotAgain() {
        stored.with(
                        StoredRun.file("Lion.png", "2024-01-14T00:00:00Z"),
                        StoredRun.file("alone.png", "2024-01-14T00:00:00Z"),
                        StoredRun.record("lion.png", "7", "2024-01-14T00:00:00Z"))
                .nearMatch("Lion.png", "lion.png", "case");

        assertThat(stored.reports().text(Run.withNearMatches(stored.complete(2, 1), 1)))
                .isEqualTo("""
                        === Storage Maintenance Report ===
                        Timestamp: 2024-01-15T03:00:00Z

                        === DB → Storage Check ===
                        ⚠️  Found 1 orphaned record, listed under Near Matches

                        === Storage → DB Check ===
                        ⚠️  Found 2 orphaned files, 1 here and 1 under Near Matches:
                          - alone.png (created: 2024-01-14)

                        === Near Matches ===
                        ⚠️  1 pair of a file and a record, probably one asset under two keys: correct a key, clean up neither
                          - Lion.png ↔ lion.png (record: 7; differs by case)

                        === Summary ===
                        Orphaned files: 2
                        Orphaned records: 1
                        Near matches: 1
                        """);
    }

    @ParameterizedTest
    @ValueSource(ints = {99, 100, 101, 250})
    void cutsTheListOfNearMatchesAt100AndSaysHowManyMoreThereAreAndWhere(int pairs) {
        IntStream.range(0, pairs)
                .forEach(n -> stored.with(
                                StoredRun.file("F-%03d".formatted(n), "2024-01-14T00:00:00Z"),
                                StoredRun.record("f-%03d".formatted(n), "" + n, null))
                        .nearMatch("F-%03d".formatted(n), "f-%03d".formatted(n), "case"));
        stored.with(IntStream.range(0, 101)
                .mapToObj(n -> StoredRun.file("alone-%03d".formatted(n), "2024-01-14T00:00:00Z"))
                .toList());

        List<String> lines = stored.reports()
                .text(Run.withNearMatches(stored.complete(pairs + 101, pairs), pairs))
                .lines()
                .toList();

        assertThat(lines)
                .contains("⚠️  Found %d orphaned files, 101 here and %d under Near Matches:"
                        .formatted(pairs + 101, pairs));
        assertThat(lines).filteredOn(line -> line.contains(" ↔ ")).hasSize(Math.min(pairs, 100));
        assertThat(lines)
                .contains("  … and 1 more: GET /api/runs/%s/findings?kind=orphaned_file, or the table stocktake.finding"
                        .formatted(stored.id()));
        String more = "  … and %d more: the column near_match of the table stocktake.finding, for run %s"
                .formatted(pairs - 100, stored.id());
        if (pairs > 100) {
            assertThat(lines).contains(more);
        } else {
            assertThat(lines).noneMatch(line -> line.contains("the column near_match"));
        }
    }

    @Test
    void aKeyOfANearMatchCannotBreakTheLineEither() {
        stored.with(
                        StoredRun.file("A\n✅ All 9 files", "2024-01-14T00:00:00Z"),
                        StoredRun.record("a\n✅ all 9 files", "1\u001B[1m", null))
                .nearMatch("A\n✅ All 9 files", "a\n✅ all 9 files", "case");

        assertThat(stored.reports().text(Run.withNearMatches(stored.complete(1, 1), 1)))
                .contains("  - A\\n✅ All 9 files ↔ a\\n✅ all 9 files (record: 1\\u001B[1m; differs by case)\n");
    }

    @Test
    void directoryMarkersAreNoFilesThatWouldNeedARecord() {
        assertThat(stored.reports().text(stored.complete(new Run.Counts(12, 10, 10, 10, 0, 0, 0, 0, 2, 0, 0, 0))))
                .contains("✅ All 10 DB records have corresponding files\n")
                .contains("✅ All 10 files have DB records\n")
                .endsWith("Directory markers: 2\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {99, 100, 101, 1000})
    void cutsALongListAt100AndSaysHowManyMoreThereAreAndWhere(int orphans) {
        stored.with(IntStream.range(0, orphans)
                .mapToObj(number -> StoredRun.file("file-%04d".formatted(number), "2024-01-14T00:00:00Z"))
                .toList());

        List<String> lines =
                stored.reports().text(stored.complete(orphans, 0)).lines().toList();

        assertThat(lines).contains("⚠️  Found %d orphaned files:".formatted(orphans), "Orphaned files: " + orphans);
        assertThat(lines).filteredOn(line -> line.startsWith("  - ")).hasSize(Math.min(orphans, 100));
        assertThat(lines)
                .filteredOn(line -> line.contains("more"))
                .isEqualTo(
                        orphans <= 100
                                ? List.of()
                                : List.of(
                                        "  … and %d more: GET /api/runs/%s/findings?kind=orphaned_file, or the table stocktake.finding"
                                                .formatted(orphans - 100, stored.id())));
    }

    @Test
    void cutsTheListOfRecordsToo() {
        stored.with(IntStream.range(0, 101)
                .mapToObj(number -> StoredRun.record("record-%04d".formatted(number), "" + number, null))
                .toList());

        assertThat(stored.reports().text(stored.complete(0, 101)))
                .contains("  … and 1 more: GET /api/runs/" + stored.id()
                        + "/findings?kind=orphaned_record, or the table");
    }

    @Test
    void withoutAVerdictSaysSoFirstAndWhyAndNoCount() {
        // nothing of what may be left in the table is shown
        threeOrphans();
        String reason = "The store says that the bucket does not exist. Check S_BUCKET.";

        String text = stored.reports().text(stored.incomplete(reason));

        List<String> lines = text.lines().toList();
        assertThat(lines.get(1)).contains("NO VERDICT").contains("INCOMPLETE");
        assertThat(lines.get(2)).isEqualTo("Reason: " + reason);
        assertThat(text).doesNotContain("✅", "Summary", "assets/", "orphaned files:");
        // the time is the only number there is
        assertThat(text.replace("Timestamp: 2024-01-15T03:00:00Z", "")).doesNotContainPattern("\\d");
    }

    @Test
    void aRunThatGoesOnHasNoVerdictYet() {
        threeOrphans();

        String text = stored.reports().text(stored.running());

        assertThat(text.lines().toList().get(1)).contains("NO VERDICT YET");
        assertThat(text).doesNotContain("✅", "Summary", "assets/");
    }

    @Test
    void aKeyOrIdCannotBreakTheLineOrDriveTheTerminal() {
        stored.with(
                StoredRun.file("a\n✅ All 9 files have DB records", "2024-01-14T00:00:00Z"),
                StoredRun.file("b\u001B[2J\u0007\u009B31m\r\t\u007F", "2024-01-13T00:00:00Z"),
                StoredRun.file("c\u202Egnp.exe\u2066\u200F\uFEFF\u2028", "2024-01-12T00:00:00Z"),
                StoredRun.record("d", "1\n\u001B[1m", null));

        String text = stored.reports().text(stored.complete(3, 1));

        assertThat(text)
                .contains("  - a\\n✅ All 9 files have DB records (created: 2024-01-14)\n")
                .contains("  - b\\u001B[2J\\u0007\\u009B31m\\r\\t\\u007F (created: 2024-01-13)\n")
                .contains("  - c\\u202Egnp.exe\\u2066\\u200F\\uFEFF\\u2028 (created: 2024-01-12)\n")
                .contains("  - d (record: 1\\n\\u001B[1m)\n");
        assertThat(Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029&&[^\\n]]")
                        .matcher(text)
                        .find())
                .isFalse();
    }

    @Test
    void otherScriptsAndEmojiStayReadable() {
        stored.with(StoredRun.file("löwe/ライオン/\uD83E\uDD81.png", "2024-01-14T00:00:00Z"));

        assertThat(stored.reports().text(stored.complete(1, 0))).contains("  - löwe/ライオン/\uD83E\uDD81.png (created");
    }
}
