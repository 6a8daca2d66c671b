package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.stocktake.embedded.SyntheticStore.RequestKind;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

class SyntheticStoreTest {
    private static final Listing FIVE = Listing.ofKeys("a", "b", "c", "d", "e");

    @Test
    void listsEveryKindOfKeyInTheOrderOfItsBytes() {
        List<String> keys = everyKey();
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(keys.toArray(String[]::new)))) {
            assertThat(listed(store).keys()).isEqualTo(AwkwardKeys.sorted(keys));
            assertThat(listed(store, request -> request.maxKeys(1)).keys()).isEqualTo(AwkwardKeys.sorted(keys));
        }
    }

    @Test
    void answersAsS3ProxyDoes() {
        Map<String, Consumer<ListObjectsV2Request.Builder>> questions = Map.ofEntries(
                entry("all", request -> {}),
                entry("no keys", request -> request.maxKeys(0)),
                entry("three keys", request -> request.maxKeys(3)),
                entry("too many keys", request -> request.maxKeys(5000)),
                entry("a prefix", request -> request.prefix("a")),
                entry("a prefix, one by one", request -> request.prefix("a/").maxKeys(1)),
                entry("a prefix of nothing", request -> request.prefix("no such")),
                entry("delimited", request -> request.delimiter("/")),
                entry("delimited, two by two", request -> request.delimiter("/").maxKeys(2)),
                entry("delimited in a prefix", request -> request.delimiter("/").prefix("a/")),
                entry(
                        "delimited by two characters",
                        request -> request.delimiter("/b").maxKeys(2)),
                entry("after a key", request -> request.startAfter("a b")),
                entry(
                        "after a key, three by three",
                        request -> request.startAfter("%").maxKeys(3)),
                entry(
                        "delimited after a key",
                        request -> request.startAfter("a/").delimiter("/")),
                entry("after no key", request -> request.startAfter("\ufffe")),
                entry("after the prefix", request -> request.startAfter("zzz").prefix("a")));
        List<String> keys = everyKey();
        try (EmbeddedStore real = EmbeddedStore.start();
                SyntheticStore store = SyntheticStore.of(Listing.ofKeys(keys.toArray(String[]::new)))) {
            real.createBucket(SyntheticStore.BUCKET);
            keys.forEach(key -> real.put(SyntheticStore.BUCKET, key, Instant.EPOCH));

            questions.forEach((name, question) -> assertThat(summary(listed(store, question)))
                    .as(name)
                    .isEqualTo(summary(Listed.all(real.client(), SyntheticStore.BUCKET, question))));
        }
    }

    @Test
    void showsSizeETagAndTimeInListAndHead() {
        ObjectEntry object =
                new ObjectEntry("a//b", 1234567890123L, "0123-2", Instant.parse("2024-01-13T01:02:03.004Z"));
        try (SyntheticStore store = SyntheticStore.of(Listing.of(List.of(object)))) {
            S3Object listed = listed(store).objects().get(0);
            assertThat(listed.size()).isEqualTo(object.size());
            assertThat(listed.eTag()).isEqualTo("\"0123-2\"");
            assertThat(listed.lastModified()).isEqualTo(object.lastModified());

            HeadObjectResponse head = store.client()
                    .headObject(request -> request.bucket(SyntheticStore.BUCKET).key("a//b"));
            assertThat(head.contentLength()).isEqualTo(object.size());
            assertThat(head.eTag()).isEqualTo("\"0123-2\"");
            assertThat(head.lastModified()).isEqualTo(Instant.parse("2024-01-13T01:02:03Z"));
        }
    }

    @Test
    void findsEveryKindOfKeyByHead() {
        List<String> keys = everyKey();
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(keys.toArray(String[]::new)))) {
            for (String key : keys) {
                assertThat(store.client()
                                .headObject(request ->
                                        request.bucket(SyntheticStore.BUCKET).key(key))
                                .contentLength())
                        .as(key)
                        .isEqualTo(5);
            }
            assertThat(failure(() -> store.client()
                            .headObject(request ->
                                    request.bucket(SyntheticStore.BUCKET).key("no such key"))))
                    .startsWith("404");
        }
    }

    @Test
    void saysThatAnotherBucketIsMissing() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.client().headBucket(request -> request.bucket(SyntheticStore.BUCKET));

            assertThat(failure(() -> Listed.all(store.client(), "other"))).isEqualTo("404 NoSuchBucket");
            assertThat(failure(() -> store.client().headBucket(request -> request.bucket("other"))))
                    .startsWith("404");
        }
    }

    @Test
    void generatesAsManyKeysAsAskedForAndStartsAfterAny() {
        try (SyntheticStore store = SyntheticStore.generated(10_000_000, "assets/%08d.png"::formatted)) {
            assertThat(listed(store, request -> request.startAfter("assets/09998999.png"))
                            .keys())
                    .hasSize(1000)
                    .startsWith("assets/09999000.png")
                    .endsWith("assets/09999999.png");
            assertThat(listed(store, request -> request.startAfter("assets/0999899"))
                            .keys())
                    .hasSize(1010);
            assertThat(listed(store, request -> request.delimiter("/")).commonPrefixes())
                    .containsExactly("assets/");
        }
    }

    @Test
    void countsRequestsByKind() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            listed(store, request -> request.maxKeys(2));
            store.client().headBucket(request -> request.bucket(SyntheticStore.BUCKET));
            store.client()
                    .headObject(request -> request.bucket(SyntheticStore.BUCKET).key("a"));
            failure(() -> store.client()
                    .getObject(request -> request.bucket(SyntheticStore.BUCKET).key("a")));
            failure(() -> store.client()
                    .deleteObject(
                            request -> request.bucket(SyntheticStore.BUCKET).key("a")));

            assertThat(Stream.of(RequestKind.values()).map(store::requests)).containsExactly(3L, 1L, 1L, 1L, 1L);
            assertThat(store.requests()).isEqualTo(7);
        }
    }

    @Test
    void aSmallerPageThanAskedForLeavesNothingOut() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.behave(Behaviour.pagesOf(2));

            Listed listed = listed(store);

            assertThat(listed.keys()).containsExactly("a", "b", "c", "d", "e");
            assertThat(listed.pageSizes()).containsExactly(2, 2, 1);
            assertThat(listed.pages().get(0).maxKeys()).isEqualTo(1000);
        }
    }

    @Test
    void anEmptyPageSaysThatThereIsMoreAndGoesOnWithANewToken() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.behave(Behaviour.emptyPage()
                    .when(request -> request.number() == 2 || request.number() == 3)
                    .over(Behaviour.pagesOf(2)));

            Listed listed = listed(store);

            assertThat(listed.pageSizes()).containsExactly(2, 0, 0, 2, 1);
            assertThat(listed.keys()).containsExactly("a", "b", "c", "d", "e");
            assertThat(listed.pages().subList(0, 4))
                    .map(ListObjectsV2Response::nextContinuationToken)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aPageCanBeTruncatedWithoutAToken() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.behave(Behaviour.truncatedWithoutToken().over(Behaviour.pagesOf(2)));

            ListObjectsV2Response page = onePage(store);

            assertThat(page.isTruncated()).isTrue();
            assertThat(page.nextContinuationToken()).isNull();
            assertThat(page.contents()).hasSize(2);
        }
    }

    @Test
    void aPageCanBeOutOfOrderOrRepeatAKey() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.behave(Behaviour.outOfOrder().onRequest(2).over(Behaviour.pagesOf(2)));
            assertThat(listed(store).keys()).containsExactly("a", "b", "d", "c", "e");

            store.behave(Behaviour.duplicateKey().onRequest(2).over(Behaviour.pagesOf(2)));
            assertThat(listed(store).keys()).containsExactly("a", "b", "c", "d", "d", "e");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "403, AccessDenied",
        "403, InvalidAccessKeyId",
        "404, NoSuchBucket",
        "503, SlowDown",
        "500, InternalError"
    })
    void anAnswerCanBeAnyFailure(int status, String code) {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.behave(Behaviour.failing(status, code));

            assertThat(failure(() -> listed(store))).isEqualTo(status + " " + code);
        }
    }

    @Test
    void aFailureOfOneAnswerIsOverWhenTheClientRepeatsTheRequest() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.behave(Behaviour.failing(503, "SlowDown").onRequest(2).over(Behaviour.pagesOf(2)));

            assertThat(listed(store).keys()).containsExactly("a", "b", "c", "d", "e");
            assertThat(store.requests(RequestKind.LIST)).isEqualTo(4);
        }
    }

    @Test
    void aFailureFromOneAnswerOnStays() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.behave(Behaviour.failing(403, "AccessDenied").fromRequest(3).over(Behaviour.pagesOf(1)));

            assertThat(failure(() -> listed(store))).isEqualTo("403 AccessDenied");
            assertThat(failure(() -> listed(store))).isEqualTo("403 AccessDenied");
            assertThat(store.requests(RequestKind.LIST)).isEqualTo(4);
        }
    }

    @Test
    void anAnswerCanBreakOffInTheMiddleOfItsBody() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.behave(Behaviour.cutOff());

            assertThatExceptionOfType(SdkClientException.class).isThrownBy(() -> listed(store));
            assertThatIOException().isThrownBy(() -> get(store, "?list-type=2"));
        }
    }

    @Test
    void anAnswerCanBeHalfADocument() throws Exception {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            String whole = get(store, "?list-type=2").body();
            store.behave(Behaviour.malformed());

            assertThatExceptionOfType(SdkClientException.class).isThrownBy(() -> listed(store));
            assertThat(get(store, "?list-type=2").body()).isEqualTo(whole.substring(0, whole.length() / 2));
        }
    }

    @Test
    void theDateIsNowUnlessItIsSetOrLeftOut() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            assertThat(date(store))
                    .singleElement()
                    .satisfies(date -> assertThat(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)))
                            .isBetween(Instant.now().minusSeconds(60), Instant.now()));

            store.behave(Behaviour.dated(Instant.parse("2024-01-05T03:04:05Z")));
            assertThat(date(store)).containsExactly("Fri, 05 Jan 2024 03:04:05 GMT");

            store.behave(Behaviour.withoutDate());
            assertThat(date(store)).isEmpty();
        }
    }

    @Test
    void anAnswerCanBeLate() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.behave(Behaviour.slow(Duration.ofMillis(100)).onRequest(2));

            long start = System.nanoTime();
            onePage(store);
            onePage(store);

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        }
    }

    @Test
    void aBehaviourThatThrowsIsAnInternalErrorThatSaysSo() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            store.behave((request, honest) -> {
                throw new IllegalStateException("a mistake of the test");
            });

            assertThatExceptionOfType(S3Exception.class)
                    .isThrownBy(() -> listed(store))
                    .withMessageContaining("a mistake of the test");
        }
    }

    @Test
    void keysThatXmlCannotHoldNeedTheUrlEncoding() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("\u0001", "a\rb c+d"))) {
            assertThat(listed(store).keys()).containsExactly("\u0001", "a\rb c+d");
            assertThatExceptionOfType(SdkClientException.class)
                    .isThrownBy(() -> store.client().listObjectsV2(request -> request.bucket(SyntheticStore.BUCKET)));
        }
    }

    @Test
    void aTokenThatIsNotItsOwnIsRefused() {
        try (SyntheticStore store = SyntheticStore.of(FIVE)) {
            assertThat(failure(() -> listed(store, request -> request.continuationToken("made up"))))
                    .isEqualTo("400 InvalidArgument");
        }
    }

    @Test
    void aStoreThatIsClosedInAListingBreaksOffAndClosesItsPort() {
        SyntheticStore store = SyntheticStore.of(FIVE);
        store.behave((request, honest) -> {
            store.close();
            return honest.apply(request);
        });

        assertThatIOException().isThrownBy(() -> get(store, "?list-type=2"));
        assertThatIOException()
                .isThrownBy(() -> new Socket(
                                InetAddress.getLoopbackAddress(),
                                store.endpoint().getPort())
                        .close());
    }

    private static List<String> everyKey() {
        return Stream.concat(AwkwardKeys.ADDRESSABLE.stream(), AwkwardKeys.WITH_EMPTY_SEGMENTS.stream())
                .toList();
    }

    private static Listed listed(SyntheticStore store) {
        return listed(store, request -> {});
    }

    private static Listed listed(SyntheticStore store, Consumer<ListObjectsV2Request.Builder> how) {
        return Listed.all(store.client(), SyntheticStore.BUCKET, how);
    }

    private static ListObjectsV2Response onePage(SyntheticStore store) {
        return store.client().listObjectsV2(request -> request.bucket(SyntheticStore.BUCKET));
    }

    private static List<String> date(SyntheticStore store) {
        return onePage(store).sdkHttpResponse().matchingHeaders("Date");
    }

    private static HttpResponse<String> get(SyntheticStore store, String query) throws Exception {
        URI address = store.endpoint().resolve("/" + SyntheticStore.BUCKET + query);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString(UTF_8));
    }

    private static String failure(ThrowingCallable call) {
        S3Exception failure = catchThrowableOfType(S3Exception.class, call);
        return failure.statusCode() + " " + failure.awsErrorDetails().errorCode();
    }

    /** What does not depend on the store; S3Proxy gives common prefixes in UTF-16 order. */
    private static List<Object> summary(Listed listed) {
        ListObjectsV2Response first = listed.pages().get(0);
        return List.of(
                listed.keys(),
                Set.copyOf(listed.commonPrefixes()),
                listed.pageSizes(),
                first.name(),
                first.maxKeys(),
                first.isTruncated(),
                orEmpty(first.prefix()),
                orEmpty(first.delimiter()),
                orEmpty(first.startAfter()));
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }
}
