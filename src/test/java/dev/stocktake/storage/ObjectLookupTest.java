package dev.stocktake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.PageException;
import dev.stocktake.compare.StoredObject;
import dev.stocktake.embedded.AwkwardKeys;
import dev.stocktake.embedded.Behaviour;
import dev.stocktake.embedded.EmbeddedStore;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.ObjectEntry;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.embedded.SyntheticStore.HeadStatus;
import dev.stocktake.embedded.SyntheticStore.RequestKind;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.storage.Presence.Absent;
import dev.stocktake.storage.Presence.Present;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.model.S3Exception;

class ObjectLookupTest {
    private static final Instant TIME = Instant.parse("2024-01-13T01:02:03.987Z");
    private static final List<String> KEYS = Stream.of(
                    AwkwardKeys.ADDRESSABLE,
                    AwkwardKeys.WITH_EMPTY_SEGMENTS,
                    // what a path that is made canonical, or decoded twice, would be taken for
                    List.of("a/c", "x", "y", "leading", "/", "a b c", "a%2Fb", "a%252Fb", "b/", "b//", "b/./", "b/.."))
            .flatMap(List::stream)
            .toList();

    @Test
    void everyAwkwardKeyIsAskedForExactly() {
        List<ObjectEntry> entries = new ArrayList<>();
        for (String key : KEYS) {
            entries.add(new ObjectEntry(key, entries.size(), "etag-" + entries.size(), TIME));
        }
        try (SyntheticStore store = SyntheticStore.of(Listing.of(entries));
                StartedLister lister = on(store)) {
            ObjectLookup objects = new ObjectLookup(lister::lister);
            for (ObjectEntry entry : entries) {
                for (Presence found : List.of(objects.head(entry.key()), objects.findByListing(entry.key(), null))) {
                    assertThat(found).as(entry.key()).isInstanceOf(Present.class);
                    assertThat(((Present) found).size()).as(entry.key()).isEqualTo(entry.size());
                    assertThat(((Present) found).etag()).as(entry.key()).isEqualTo(entry.etag());
                    assertThat(((Present) found).isOf(TIME)).isTrue();
                    assertThat(found.answeredAt()).isNotNull();
                }
            }
        }
    }

    @Test
    void noOtherKeyIsTakenForAnAbsentOne() {
        for (String absent : KEYS) {
            String[] others = KEYS.stream().filter(key -> !key.equals(absent)).toArray(String[]::new);
            try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(others));
                    StartedLister lister = on(store)) {
                ObjectLookup objects = new ObjectLookup(lister::lister);
                assertThat(objects.head(absent)).as(absent).isInstanceOf(Absent.class);
                assertThat(objects.findByListing(absent, null)).as(absent).isInstanceOf(Absent.class);
                assertThat(objects.head(absent).answeredAt()).isNotNull();
            }
        }
    }

    @Test
    void aStoreThatChecksSignaturesUnderstandsTheSame() {
        EmbeddedStore store = TestServers.store();
        store.createBucket("lookup");
        AwkwardKeys.ADDRESSABLE.forEach(key -> store.put("lookup", key, new byte[] {1, 2}, TIME));
        try (StartedLister lister =
                new StartedLister(store.endpoint(), "lookup", store.accessKey(), store.secretKey())) {
            ObjectLookup objects = new ObjectLookup(lister::lister);
            assertThat(AwkwardKeys.ADDRESSABLE)
                    .allMatch(key -> objects.head(key).isPresent());
            assertThat(List.of("a/c", "x", "no such"))
                    .noneMatch(key -> objects.head(key).isPresent());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 400, 403, 405, 412})
    void whatTheStoreWillNotSayIsNeverAbsent(int status) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a"));
                StartedLister lister = on(store)) {
            store.behaveOnHead(found -> status);

            assertThatThrownBy(() -> new ObjectLookup(lister::lister).head("no\nsuch"))
                    .isInstanceOf(UnknownPresenceException.class)
                    .hasMessageStartingWith("Whether the object \"no\\nsuch\" exists is unknown: the store answered "
                            + status + " to HEAD of the object. ");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503})
    void whatMayPassIsLeftToTheRoutesToAskAgain(int status) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a"));
                StartedLister lister = on(store)) {
            store.behaveOnHead(found -> status);

            assertThat(catchThrowableOfType(S3Exception.class, () -> new ObjectLookup(lister::lister).head("a"))
                            .statusCode())
                    .isEqualTo(status);
        }
    }

    @Test
    void aListingInOrderIsAskedOnce() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("img/a", "img/b", "img0"));
                StartedLister lister = on(store)) {
            ObjectLookup objects = new ObjectLookup(lister::lister);

            assertThat(objects.findByListing("img", null).isPresent()).isFalse();
            assertThat(objects.findByListing("img/b", null).isPresent()).isTrue();
            assertThat(store.requests(RequestKind.LIST)).isEqualTo(2);
        }
    }

    @Test
    void anEmptyPageIsNotTheEnd() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.emptyPage().when(request -> request.number() < 3));

            assertThat(new ObjectLookup(lister::lister).findByListing("a", null).isPresent())
                    .isTrue();
        }
    }

    @Test
    void aListingOutOfOrderIsReadUntilTheKeyComesOrItEnds() {
        StoreTraits odd = StoreTraits.decide("as a test says", false, true, true, null);
        String[] keys = IntStream.range(0, 2500)
                .mapToObj(i -> i == 0 ? "k" : "k" + i)
                .filter(key -> !key.equals("k1"))
                .toArray(String[]::new);
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(keys));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.inOrder(Comparator.reverseOrder()));
            ObjectLookup objects = new ObjectLookup(lister::lister);

            assertThat(objects.findByListing("k", odd).isPresent()).isTrue();
            assertThat(store.requests(RequestKind.LIST)).isEqualTo(3);
            assertThat(objects.findByListing("k1", odd).isPresent()).isFalse();

            store.behave(Behaviour.repeatingTheToken().over(Behaviour.inOrder(Comparator.reverseOrder())));
            assertThatThrownBy(() -> objects.findByListing("k", odd)).isInstanceOf(PageException.class);
        }
    }

    @Test
    void manyAtOnceAreAPageBehindAKey() {
        try (SyntheticStore store = SyntheticStore.generated(3000, "k%06d"::formatted);
                StartedLister lister = on(store)) {
            assertThat(new ObjectLookup(lister::lister)
                            .pageAfter("k000999", "k")
                            .objects())
                    .hasSize(1000)
                    .extracting(StoredObject::key)
                    .startsWith("k001000")
                    .endsWith("k001999");
        }
    }

    @Test
    void aStoreThatShowsEverythingByHeadIsFoundOutByTheProbeAndNotHere() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a"));
                StartedLister lister = on(store)) {
            store.behaveOnHead(found -> 200);
            StoreProbe probe = new StoreProbe(lister::lister, new KeySpace(""));

            assertThat(probe.headTellsAbsent(List.of("a"))).isFalse();
            store.behaveOnHead(HeadStatus.HONEST);
            assertThat(probe.headTellsAbsent(List.of("a"))).isTrue();
        }
    }

    private static StartedLister on(SyntheticStore store) {
        return new StartedLister(store.endpoint(), SyntheticStore.BUCKET, "any-access-key", "any-secret-key");
    }
}
