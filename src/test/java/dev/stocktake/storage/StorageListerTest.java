package dev.stocktake.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.PageException;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.compare.StoredObject;
import dev.stocktake.embedded.Answer;
import dev.stocktake.embedded.Behaviour;
import dev.stocktake.embedded.EmbeddedStore;
import dev.stocktake.embedded.ListRequest;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.ObjectEntry;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.fixture.TestServers;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class StorageListerTest {
    private static final StorageMarker START = StorageMarker.after("");

    /** The server that checks signatures cannot be asked about empty segments. */
    private static final List<String> WITH_EMPTY_SEGMENTS = List.of("/", "//", "/leading", "a//b", "a/b//");

    private static final List<String> AWKWARD = List.of(
            "a",
            "a/",
            "a/b",
            "a/b/../c",
            ".",
            "..",
            "./x",
            " leading and trailing ",
            "a b",
            "a+b",
            "a%20b",
            "a%2Bb",
            "%",
            "100%",
            "%2F",
            "%zz",
            "\"double\" and 'single', with comma",
            "back\\slash",
            "<tag> & ;=?#~*",
            "new\nline",
            "carriage\rreturn",
            "both\r\nof them",
            "tab\there",
            "\u0001\u001F\u007F\u0085",
            "bidi \u202E and line separator \u2028",
            "caf\u00E9",
            "cafe\u0301",
            "\uD7FF",
            "\uE000",
            "\uFFFD",
            "\uFFFF",
            "\uD83D\uDE00",
            "k".repeat(1024),
            "\u00E9".repeat(512),
            "\uD83D\uDE00".repeat(256));

    @Test
    void everyAwkwardKeyComesBackExactly() {
        List<String> keys =
                Stream.concat(AWKWARD.stream(), WITH_EMPTY_SEGMENTS.stream()).toList();
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(keys.toArray(String[]::new)));
                StartedLister lister = on(store)) {
            assertThat(StartedLister.keys(lister.pages("", 1000))).isEqualTo(inByteOrder(keys));
            // every one of them also as the key that the next page begins behind
            assertThat(StartedLister.keys(lister.pages("", 1))).isEqualTo(inByteOrder(keys));
        }
    }

    @Test
    void everyAwkwardKeyComesBackExactlyFromAStoreThatChecksSignatures() {
        EmbeddedStore store = TestServers.store();
        store.createBucket("awkward-keys");
        AWKWARD.forEach(key -> store.put("awkward-keys", key, new byte[] {1}, Instant.EPOCH));
        try (StartedLister lister =
                new StartedLister(store.endpoint(), "awkward-keys", store.accessKey(), store.secretKey())) {
            assertThat(StartedLister.keys(lister.pages("", 1000))).isEqualTo(inByteOrder(AWKWARD));
            assertThat(StartedLister.keys(lister.pages("", 1))).isEqualTo(inByteOrder(AWKWARD));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/", "a ", "%", "%2", "caf", "cafe\u0301", "new\n", "\uD83D\uDE00", "no such"})
    void aPrefixIsTakenAsItIs(String prefix) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(AWKWARD.toArray(String[]::new)));
                StartedLister lister = on(store)) {
            assertThat(StartedLister.keys(lister.pages(prefix, 2)))
                    .isEqualTo(inByteOrder(AWKWARD).stream()
                            .filter(key -> key.startsWith(prefix))
                            .toList());
        }
    }

    @Test
    void anObjectIsAsTheStoreHasIt() {
        Instant time = Instant.parse("2024-01-13T01:02:03.004Z");
        try (SyntheticStore store = SyntheticStore.of(Listing.of(List.of(
                        new ObjectEntry("a", 1234567890123L, "0123-2", time), new ObjectEntry("b/", 0, "e", time))));
                StartedLister lister = on(store)) {
            assertThat(lister.page("", START).objects())
                    .containsExactly(
                            new StoredObject("a", 1234567890123L, "0123-2", time),
                            new StoredObject("b/", 0, "e", time));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "999, 1", "1000, 1", "1001, 2", "2000, 2", "2001, 3"})
    void asksForAThousandUntilThereAreNoMore(int objects, int requests) {
        try (SyntheticStore store = SyntheticStore.generated(objects, "key-%06d"::formatted);
                StartedLister lister = on(store)) {
            List<StoragePage> pages = lister.pages("", 1000);

            assertThat(StartedLister.keys(pages))
                    .isEqualTo(IntStream.range(0, objects)
                            .mapToObj("key-%06d"::formatted)
                            .toList());
            assertThat(pages).hasSize(requests);
            assertThat(store.requests(SyntheticStore.RequestKind.LIST)).isEqualTo(requests);
        }
    }

    @Test
    void aShortPageThatIsTruncatedIsNotTheEnd() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b", "c", "d", "e"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.pagesOf(2));

            List<StoragePage> pages = lister.pages("", 1000);

            assertThat(pages).extracting(page -> page.objects().size()).containsExactly(2, 2, 1);
            assertThat(StartedLister.keys(pages)).containsExactly("a", "b", "c", "d", "e");
        }
    }

    @Test
    void aFullPageThatIsNotTruncatedIsTheEnd() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b"));
                StartedLister lister = on(store)) {
            assertThat(lister.pages("", 2)).singleElement().satisfies(page -> {
                assertThat(page.objects()).hasSize(2);
                assertThat(page.next()).isNull();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void emptyPagesThatAreTruncatedAreNotTheEnd(int firstEmpty) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b", "c", "d", "e"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.emptyPage()
                    .when(request -> request.number() == firstEmpty || request.number() == firstEmpty + 1)
                    .over(Behaviour.pagesOf(2)));

            List<StoragePage> pages = lister.pages("", 1000);

            assertThat(StartedLister.keys(pages)).containsExactly("a", "b", "c", "d", "e");
            assertThat(pages).filteredOn(page -> page.objects().isEmpty()).isNotEmpty();
        }
    }

    @Test
    void aPageSaysWhereItWasAskedFromAndWhereTheNextBegins() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b", "c"));
                StartedLister lister = on(store)) {
            List<StoragePage> pages = lister.pages("", 2);

            assertThat(pages.get(0).from()).isEqualTo(START);
            assertThat(pages.get(0).next()).isEqualTo(StorageMarker.after("b"));
            assertThat(pages.get(1).from()).isEqualTo(StorageMarker.after("b"));
        }
    }

    @Test
    void goesOnByEveryKeyAndByNoneWhereItIsListedByTokens() {
        List<ListRequest> requests = new CopyOnWriteArrayList<>();
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("100%", "a%zz", "b"));
                StartedLister lister = on(store)) {
            store.behave((request, honest) -> {
                requests.add(request);
                return honest.apply(request);
            });

            StoreTraits byKeys = StoreTraits.decide(null, true, true, true, null);
            assertThat(StartedLister.keys(lister.pages("", 1, byKeys))).containsExactly("100%", "a%zz", "b");
            assertThat(requests).extracting(ListRequest::startAfter).containsExactly("", "100%", "a%zz");
            assertThat(requests).extracting(ListRequest::continuationToken).containsOnly("");

            requests.clear();
            StoreTraits tokens = StoreTraits.decide(null, false, true, true, null);
            assertThat(StartedLister.keys(lister.pages("", 1, tokens))).containsExactly("100%", "a%zz", "b");
            assertThat(requests).extracting(ListRequest::startAfter).containsOnly("");
            assertThat(requests.subList(1, 3))
                    .extracting(ListRequest::continuationToken)
                    .doesNotContain("");
        }
    }

    @Test
    void byTokensAKeyIsNoPlaceToGoOnFrom() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b"));
                StartedLister lister = on(store)) {
            StoreTraits tokens = StoreTraits.decide(null, false, true, true, null);

            assertThatThrownBy(() -> lister.page("", StorageMarker.after("a"), tokens))
                    .isInstanceOf(PageException.class)
                    .hasMessageContaining("without the token");
        }
    }

    @Test
    void truncatedWithoutATokenFails() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b", "c"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.truncatedWithoutToken().over(Behaviour.pagesOf(2)));

            assertThatThrownBy(() -> lister.pages("", 1000))
                    .isInstanceOf(PageException.class)
                    .hasMessageContaining("gives no token");
        }
    }

    @Test
    void theSameTokenAgainFails() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b", "c"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.pages(page -> new Answer.Page(List.of(), List.of(), true, "f"))
                    .fromRequest(2)
                    .over(Behaviour.pagesOf(2)));

            assertThatThrownBy(() -> lister.pages("", 1000))
                    .isInstanceOf(PageException.class)
                    .hasMessageContaining("same empty page");
            assertThat(store.requests(SyntheticStore.RequestKind.LIST)).isEqualTo(3);
        }
    }

    @Test
    void thePageHasTheStoresTimeAndNotThisMachines() {
        Instant elsewhere = Instant.parse("2024-01-05T03:04:05Z");
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.dated(elsewhere));

            assertThat(lister.page("", START).answeredAt()).isEqualTo(elsewhere);
        }
    }

    @Test
    void aPageWithoutDateHasNoTime() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.withoutDate());

            assertThat(lister.page("", START).answeredAt()).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"403, AccessDenied", "404, NoSuchBucket", "503, SlowDown", "500, InternalError"})
    void aRefusalFailsAtOnceBecauseTheRoutesSayWhatIsTriedAgain(int status, String code) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.failing(status, code));

            S3Exception failure = catchThrowableOfType(S3Exception.class, () -> lister.page("", START));

            assertThat(failure.statusCode()).isEqualTo(status);
            assertThat(failure.awsErrorDetails().errorCode()).isEqualTo(code);
            assertThat(store.requests(SyntheticStore.RequestKind.LIST)).isEqualTo(1);
        }
    }

    @Test
    void anAnswerThatBreaksOffFails() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b"));
                StartedLister lister = on(store)) {
            for (Behaviour broken : List.of(Behaviour.cutOff(), Behaviour.malformed())) {
                store.behave(broken);

                assertThatThrownBy(() -> lister.page("", START)).isInstanceOf(SdkClientException.class);
            }
        }
    }

    @Test
    void commonPrefixesAreInKeyOrderAndExact() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(
                        "file", "a b/1", "a%20b/1", "\uD83D\uDE00/1", "\uFFFD/1", "new\nline/1", "/x", "x/y/z"));
                StartedLister lister = on(store)) {
            assertThat(lister.lister().topLevel(new KeySpace("")).folders())
                    .containsExactlyElementsOf(inByteOrder(
                            List.of("/", "a b/", "a%20b/", "new\nline/", "x/", "\uFFFD/", "\uD83D\uDE00/")));
            assertThat(lister.lister().topLevel(new KeySpace("x/")).folders()).containsExactly("x/y/");
            assertThat(lister.lister().topLevel(new KeySpace("file")).folders()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1001})
    void aPageSizeThatNoStoreGivesIsRefused(int pageSize) {
        assertThatThrownBy(() -> new StorageLister().setPageSize(pageSize))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pageSize must be between 1 and 1000, was: " + pageSize);
    }

    private static StartedLister on(SyntheticStore store) {
        return new StartedLister(store.endpoint(), SyntheticStore.BUCKET, "any-access-key", "any-secret-key");
    }

    private static List<String> inByteOrder(List<String> keys) {
        return keys.stream()
                .sorted(Comparator.comparing(key -> key.getBytes(UTF_8), Arrays::compareUnsigned))
                .toList();
    }
}
