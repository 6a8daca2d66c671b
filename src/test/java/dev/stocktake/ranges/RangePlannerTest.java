package dev.stocktake.ranges;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.RecordsMarker;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.database.Databases;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.run.Checkpoints;
import dev.stocktake.run.OpenRanges;
import dev.stocktake.run.RunInProgress;
import dev.stocktake.run.Runs;
import dev.stocktake.settings.DatabaseUrl;
import dev.stocktake.storage.StartedLister;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RangePlannerTest {
    private static final KeySpace ALL = new KeySpace("");
    private static final int MOST_RANGES = 4;

    private static HikariDataSource results;

    private final RunInProgress running = new Runs(
                    results, "bucket-" + UUID.randomUUID(), "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC())
            .open("cli");

    @BeforeAll
    static void openResults() {
        results = Databases.results(
                DatabaseUrl.parse(TestServers.databases().create().url()), 2);
        Databases.migrate(results);
    }

    @AfterAll
    static void closeResults() {
        results.close();
    }

    static Stream<Arguments> buckets() {
        return Stream.of(
                arguments(List.of(), List.of()),
                arguments(List.of("file"), List.of()),
                arguments(List.of("a/1", "a/2"), List.of()),
                arguments(List.of("a/1", "b/1"), List.of("b/")),
                arguments(List.of("a/1", "b/1", "c/1", "d/1"), List.of("b/", "c/", "d/")),
                arguments(List.of("a/1", "b/1", "c/1", "d/1", "e/1"), List.of("b/", "c/", "d/")),
                arguments(List.of("a/1", "b/1", "c/1", "d/1", "e/1", "f/1", "g/1", "h/1"), List.of("c/", "e/", "g/")));
    }

    @ParameterizedTest
    @MethodSource("buckets")
    void cutsBetweenTheCommonPrefixesIntoAtMostSoManyRanges(List<String> keys, List<String> cuts) {
        List<Range> ranges = plan(ALL, keys);

        assertThat(ranges).hasSizeLessThanOrEqualTo(MOST_RANGES);
        assertThat(ends(ranges)).isEqualTo(cuts);
        assertThat(ALL.isTiledBy(ranges)).isTrue();
        assertThat(running.ranges()).isEqualTo(ranges.size());
    }

    @Test
    void spreadsTheCutsEvenlyOverManyCommonPrefixes() {
        List<Range> ranges = plan(
                ALL, IntStream.range(0, 400).mapToObj("%03d/file"::formatted).toList());

        assertThat(ends(ranges)).containsExactly("100/", "200/", "300/");
    }

    @Test
    void moreCommonPrefixesThanOneAnswerHoldsStillTile() {
        List<Range> ranges = plan(
                ALL, IntStream.range(0, 1500).mapToObj("%04d/file"::formatted).toList());

        assertThat(ranges).hasSize(MOST_RANGES);
        assertThat(ALL.isTiledBy(ranges)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "100%/",
                "a b/",
                "new\nline/",
                "tab\t/",
                "\u0001/",
                "\u007F/",
                "caf\u00E9/",
                "\uFFFF/",
                "\uD83D\uDE00/"
            })
    void aRangeBeginsBehindEveryFolderButTheFirstWhateverItIsCalled(String folder) {
        List<Range> ranges = plan(ALL, List.of(folder + "1", folder + "2", "m/1", "n/1", "o/1"));

        List<String> folders =
                Stream.of(folder, "m/", "n/", "o/").sorted(KeyOrder.UTF_8).toList();
        assertThat(ends(ranges)).containsExactlyElementsOf(folders.subList(1, 4));
        assertThat(ALL.isTiledBy(ranges)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/", "a", "%/", "caf\u00E9/", "no such"})
    void keepsWithinThePrefix(String prefix) {
        KeySpace space = new KeySpace(prefix);

        List<Range> ranges =
                plan(space, List.of("%/x/1", "%/y/1", "a/x/1", "a/y/1", "b/x/1", "caf\u00E9/1", "caf\u00E9/x/1"));

        assertThat(space.isTiledBy(ranges)).isTrue();
        assertThat(ends(ranges)).allMatch(cut -> cut.startsWith(prefix));
    }

    @Test
    void everyRangeStartsBeforeItsFirstPageOfEitherSide() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a/1", "b/1"));
                StartedLister lister = on(store)) {
            List<Cursor> cursors = OneWorker.takeAll(
                    new RangePlanner(lister::lister, ALL, new Checkpoints(results), MOST_RANGES, Duration.ZERO)
                            .plan(running, null, null, null, Duration.ZERO, Landmarks.NONE));

            assertThat(cursors).allSatisfy(cursor -> {
                assertThat(cursor.storageFrom())
                        .isEqualTo(StorageMarker.after(cursor.range().after()));
                assertThat(cursor.recordsFrom())
                        .isEqualTo(new RecordsMarker(cursor.range().after(), null));
                assertThat(cursor.needsObjects() && cursor.needsRecords()).isTrue();
            });
        }
    }

    @Test
    void everyKeyOfTheBucketIsListedInExactlyOneRange() {
        List<String> keys = List.of("%/1", "a/", "a/1", "b/", "b/1", "b0", "c", "d/x/1", "\uFFFD/1", "\uD83D\uDE00/1");

        List<Range> ranges = plan(ALL, keys);

        assertThat(keys)
                .allSatisfy(key -> assertThat(ranges)
                        .filteredOn(range -> KeyOrder.UTF_8.compare(range.after(), key) < 0
                                && KeyOrder.UTF_8.compare(key, range.upTo()) <= 0)
                        .hasSize(1));
    }

    private List<Range> plan(KeySpace space, List<String> keys) {
        return plan(space, keys, Landmarks.NONE);
    }

    private List<Range> plan(KeySpace space, List<String> keys, Landmarks landmarks) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(keys.toArray(String[]::new)));
                StartedLister lister = on(store)) {
            OpenRanges planned = new RangePlanner(
                            lister::lister, space, new Checkpoints(results), MOST_RANGES, Duration.ZERO)
                    .plan(running, null, null, null, Duration.ZERO, landmarks);
            return OneWorker.takeAll(planned).stream().map(Cursor::range).toList();
        }
    }

    /** Where ranges end other than at the end of all keys. */
    private static List<String> ends(List<Range> ranges) {
        return ranges.subList(0, ranges.size() - 1).stream().map(Range::upTo).toList();
    }

    private static StartedLister on(SyntheticStore store) {
        return new StartedLister(store.endpoint(), SyntheticStore.BUCKET, "any-access-key", "any-secret-key");
    }
}
