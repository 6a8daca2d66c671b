package dev.stocktake.ranges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.KeyBehind;
import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.ranges.CutSearch.Side;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class CutSearchTest {
    /** Twice as many as halving all places of a short key and then all characters would take. */
    private static final int MOST_QUESTIONS = 26;

    /** Where a search ended. */
    private record Found(List<String> cuts, int questions) {}

    @Property(tries = 1000)
    void cutsAtPlainKeysBehindWhichThereIsSomething(
            @ForAll("keys") Set<String> keys,
            @ForAll("plainKey") String from,
            @ForAll @IntRange(min = 1, max = 20) int wanted) {
        NavigableSet<String> side = inOrder(keys);
        side.add(from);
        String upTo = new KeySpace("").end();

        Found found = search(side, from, upTo, wanted);

        assertThat(found.questions()).isLessThanOrEqualTo(MOST_QUESTIONS);
        assertThat(found.cuts()).hasSizeLessThanOrEqualTo(wanted).isSortedAccordingTo(KeyOrder.UTF_8);
        assertThat(found.cuts()).doesNotHaveDuplicates().allSatisfy(cut -> {
            assertThat(KeySpace.isPossible(cut)).isTrue();
            assertThat(KeyOrder.UTF_8.compare(from, cut)).isNegative();
            assertThat(KeyOrder.UTF_8.compare(cut, upTo)).isNegative();
        });
        if (!found.cuts().isEmpty()) {
            assertThat(side.tailSet(found.cuts().get(0), true))
                    .as("behind the first cut")
                    .isNotEmpty();
        }
    }

    @Property(tries = 500)
    void findsACutWhereverAPlainPlaceChanges(
            @ForAll("keys") Set<String> keys, @ForAll @IntRange(max = 1000) int place) {
        // a key that is just the one asked about is not behind it
        List<String> plain = inOrder(keys).stream()
                .filter(key ->
                        key.chars().allMatch(character -> character > ' ' && character < 0x7F && character != '%'))
                .filter(key -> !key.contains("~"))
                .map(key -> key + "m")
                .sorted(KeyOrder.UTF_8)
                .toList();
        if (plain.size() < 2) {
            return;
        }
        String from = plain.get(place % (plain.size() - 1));
        String last = plain.get(plain.size() - 1);

        Found found = search(inOrder(plain), from, new KeySpace("").end(), 1);

        // what only begins with the last key read cannot be told from its own place on
        assertThat(found.cuts().isEmpty()).isEqualTo(last.startsWith(from));
    }

    @Example
    void numberedKeysUnderOnePrefixAreCutEvenly() {
        assertCutsEvenly("orphans/%07d.png"::formatted, 200_000, 15, 20);
        assertCutsEvenly("%08d"::formatted, 200_000, 15, 20);
        assertCutsEvenly(number -> "a/b/%s".formatted(hash(number)), 100_000, 15, 20);
        assertCutsEvenly(number -> "%s/original.jpg".formatted(hash(number)), 100_000, 63, 20);
        assertCutsEvenly("u/%05d"::formatted, 100_000, 63, 20);
    }

    @Example
    void oneCutIsNearTheMiddle() {
        NavigableSet<String> keys = numbered("orphans/%06d"::formatted, 200_000);

        Found found = search(keys, "orphans/000999", new KeySpace("orphans/").end(), 1);

        assertThat(found.cuts())
                .singleElement()
                .satisfies(cut -> assertThat(keys.headSet(cut).size()).isBetween(80_000, 120_000));
    }

    @Example
    void keysThatOnlyRiseAtTheEndAreNotCutInVain() {
        Found found = search(inOrder(List.of("a/1", "a/2")), "a/2", new KeySpace("").end(), 3);

        assertThat(found.cuts()).isEmpty();
    }

    @Example
    void aStoreThatAnswersWithWhatIsBeforeEndsTheSearch() {
        CutSearch search = CutSearch.begin(Side.OBJECTS, "m/5", new KeySpace("").end(), 3);

        CutSearch answered = CutSearch.learn(search, new KeyBehind("a"));

        assertThat(answered.isOpen()).isFalse();
        assertThat(answered.cuts()).isEmpty();
    }

    @Example
    void keysOtherThanPlainOnesAreCutToo() {
        NavigableSet<String> keys = numbered("caf\u00E9 100%%/%03d"::formatted, 1000);
        String from = "caf\u00E9 100%/005";

        assertThat(search(keys, from, new KeySpace("").end(), 4).cuts())
                .hasSize(4)
                .allMatch(cut -> cut.startsWith("caf\u00E9 100%/"));
    }

    private static void assertCutsEvenly(IntFunction<String> key, int count, int wanted, int mostQuestions) {
        NavigableSet<String> keys = numbered(key, count);
        String from = keys.stream().skip(4000).findFirst().orElseThrow();

        Found found = search(keys, from, new KeySpace("").end(), wanted);

        assertThat(found.questions()).isLessThanOrEqualTo(mostQuestions);
        assertThat(found.cuts()).hasSize(wanted);
        assertThat(largestPart(keys, from, found.cuts()))
                .as("of %d keys, in the largest of %d parts", count, wanted + 1)
                .isLessThan(5 * count / (wanted + 1));
    }

    private static int largestPart(NavigableSet<String> keys, String from, List<String> cuts) {
        int largest = 0;
        String after = from;
        for (String cut : cuts) {
            largest = Math.max(largest, keys.subSet(after, false, cut, true).size());
            after = cut;
        }
        return Math.max(largest, keys.tailSet(after, false).size());
    }

    private static Found search(NavigableSet<String> keys, String from, String upTo, int wanted) {
        return search(keys, CutSearch.begin(Side.OBJECTS, from, upTo, wanted));
    }

    private static Found search(NavigableSet<String> keys, CutSearch begun) {
        CutSearch search = begun;
        int questions = 0;
        while (search.isOpen() && questions <= MOST_QUESTIONS) {
            search = CutSearch.learn(
                    search, new KeyBehind(keys.higher(search.probe().key())));
            questions++;
        }
        return new Found(search.cuts(), questions);
    }

    private static NavigableSet<String> numbered(IntFunction<String> key, int count) {
        return inOrder(IntStream.range(0, count).mapToObj(key).toList());
    }

    private static NavigableSet<String> inOrder(Collection<String> keys) {
        NavigableSet<String> ordered = new TreeSet<>(KeyOrder.UTF_8);
        ordered.addAll(keys);
        return ordered;
    }

    private static String hash(int number) {
        return "%016x".formatted(number * 0x9E3779B97F4A7C15L);
    }

    @Provide
    Arbitrary<Set<String>> keys() {
        return Arbitraries.of(
                        "a", "b", "z", "0", "9", "/", "//", "~", "!", "%", " ", "\u0001", "\u00E9", "\uD83D\uDE00")
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .map(parts -> String.join("", parts))
                .set()
                .ofMaxSize(30);
    }

    @Provide
    Arbitrary<String> plainKey() {
        return Arbitraries.of("a", "b", "z", "0", "9", "/", "!")
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .map(parts -> String.join("", new ArrayList<>(parts)));
    }
}
