package dev.stocktake.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeySpaceTest {
    private static final KeySpace ALL = new KeySpace("");
    private static final String GREATEST_CHARACTER = "\uDBFF\uDFFF";

    @Property(tries = 1000)
    void cutsTileTheSpaceWhereverTheyAre(
            @ForAll("prefixes") String prefix, @ForAll @Size(max = 6) List<@From("keys") String> cuts) {
        KeySpace space = new KeySpace(prefix);

        List<Range> ranges = space.cutAt(within(prefix, cuts));

        assertThat(space.isTiledBy(ranges)).as(ranges::toString).isTrue();
        assertThat(ranges)
                .extracting(Range::number)
                .isEqualTo(Stream.iterate(0, n -> n + 1).limit(ranges.size()).toList());
        assertThat(ranges).hasSizeLessThanOrEqualTo(cuts.size() * 2 + 1);
    }

    @Property(tries = 1000)
    void everyKeyWithThePrefixLiesInExactlyOneRange(
            @ForAll("prefixes") String prefix,
            @ForAll @Size(max = 6) List<@From("keys") String> cuts,
            @ForAll("keys") String rest) {
        String key = prefix + rest;

        List<Range> ranges = new KeySpace(prefix).cutAt(within(prefix, cuts));

        assertThat(ranges).filteredOn(range -> contains(range, key)).hasSize(1);
        // the cuts themselves, too: they end a range and do not begin the next
        assertThat(ranges)
                .allSatisfy(range -> assertThat(ranges)
                        .filteredOn(other -> contains(other, range.upTo()))
                        .containsExactly(range));
    }

    @Property(tries = 500)
    void endsBehindEveryKeyThatCanBe(@ForAll("prefixes") String prefix, @ForAll("keys") String rest) {
        KeySpace space = new KeySpace(prefix);

        assertThat(Keys.BY_UTF_8_BYTES.compare(space.end(), longest(prefix, rest)))
                .isNotNegative();
        assertThat(Keys.BY_UTF_8_BYTES.compare(space.end(), longest(prefix, GREATEST_CHARACTER)))
                .isNotNegative();
    }

    @Test
    void cutsInAnyOrderAndTwiceMakeRangesInKeyOrder() {
        assertThat(ALL.cutAt(List.of("\uD83D\uDE00", "b/", "\uFFFD", "a/", "b/")))
                .containsExactly(
                        new Range(0, "", "a/"),
                        new Range(1, "a/", "b/"),
                        new Range(2, "b/", "\uFFFD"),
                        new Range(3, "\uFFFD", "\uD83D\uDE00"),
                        new Range(4, "\uD83D\uDE00", ALL.end()));
    }

    static Stream<Arguments> cutsThatCutNothing() {
        return Stream.of(
                arguments("", ""),
                arguments("", ALL.end()),
                arguments("", ALL.end() + "a"),
                arguments("b/", ""),
                arguments("b/", "a/"),
                arguments("b/", "b"),
                arguments("b/", "b/"),
                arguments("b/", "c/"),
                arguments("b/", new KeySpace("b/").end()),
                arguments("b/", new KeySpace("b/").end() + "a"));
    }

    @ParameterizedTest
    @MethodSource("cutsThatCutNothing")
    void aCutAtTheEdgeOrOutsideOfTheSpaceIsLeftOut(String prefix, String cut) {
        KeySpace space = new KeySpace(prefix);

        assertThat(space.cutAt(List.of(cut))).containsExactly(new Range(0, "", space.end()));
    }

    static Stream<Arguments> rangesThatDoNotTile() {
        String end = ALL.end();
        return Stream.of(
                arguments("none", List.of()),
                arguments("a gap at the start", List.of(new Range(0, "a", end))),
                arguments("a gap", List.of(new Range(0, "", "a"), new Range(1, "b", end))),
                arguments("an overlap", List.of(new Range(0, "", "b"), new Range(1, "a", end))),
                arguments("the last is missing", List.of(new Range(0, "", "a"), new Range(1, "a", "b"))),
                arguments("the first is missing", List.of(new Range(1, "a", "b"), new Range(2, "b", end))),
                arguments("one twice", List.of(new Range(0, "", "a"), new Range(0, "", "a"), new Range(1, "a", end))),
                arguments("all twice", List.of(new Range(0, "", end), new Range(0, "", end))),
                arguments("out of order", List.of(new Range(1, "a", end), new Range(0, "", "a"))),
                arguments(
                        "an empty one", List.of(new Range(0, "", "a"), new Range(1, "a", "a"), new Range(2, "a", end))),
                arguments(
                        "one backwards",
                        List.of(new Range(0, "", "b"), new Range(1, "b", "a"), new Range(2, "a", end))),
                arguments(
                        "one backwards in bytes only",
                        List.of(
                                new Range(0, "", "\uD83D\uDE00"),
                                new Range(1, "\uD83D\uDE00", "\uFFFD"),
                                new Range(2, "\uFFFD", end))),
                arguments("the end of another space", List.of(new Range(0, "", new KeySpace("a").end()))),
                arguments("beyond the end", List.of(new Range(0, "", end), new Range(1, end, end + "a"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rangesThatDoNotTile")
    void refusesRangesThatDoNotTile(String why, List<Range> ranges) {
        assertThat(ALL.isTiledBy(ranges)).as(why).isFalse();
    }

    @Test
    void takesRangesThatTile() {
        assertThat(ALL.isTiledBy(List.of(new Range(0, "", ALL.end())))).isTrue();
        assertThat(ALL.isTiledBy(List.of(
                        new Range(0, "", "\uFFFD"),
                        new Range(1, "\uFFFD", "\uD83D\uDE00"),
                        new Range(2, "\uD83D\uDE00", ALL.end()))))
                .isTrue();
    }

    static Stream<String> keysOfTheGreatestLength() {
        return Stream.of("k".repeat(1024), "é".repeat(512), "\uFFFD".repeat(341) + "k", "\uD83D\uDE00".repeat(256));
    }

    @ParameterizedTest
    @MethodSource("keysOfTheGreatestLength")
    void aKeyIsPossibleUpTo1024BytesOfUtf8(String longest) {
        assertThat(Keys.bytes(longest)).hasSize(1024);
        assertThat(KeySpace.isPossible(longest)).isTrue();
        assertThat(KeySpace.isPossible(longest + "k")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "/", " ", "\n", "%", "\uD83D\uDE00"})
    void aKeyOfOneCharacterIsPossible(String key) {
        assertThat(KeySpace.isPossible(key)).isTrue();
    }

    @Test
    void anEmptyKeyIsNot() {
        assertThat(KeySpace.isPossible("")).isFalse();
    }

    @Provide
    Arbitrary<String> prefixes() {
        return Keys.prefix();
    }

    @Provide
    Arbitrary<String> keys() {
        return Keys.possible();
    }

    /** Each cut as it is, and within the prefix. */
    private static List<String> within(String prefix, List<String> cuts) {
        return cuts.stream().flatMap(cut -> Stream.of(cut, prefix + cut)).toList();
    }

    private static boolean contains(Range range, String key) {
        return Keys.BY_UTF_8_BYTES.compare(range.after(), key) < 0
                && Keys.BY_UTF_8_BYTES.compare(key, range.upTo()) <= 0;
    }

    /** The prefix, and as much of the filling as 1,024 bytes hold. */
    private static String longest(String prefix, String filling) {
        StringBuilder key = new StringBuilder(prefix);
        while (Keys.bytes(key + filling).length <= KeySpace.LONGEST_KEY) {
            key.append(filling);
        }
        return key.toString();
    }
}
