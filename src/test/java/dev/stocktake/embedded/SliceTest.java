package dev.stocktake.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SliceTest {
    private static final Listing TREE =
            Listing.ofKeys("a", "a/", "a/1", "a/2", "a0", "b//x", "b/x", "c", "c\udbff\udfff", "c\udbff\udfff/z");

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 1000})
    void pagesOfAnySizeTogetherAreTheWholeInOrder(int size) {
        assertThat(read(TREE, "", "", size))
                .containsExactly("a", "a/", "a/1", "a/2", "a0", "b//x", "b/x", "c", "c\udbff\udfff", "c\udbff\udfff/z");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 1000})
    void pagesOfAnySizeGiveEachCommonPrefixOnce(int size) {
        assertThat(read(TREE, "", "/", size))
                .containsExactlyInAnyOrder("a", "a/", "a0", "b/", "c", "c\udbff\udfff", "c\udbff\udfff/");
        assertThat(read(TREE, "b/", "/", size)).containsExactlyInAnyOrder("b//", "b/x");
        assertThat(read(TREE, "", "\udbff\udfff", size))
                .containsExactlyInAnyOrder("a", "a/", "a/1", "a/2", "a0", "b//x", "b/x", "c", "c\udbff\udfff");
    }

    @Test
    void aFullLastPageIsNotTruncated() {
        assertThat(Slice.of(TREE, "a/", "", Position.START, 3).next()).isEmpty();
        assertThat(Slice.of(TREE, "a/", "", Position.START, 2).next()).contains(Position.after("a/1"));
    }

    @Test
    void aStartWithinACommonPrefixGivesThePrefixIfMoreIsInIt() {
        assertThat(Slice.of(TREE, "", "/", Position.after("a/1"), 1).commonPrefixes())
                .containsExactly("a/");
        assertThat(Slice.of(TREE, "", "/", Position.after("a/2"), 1).entries()).containsExactly(ObjectEntry.of("a0"));
    }

    @Test
    void askedForNoKeysItIsEmptyAndTheLast() {
        assertThat(Slice.of(TREE, "", "", Position.START, 0))
                .isEqualTo(new Slice(List.of(), List.of(), Optional.empty()));
    }

    @Test
    void readsNoMoreThanThePage() {
        AtomicInteger reads = new AtomicInteger();
        Listing large = Listing.generated(1_000_000, number -> {
            reads.incrementAndGet();
            return ObjectEntry.of("%s/%06d".formatted(number < 900_000 ? "a" : "b", number));
        });

        Slice.of(large, "a/", "", Position.after("a/500000"), 10);
        int binarySearch = 20;
        assertThat(reads.getAndSet(0)).isBetween(10, 10 + 1 + binarySearch);

        assertThat(Slice.of(large, "", "/", Position.START, 10).commonPrefixes())
                .containsExactly("a/", "b/");
        assertThat(reads.get()).isBetween(2, 2 + 3 * binarySearch);
    }

    @Test
    void aTokenIsThePositionWhateverTheKeyAndHoweverManyDotsItHas() {
        for (String key : AwkwardKeys.ADDRESSABLE) {
            assertThat(Position.ofToken(Position.after(key).token())).isEqualTo(Position.after(key));
            assertThat(Position.ofToken(Position.from(key).token() + "..")).isEqualTo(Position.from(key));
        }
    }

    private static List<String> read(Listing listing, String prefix, String delimiter, int size) {
        List<String> read = new ArrayList<>();
        Optional<Position> position = Optional.of(Position.START);
        while (position.isPresent()) {
            Slice slice = Slice.of(listing, prefix, delimiter, position.get(), size);
            assertThat(slice.entries().size() + slice.commonPrefixes().size()).isBetween(1, size);
            slice.entries().forEach(entry -> read.add(entry.key()));
            read.addAll(slice.commonPrefixes());
            assertThat(read).as("a listing that does not end").hasSizeLessThan(100);
            position = slice.next();
        }
        return read;
    }
}
