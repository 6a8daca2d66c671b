package dev.stocktake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.compare.PageException;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.compare.StoredObject;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ListingCopyTest {
    private static final Instant NOON = Instant.parse("2024-01-10T12:00:00Z");

    @Test
    void goesOnWhereThePageSaysAndEndsWithTheLast() {
        ListingCopy half = ListingCopy.with(ListingCopy.begin(), page("t", NOON, "a", "b"), 2);
        assertThat(half.isOpen()).isTrue();
        assertThat(half.from()).isEqualTo(new StorageMarker("b", "t"));

        ListingCopy whole = ListingCopy.with(half, page(null, NOON, "b", "c"), 1);
        assertThat(whole.isOpen()).isFalse();
        assertThat(whole.objects()).isEqualTo(3);
        assertThat(whole.pages()).isEqualTo(2);
    }

    @Test
    void isAsOldAsItsOldestPage() {
        ListingCopy copy = ListingCopy.with(ListingCopy.begin(), page("t", NOON, "a"), 1);
        copy = ListingCopy.with(copy, page("u", NOON.minusSeconds(9), "b"), 1);
        copy = ListingCopy.with(copy, page("v", NOON.plusSeconds(9), "c"), 1);
        assertThat(copy.answeredAt()).isEqualTo(NOON.minusSeconds(9));

        copy = ListingCopy.with(copy, page("w", null, "d"), 1);
        copy = ListingCopy.with(copy, page(null, NOON, "e"), 1);
        assertThat(copy.answeredAt()).isNull();
    }

    @Test
    void noticesDisorderWithinAPageAndBetweenPages() {
        ListingCopy first = ListingCopy.with(ListingCopy.begin(), page("t", NOON, "b", "c"), 2);
        assertThat(first.inOrder()).isTrue();
        assertThat(ListingCopy.with(first, page(null, NOON, "d"), 1).inOrder()).isTrue();
        assertThat(ListingCopy.with(first, page(null, NOON, "a"), 1).inOrder()).isFalse();
        assertThat(ListingCopy.with(first, page(null, NOON, "c", "d"), 1).inOrder())
                .isFalse();
        assertThat(ListingCopy.with(first, page(null, NOON, "e", "d"), 2).inOrder())
                .isFalse();
    }

    @Test
    void aPageThatBringsNothingNewIsRefused() {
        ListingCopy first = ListingCopy.with(ListingCopy.begin(), page("t", NOON, "a"), 1);

        assertThatThrownBy(() -> ListingCopy.with(first, page("u", NOON, "a"), 0))
                .isInstanceOf(PageException.class)
                .hasMessageContaining("does not advance");
        assertThat(ListingCopy.with(first, page("u", NOON), 0).isOpen()).isTrue();
    }

    @Test
    void aCopyThatLostObjectsIsRefused() {
        ListingCopy copy = ListingCopy.with(ListingCopy.begin(), page(null, NOON, "a", "b"), 2);

        ListingCopy.refuseUnlessWhole(copy, 2);
        assertThatThrownBy(() -> ListingCopy.refuseUnlessWhole(copy, 0))
                .isInstanceOf(PageException.class)
                .hasMessageStartingWith("2 objects of the listing were copied into stocktake.copied_object and 0 are");
    }

    private static StoragePage page(String token, Instant answeredAt, String... keys) {
        return new StoragePage(
                StorageMarker.after("any"),
                Arrays.stream(keys)
                        .map(key -> new StoredObject(key, 1, "e", NOON))
                        .toList(),
                token == null ? null : new StorageMarker(keys.length == 0 ? "any" : keys[keys.length - 1], token),
                answeredAt);
    }
}
