package dev.stocktake.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MergeTest {
    private static final Instant NOW = Instant.parse("2024-01-15T03:00:00Z");
    private static final Instant LONG_AGO = Instant.parse("2024-01-10T12:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final KeySpace ALL = new KeySpace("");
    private static final Range WHOLE = new Range(0, "", ALL.end());
    private static final StorageMarker LISTING_START = StorageMarker.after("");
    private static final RecordsMarker RANGE_START = new RecordsMarker("", null);

    // what is found

    @ParameterizedTest
    @CsvSource({
        "'',          '',          '',     ''",
        "a b c,       a b c,       '',     ''",
        "a b c,       '',          a b c,  ''",
        "'',          a b c,       '',     a b c",
        "a b c d,     b c d,       a,      ''",
        "a b c d,     a c d,       b,      ''",
        "a b c d,     a b c,       d,      ''",
        "b c d,       a b c d,     '',     a",
        "a c d,       a b c d,     '',     b",
        "a b c,       a b c d,     '',     d",
        "a b,         c d,         a b,    c d",
        "c d,         a b,         c d,    a b",
        "a c e,       b d f,       a c e,  b d f",
        "a%20b a+b,   a%20b a%2Bb, a+b,    a%2Bb",
        "caf\u00E9,   cafe\u0301,  caf\u00E9, cafe\u0301",
        "\uFFFD,      \uD83D\uDE00 \uFFFD, '', \uD83D\uDE00",
        "\uD83D\uDE00 \uFFFD, \uFFFD, \uD83D\uDE00, ''",
    })
    void findsWhatOnlyOneSideHasWithPagesOfAnySize(String objects, String records, String files, String missing) {
        for (int objectsAPage : new int[] {1, 2, 3, 1000}) {
            for (int recordsAPage : new int[] {1, 2, 3, 1000}) {
                Comparison comparison = compare(
                        bucket(objectsAPage, words(objects).map(MergeTest::object)),
                        table(recordsAPage, words(records).map(key -> row(key, "1"))));

                assertThat(keys(comparison, Finding.Kind.ORPHANED_FILE))
                        .containsExactlyElementsOf(words(files).toList());
                assertThat(keys(comparison, Finding.Kind.ORPHANED_RECORD))
                        .containsExactlyElementsOf(words(missing).toList());
                assertThat(comparison.balances()).isTrue();
            }
        }
    }

    @Test
    void timesThatSayNoAgeAreCountedOnceHoweverOftenPagesAreReadAgain() {
        Instant later = NOW.plus(Duration.ofDays(1)).plusMillis(1);
        List<StoredObject> objects = Stream.of("a", "b", "c", "d", "e")
                .map(key -> new StoredObject(key, 3, "e", key.compareTo("c") < 0 ? null : later))
                .toList();
        List<AssetRecord> records = Stream.of("b", "d", "f", "g")
                .map(key -> new AssetRecord(key, "1", null, null, null, true, key.equals("d") ? 90 : 7))
                .toList();
        for (int size : new int[] {1, 2, 1000}) {
            for (Comparison comparison : List.of(
                    compare(bucket(size, objects.stream()), table(size, records.stream())),
                    Comparison.interrupted(
                            bucket(size, objects.stream()),
                            table(size, records.stream()),
                            ALL,
                            List.of(WHOLE),
                            HOUR))) {
                assertThat(comparison.tally()).isEqualTo(new Tally(5, 4, 2, 2, 3, 2, 0, 0, 0, 5, 4, 90));
            }
        }
    }

    @Test
    void aLastModifiedOfADayBeyondTheClockIsTooRecent() {
        Comparison comparison = compare(
                bucket(10, Stream.of(new StoredObject("a", 3, "e", NOW.plus(Duration.ofDays(1))))),
                table(10, Stream.of()));

        assertThat(comparison.tally()).isEqualTo(new Tally(1, 0, 0, 0, 0, 0, 1, 0, 0));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1000", "999, 1000", "1000, 1000", "1001, 1000", "2000, 2001", "2001, 0", "1, 2000"})
    void countsEverythingAroundFullPages(int objects, int records) {
        Comparison comparison = compare(
                bucket(1000, numbered(objects).map(MergeTest::object)),
                table(1000, numbered(records).map(key -> row(key, "1"))));

        int both = Math.min(objects, records);
        assertThat(comparison.tally())
                .isEqualTo(new Tally(objects, records, both, both, objects - both, records - both, 0, 0, 0));
        assertThat(comparison.findings()).hasSize(objects + records - 2 * both);
    }

    @Test
    void saysOfAFindingWhatItsSideKnows() {
        StoredObject file = new StoredObject("a", 42, "etag-a", LONG_AGO);
        AssetRecord missing = new AssetRecord("b", "id-b", LONG_AGO, 43L, "etag-b");
        AssetRecord bare = new AssetRecord("c", "", null, null, null);

        Comparison comparison = compare(bucket(10, Stream.of(file)), table(10, Stream.of(missing, bare)));

        assertThat(comparison.findings())
                .containsExactly(
                        new Finding(Finding.Kind.ORPHANED_FILE, "a", null, 42L, "etag-a", LONG_AGO),
                        new Finding(Finding.Kind.ORPHANED_RECORD, "b", "id-b", 43L, "etag-b", LONG_AGO),
                        new Finding(Finding.Kind.ORPHANED_RECORD, "c", "", null, null, null));
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "7", "1000"})
    void oneObjectMatchesAllItsRecordsAlsoAcrossPages(int recordsAPage) {
        Comparison comparison = compare(
                bucket(1, Stream.of(object("a"), object("b"), object("c"))),
                table(
                        recordsAPage,
                        Stream.of(
                                row("a", "1"),
                                row("b", "1"),
                                row("b", "2"),
                                row("b", "3"),
                                row("b", "4"),
                                row("c", "1"))));

        assertThat(comparison.findings()).isEmpty();
        assertThat(comparison.tally()).isEqualTo(new Tally(3, 6, 3, 6, 0, 0, 0, 0, 0));
    }

    @Test
    void moreThanAPageOfRecordsOfOneKeyAllMatchItsObject() {
        Comparison comparison = compare(
                bucket(1000, Stream.of(object("a"), object("shared"), object("z"))),
                table(1000, Stream.concat(recordsOf("shared", 2500), Stream.of(row("z", "1")))));

        assertThat(keys(comparison, Finding.Kind.ORPHANED_FILE)).containsExactly("a");
        assertThat(comparison.tally().matched()).isEqualTo(2);
        assertThat(comparison.tally().matchedRecords()).isEqualTo(2501);
        assertThat(comparison.balances()).isTrue();
    }

    @Test
    void moreThanAPageOfRecordsOfOneMissingKeyAreAFindingEach() {
        Comparison comparison = compare(
                bucket(1000, Stream.of(object("a"), object("z"))),
                table(1000, Stream.concat(recordsOf("shared", 2500), Stream.of(row("z", "1")))));

        assertThat(comparison.findings())
                .filteredOn(finding -> finding.kind() == Finding.Kind.ORPHANED_RECORD)
                .hasSize(2500)
                .allMatch(finding -> finding.storageKey().equals("shared"))
                .extracting(Finding::recordId)
                .doesNotHaveDuplicates();
        assertThat(comparison.balances()).isTrue();
    }

    @Test
    void theSameRowMoreOftenThanAPageHoldsIsNotCutApart() {
        Comparison comparison = compare(
                bucket(10, Stream.of(object("b"))),
                table(2, Stream.of(row("a", "1"), row("a", "1"), row("a", "1"), row("a", "1"), row("b", "1"))));

        assertThat(keys(comparison, Finding.Kind.ORPHANED_RECORD)).containsExactly("a", "a", "a", "a");
        assertThat(comparison.tally().matched()).isEqualTo(1);
    }

    @Test
    void anEmptyObjectWhoseKeyEndsInASlashIsADirectoryMarkerUnlessARecordNamesIt() {
        Comparison comparison = compare(
                bucket(
                        10,
                        Stream.of(
                                new StoredObject("marker/", 0, "e", LONG_AGO),
                                new StoredObject("recorded/", 0, "e", LONG_AGO),
                                new StoredObject("with bytes/", 1, "e", LONG_AGO),
                                new StoredObject("without slash", 0, "e", LONG_AGO))),
                table(10, Stream.of(row("recorded/", "1"))));

        assertThat(keys(comparison, Finding.Kind.ORPHANED_FILE)).containsExactly("with bytes/", "without slash");
        assertThat(comparison.tally()).isEqualTo(new Tally(4, 1, 1, 1, 2, 0, 0, 0, 1));
    }

    // what is too recent

    static Stream<Arguments> ages() {
        return Stream.of(
                arguments(NOW.minus(HOUR).minusNanos(1), HOUR, true),
                arguments(NOW.minus(HOUR).plusNanos(1), HOUR, false),
                // may have been cut to the second
                arguments(NOW.minus(HOUR).minusSeconds(1), HOUR, true),
                arguments(NOW.minus(HOUR), HOUR, false),
                arguments(NOW, HOUR, false),
                arguments(NOW.plus(HOUR), HOUR, false),
                arguments(NOW, Duration.ZERO, true),
                arguments(NOW.plus(HOUR), Duration.ZERO, true));
    }

    @ParameterizedTest
    @MethodSource("ages")
    void whatIsYoungerThanTheGracePeriodIsNotJudgedOnEitherSide(Instant time, Duration grace, boolean judged) {
        Comparison comparison = compare(
                bucket(10, Stream.of(new StoredObject("file", 3, "e", time))),
                table(10, Stream.of(new AssetRecord("record", "1", time, null, null))),
                grace);

        assertThat(comparison.findings()).hasSize(judged ? 2 : 0);
        assertThat(comparison.tally().tooRecentObjects()).isEqualTo(judged ? 0 : 1);
        assertThat(comparison.tally().tooRecentRecords()).isEqualTo(judged ? 0 : 1);
        assertThat(comparison.balances()).isTrue();
    }

    @Test
    void whatBothSidesHaveMatchesHoweverYoungItIs() {
        Comparison comparison = compare(
                bucket(10, Stream.of(new StoredObject("a", 3, "e", NOW))),
                table(10, Stream.of(new AssetRecord("a", "1", NOW, null, null))));

        assertThat(comparison.tally()).isEqualTo(new Tally(1, 1, 1, 1, 0, 0, 0, 0, 0));
    }

    @Test
    void withoutTheStoresTimeNothingIsJudgedByItsAge() {
        SimulatedTable empty = table(10, Stream.of());
        SimulatedTable missing = table(10, Stream.of(row("b", "1")));

        assertThatThrownBy(() -> compare(timeless(object("a")), empty, HOUR))
                .isInstanceOf(PageException.class)
                .hasMessageContaining("Date header")
                .hasMessageContaining("GRACE_PERIOD=0s");
        assertThatThrownBy(() -> compare(timeless(), missing, HOUR)).isInstanceOf(PageException.class);
    }

    @Test
    void withoutTheStoresTimeMatchesAndAGracePeriodOfZeroStillWork() {
        assertThat(compare(timeless(object("a")), table(10, Stream.of(row("a", "1"))), HOUR)
                        .findings())
                .isEmpty();
        assertThat(compare(timeless(object("a")), table(10, Stream.of(row("b", "1"))), Duration.ZERO)
                        .findings())
                .hasSize(2);
    }

    @Test
    void ageIsByTheStoresTimeOfThePageAndNotByThisMachines() {
        StoragePage page = new StoragePage(LISTING_START, List.of(object("a")), null, LONG_AGO.plusSeconds(60));

        Cursor cursor = new Merge(new GracePeriod(HOUR)).turn(start(), page, records(RANGE_START));

        assertThat(cursor.tally().tooRecentObjects()).isEqualTo(1);
    }

    @Test
    void theAgeOfARecordIsByTheClockThatIsFurtherBehind() {
        Instant anHourAndTenMinutesAgo = NOW.minus(Duration.ofMinutes(70));
        AssetRecord row = new AssetRecord("a", "1", anHourAndTenMinutesAgo, null, null);
        StoragePage page = new StoragePage(LISTING_START, List.of(), null, NOW);
        Merge merge = new Merge(new GracePeriod(HOUR));

        Cursor behind =
                merge.turn(Cursor.atStartOf(WHOLE, "", null, Duration.ofMinutes(11)), page, records(RANGE_START, row));
        Cursor inStep =
                merge.turn(Cursor.atStartOf(WHOLE, "", null, Duration.ofMinutes(9)), page, records(RANGE_START, row));

        assertThat(behind.tally().tooRecentRecords()).isEqualTo(1);
        assertThat(inStep.tally().suspectedRecords()).isEqualTo(1);
    }

    // where it can be taken up again

    @Test
    void aCheckpointGoesOnBehindWhatWasComparedAndReadsTheRestAgain() {
        Cursor cursor = new Merge(new GracePeriod(HOUR))
                .turn(
                        start(),
                        page(LISTING_START, StorageMarker.after("d"), "a", "b", "c", "d"),
                        records(RANGE_START, row("b", "1"), row("b", "2")));

        assertThat(cursor.checkpoint())
                .isEqualTo(new Checkpoint(
                        WHOLE,
                        "",
                        StorageMarker.after("a"),
                        new RecordsMarker("b", "2"),
                        "b",
                        new Tally(1, 2, 0, 2, 1, 0, 0, 0, 0)));
        assertThat(cursor.checkpoint().isClosed()).isFalse();
    }

    @Test
    void aCheckpointIsDueAfterTenTurnsAThousandSuspectsOrAtTheEnd() {
        Merge merge = new Merge(new GracePeriod(HOUR));
        Cursor cursor = start();
        for (int turn = 0; turn < 10; turn++) {
            assertThat(cursor.isCheckpointDue()).as("turn %d", turn).isFalse();
            StorageMarker from = cursor.storageFrom();
            cursor = merge.turn(
                    cursor,
                    page(from, StorageMarker.after("key-" + turn), "key-" + turn),
                    turn == 0 ? records(RANGE_START) : null);
        }
        assertThat(cursor.isCheckpointDue()).isTrue();
        assertThat(cursor.stored().isCheckpointDue()).isFalse();
        assertThat(cursor.stored().suspects()).isEmpty();

        StoragePage full = new StoragePage(
                LISTING_START, numbered(1000).map(MergeTest::object).toList(), StorageMarker.after("key-000999"), NOW);
        assertThat(merge.turn(start(), full, records(RANGE_START)).isCheckpointDue())
                .isTrue();
        assertThat(merge.turn(start(), page(LISTING_START, null), records(RANGE_START))
                        .isCheckpointDue())
                .isTrue();
    }

    // how it waits

    @Test
    void judgesNothingThatTheOtherSideHasNotBeenReadUpTo() {
        Cursor cursor = new Merge(new GracePeriod(HOUR))
                .turn(
                        start(),
                        page(LISTING_START, StorageMarker.after("b"), "a", "b"),
                        records(RANGE_START, row("b", "1"), row("c", "1")));

        assertThat(findings(cursor)).extracting(Finding::storageKey).containsExactly("a");
        assertThat(cursor.objects()).isEmpty();
        assertThat(cursor.records()).extracting(AssetRecord::storageKey).containsExactly("c");
        assertThat(cursor.needsObjects()).isTrue();
        assertThat(cursor.needsRecords()).isFalse();
        assertThat(cursor.isClosed()).isFalse();
    }

    @Test
    void anEmptyPageOfRecordsIsTheirEndAndAnEmptyPageOfTheListingIsNot() {
        StorageMarker token = new StorageMarker("", "token");
        Merge merge = new Merge(new GracePeriod(HOUR));

        Cursor afterEmptyPages = merge.turn(start(), page(LISTING_START, token), records(RANGE_START));

        assertThat(afterEmptyPages.isClosed()).isFalse();
        assertThat(afterEmptyPages.needsRecords()).isFalse();
        assertThat(afterEmptyPages.storageFrom()).isEqualTo(token);
        assertThat(findings(merge.turn(afterEmptyPages, page(token, null, "a"), null)))
                .extracting(Finding::storageKey)
                .containsExactly("a");
    }

    @Test
    void objectsBehindTheEndOfTheRangeAreLeftToTheNext() {
        Cursor cursor = new Merge(new GracePeriod(HOUR))
                .turn(
                        Cursor.atStartOf(new Range(0, "", "b"), "", null, Duration.ZERO),
                        page(LISTING_START, StorageMarker.after("d"), "a", "b", "c", "d"),
                        records(RANGE_START));

        assertThat(findings(cursor)).extracting(Finding::storageKey).containsExactly("a", "b");
        assertThat(cursor.tally().objects()).isEqualTo(2);
        assertThat(cursor.isClosed()).isTrue();
    }

    @Test
    void noPageIsReadInVainOnceASideHasEnded() {
        Merge merge = new Merge(new GracePeriod(HOUR));

        Cursor cursor = merge.turn(start(), page(LISTING_START, null), records(RANGE_START, row("a", "1")));

        assertThat(cursor.needsObjects()).isFalse();
        assertThat(cursor.needsRecords()).isTrue();
        assertThat(merge.turn(cursor, null, records(new RecordsMarker("a", "1")))
                        .isClosed())
                .isTrue();
    }

    // what is refused

    static Stream<Arguments> pagesThatCannotBeTrue() {
        StoragePage objects = page(LISTING_START, null, "b");
        RecordsPage records = records(RANGE_START, row("b", "1"));
        return Stream.of(
                arguments("no page of the listing", "no page of the listing", null, records),
                arguments("no page of records", "no page of records", objects, null),
                arguments("neither page", "no page of the listing", null, null),
                arguments(
                        "a page of the listing from elsewhere",
                        "was not asked for",
                        page(StorageMarker.after("a"), null, "b"),
                        records),
                arguments(
                        "a page of the listing by another token",
                        "was not asked for",
                        page(new StorageMarker("", "token"), null, "b"),
                        records),
                arguments(
                        "a page of records from elsewhere",
                        "was not asked for",
                        objects,
                        records(new RecordsMarker("a", "1"), row("b", "1"))),
                arguments(
                        "a page of records from another record of the key",
                        "was not asked for",
                        objects,
                        records(new RecordsMarker("", ""), row("b", "1"))),
                arguments(
                        "objects out of order",
                        "not in UTF-8 byte order",
                        page(LISTING_START, null, "b", "a"),
                        records),
                arguments(
                        "objects in UTF-16 order",
                        "not in UTF-8 byte order",
                        page(LISTING_START, null, "\uD83D\uDE00", "\uFFFD"),
                        records),
                arguments("an object twice", "not in UTF-8 byte order", page(LISTING_START, null, "b", "b"), records),
                arguments(
                        "objects out of order behind the range",
                        "not in UTF-8 byte order",
                        page(LISTING_START, null, "b", "y", "x"),
                        records),
                arguments(
                        "records out of order",
                        "not in UTF-8 byte order",
                        objects,
                        records(RANGE_START, row("b", "1"), row("a", "1"))),
                arguments(
                        "records in UTF-16 order",
                        "not in UTF-8 byte order",
                        objects,
                        records(RANGE_START, row("\uD83D\uDE00", "1"), row("\uFFFD", "1"))),
                arguments(
                        "records of one key out of order",
                        "not in UTF-8 byte order",
                        objects,
                        records(RANGE_START, row("b", "2"), row("b", "1"))),
                arguments(
                        "records of one key in the order of their numbers",
                        "not in UTF-8 byte order",
                        objects,
                        records(RANGE_START, row("b", "9"), row("b", "10"))),
                arguments(
                        "a record with an empty key",
                        "not in UTF-8 byte order",
                        objects,
                        records(RANGE_START, row("", "1"))),
                arguments(
                        "a record behind the range",
                        "outside of what it was asked for",
                        objects,
                        records(RANGE_START, row("\uD83E\uDD82", "1"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pagesThatCannotBeTrue")
    void refusesAPageThatCannotBeTrue(String what, String why, StoragePage objects, RecordsPage records) {
        Cursor cursor = Cursor.atStartOf(new Range(0, "", "\uD83E\uDD81"), "", null, Duration.ZERO);

        assertThatThrownBy(() -> new Merge(new GracePeriod(HOUR)).turn(cursor, objects, records))
                .as(what)
                .isInstanceOf(PageException.class)
                .hasMessageContaining(why);
    }

    @Test
    void refusesAPageThatItDidNotNeed() {
        Cursor objectsDue = waitingForObjectsBehindB();
        Cursor recordsDue = waitingForRecordsBehindB();

        assertThatThrownBy(() -> new Merge(new GracePeriod(HOUR))
                        .turn(
                                objectsDue,
                                page(objectsDue.storageFrom(), null, "c"),
                                records(objectsDue.recordsFrom(), row("d", "1"))))
                .isInstanceOf(PageException.class)
                .hasMessage("Range 0: a page of records came that was not asked for");
        assertThatThrownBy(() -> new Merge(new GracePeriod(HOUR))
                        .turn(
                                recordsDue,
                                page(recordsDue.storageFrom(), null, "d"),
                                records(recordsDue.recordsFrom(), row("c", "1"))))
                .isInstanceOf(PageException.class)
                .hasMessage("Range 0: a page of the listing came that was not asked for");
    }

    @Test
    void refusesThePageBeforeASecondTime() {
        assertThatThrownBy(() -> new Merge(new GracePeriod(HOUR))
                        .turn(
                                waitingForObjectsBehindB(),
                                page(LISTING_START, StorageMarker.after("b"), "a", "b"),
                                null))
                .isInstanceOf(PageException.class)
                .hasMessage("Range 0: a page of the listing came that was not asked for");
        assertThatThrownBy(() -> new Merge(new GracePeriod(HOUR))
                        .turn(waitingForRecordsBehindB(), null, records(RANGE_START, row("a", "1"), row("b", "5"))))
                .isInstanceOf(PageException.class)
                .hasMessage("Range 0: a page of records came that was not asked for");
    }

    @ParameterizedTest
    @CsvSource({"a, 9", "b, 4", "b, 5"})
    void refusesALaterPageThatBeginsBeforeWhereItWasAskedFrom(String key, String id) {
        Cursor objectsDue = waitingForObjectsBehindB();
        Cursor recordsDue = waitingForRecordsBehindB();

        assertThatThrownBy(() -> new Merge(new GracePeriod(HOUR))
                        .turn(objectsDue, page(objectsDue.storageFrom(), null, key), null))
                .isInstanceOf(PageException.class)
                .hasMessageStartingWith("The listing is not in UTF-8 byte order");
        assertThatThrownBy(() -> new Merge(new GracePeriod(HOUR))
                        .turn(recordsDue, null, records(recordsDue.recordsFrom(), row(key, id))))
                .isInstanceOf(PageException.class)
                .hasMessageStartingWith("The records query is not in UTF-8 byte order");
    }

    @Test
    void takesALaterPageThatGoesOnWithinTheKeyItWasAskedFrom() {
        Cursor recordsDue = waitingForRecordsBehindB();

        Cursor next = new Merge(new GracePeriod(HOUR))
                .turn(recordsDue, null, records(recordsDue.recordsFrom(), row("b", "6")));

        assertThat(findings(next)).extracting(Finding::recordId).containsExactly("1", "5", "6");
    }

    @Test
    void refusesARecordAtTheLowerEndOfTheRangeWhichIsOfTheRangeBefore() {
        Cursor cursor = Cursor.atStartOf(new Range(1, "b", "m"), "", null, Duration.ZERO);

        assertThatThrownBy(() -> new Merge(new GracePeriod(HOUR))
                        .turn(
                                cursor,
                                page(StorageMarker.after("b"), null),
                                records(new RecordsMarker("b", null), row("b", "1"))))
                .isInstanceOf(PageException.class)
                .hasMessageContaining("not in UTF-8 byte order");
    }

    @Test
    void refusesWhatDoesNotBeginWithThePrefix() {
        KeySpace space = new KeySpace("assets/");
        Cursor cursor = Cursor.atStartOf(new Range(0, "", space.end()), space.prefix(), null, Duration.ZERO);

        assertThatThrownBy(() -> new Merge(new GracePeriod(HOUR))
                        .turn(cursor, page(LISTING_START, null, "asset"), records(RANGE_START)))
                .isInstanceOf(PageException.class)
                .hasMessageContaining("\"asset\", which does not begin with the prefix \"assets/\"");
        assertThatThrownBy(() -> new Merge(new GracePeriod(HOUR))
                        .turn(cursor, page(LISTING_START, null), records(RANGE_START, row("asset", "1"))))
                .isInstanceOf(PageException.class)
                .hasMessageContaining("\"asset\", which is outside of what it was asked for");
    }

    private static Cursor waitingForObjectsBehindB() {
        return new Merge(new GracePeriod(HOUR))
                .turn(
                        start(),
                        page(LISTING_START, StorageMarker.after("b"), "a", "b"),
                        records(RANGE_START, row("c", "1")));
    }

    private static Cursor waitingForRecordsBehindB() {
        return new Merge(new GracePeriod(HOUR))
                .turn(
                        start(),
                        page(LISTING_START, StorageMarker.after("c"), "c"),
                        records(RANGE_START, row("a", "1"), row("b", "5")));
    }

    private static List<Finding> findings(Cursor cursor) {
        return cursor.suspects().stream().map(Suspect::finding).toList();
    }

    private static Cursor start() {
        return Cursor.atStartOf(WHOLE, "", null, Duration.ZERO);
    }

    private static StoragePage page(StorageMarker from, StorageMarker next, String... keys) {
        return new StoragePage(from, Arrays.stream(keys).map(MergeTest::object).toList(), next, NOW);
    }

    private static RecordsPage records(RecordsMarker from, AssetRecord... records) {
        return new RecordsPage(from, List.of(records));
    }

    private static StoredObject object(String key) {
        return new StoredObject(key, 3, "e", LONG_AGO);
    }

    private static AssetRecord row(String key, String id) {
        return new AssetRecord(key, id, LONG_AGO, null, null);
    }

    private static Stream<AssetRecord> recordsOf(String key, int count) {
        return IntStream.range(0, count).mapToObj(id -> row(key, "id-" + id));
    }

    private static Stream<String> numbered(int count) {
        return IntStream.range(0, count).mapToObj("key-%06d"::formatted);
    }

    private static Stream<String> words(String list) {
        return list.isEmpty() ? Stream.of() : Arrays.stream(list.split(" ", -1));
    }

    private static SimulatedBucket bucket(int pageSize, Stream<StoredObject> objects) {
        return new SimulatedBucket(objects.toList(), pageSize, Set.of(), false, NOW);
    }

    private static SimulatedBucket timeless(StoredObject... objects) {
        return new SimulatedBucket(List.of(objects), 10, Set.of(), false, null);
    }

    private static SimulatedTable table(int pageSize, Stream<AssetRecord> records) {
        return new SimulatedTable(records.toList(), pageSize);
    }

    private static Comparison compare(SimulatedBucket bucket, SimulatedTable table) {
        return compare(bucket, table, HOUR);
    }

    private static Comparison compare(SimulatedBucket bucket, SimulatedTable table, Duration grace) {
        return Comparison.of(bucket, table, ALL, List.of(WHOLE), grace);
    }

    private static List<String> keys(Comparison comparison, Finding.Kind kind) {
        List<String> keys = new ArrayList<>();
        for (Finding finding : comparison.findings()) {
            if (finding.kind() == kind) {
                keys.add(finding.storageKey());
            }
        }
        return keys;
    }
}
