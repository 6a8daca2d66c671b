package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.DeletedObject;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsResponse;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

class EmbeddedStoreTest {
    private static final Instant THEN = Instant.parse("2024-01-14T03:04:05Z");

    private static EmbeddedStore store;
    private static S3Client client;
    private static int buckets;

    private String bucket;

    @BeforeAll
    static void start() {
        store = EmbeddedStore.start();
        client = store.client();
    }

    @AfterAll
    static void stop() {
        store.close();
    }

    @BeforeEach
    void freshBucket() {
        store.onList(number -> {});
        bucket = "bucket-" + buckets++;
        store.createBucket(bucket);
    }

    @Test
    void listsEveryKindOfKeyInTheOrderOfItsBytes() {
        List<String> keys = Stream.concat(AwkwardKeys.ADDRESSABLE.stream(), AwkwardKeys.WITH_EMPTY_SEGMENTS.stream())
                .toList();
        keys.forEach(key -> store.put(bucket, key, THEN));

        assertThat(Listed.all(client, bucket).keys()).isEqualTo(AwkwardKeys.sorted(keys));
        assertThat(Listed.all(client, bucket, request -> request.maxKeys(1)).keys())
                .isEqualTo(AwkwardKeys.sorted(keys));
    }

    static List<String> addressable() {
        return AwkwardKeys.ADDRESSABLE;
    }

    @ParameterizedTest
    @MethodSource("addressable")
    void keepsAnAddressableKeyAsItIsThroughEveryRequest(String key) {
        client.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromString(key));

        assertThat(Listed.all(client, bucket).keys()).containsExactly(key);
        assertThat(content(key)).isEqualTo(key);
        assertThat(client.headObject(request -> request.bucket(bucket).key(key)).contentLength())
                .isEqualTo(key.getBytes(UTF_8).length);

        client.copyObject(request -> request.sourceBucket(bucket)
                .sourceKey(key)
                .destinationBucket(bucket)
                .destinationKey("copy"));
        client.deleteObject(request -> request.bucket(bucket).key(key));

        assertThat(Listed.all(client, bucket).keys()).containsExactly("copy");
        assertThat(content("copy")).isEqualTo(key);
    }

    @Test
    void deletesNothingWhoseContentIsNotTheOneMeant() {
        store.put(bucket, "key", "new".getBytes(UTF_8), THEN);

        assertThat(statusOf(() -> client.deleteObject(
                        request -> request.bucket(bucket).key("key").ifMatch(etagOf("old")))))
                .isEqualTo(412);

        assertThat(content("key")).isEqualTo("new");
        client.deleteObject(request -> request.bucket(bucket).key("key").ifMatch(etagOf("new")));
        assertThat(store.objects(bucket)).isEmpty();
    }

    @Test
    void copiesNothingWhoseContentIsNotTheOneMeant() {
        store.put(bucket, "key", "new".getBytes(UTF_8), THEN);

        assertThat(statusOf(() -> copy(request -> request.copySourceIfMatch(etagOf("old")))))
                .isEqualTo(412);

        assertThat(store.keys(bucket)).containsExactly("key");
        copy(request -> request.copySourceIfMatch(etagOf("new")));
        assertThat(content("copy")).isEqualTo("new");
    }

    @Test
    void copiesOverNothingWhereThatIsTheCondition() {
        store.put(bucket, "key", "one".getBytes(UTF_8), THEN);
        store.put(bucket, "copy", "other".getBytes(UTF_8), THEN);

        assertThat(statusOf(() -> copy(request -> request.ifNoneMatch("*")))).isEqualTo(412);

        assertThat(content("copy")).isEqualTo("other");
        store.delete(bucket, "copy");
        copy(request -> request.ifNoneMatch("*"));
        assertThat(content("copy")).isEqualTo("one");
    }

    @Test
    void forgetsTheConditionsThatItIsToldTo() {
        store.put(bucket, "key", "new".getBytes(UTF_8), THEN);
        store.put(bucket, "copy", "other".getBytes(UTF_8), THEN);
        store.forget(bucket, StoreCondition.COPY_IF_NONE_MATCH);
        assertThat(statusOf(() -> copy(request -> request.copySourceIfMatch(etagOf("old")))))
                .as("another one")
                .isEqualTo(412);

        copy(request -> request.ifNoneMatch("*"));
        assertThat(content("copy")).isEqualTo("new");
        store.forget(bucket, StoreCondition.COPY_SOURCE_IF_MATCH, StoreCondition.DELETE_IF_MATCH);
        copy(request -> request.copySourceIfMatch(etagOf("old")));
        client.deleteObject(request -> request.bucket(bucket).key("key").ifMatch(etagOf("old")));

        assertThat(store.keys(bucket)).containsExactly("copy");
    }

    private void copy(Consumer<CopyObjectRequest.Builder> how) {
        client.copyObject(request -> how.accept(request.sourceBucket(bucket)
                .sourceKey("key")
                .destinationBucket(bucket)
                .destinationKey("copy")));
    }

    private static int statusOf(ThrowingCallable request) {
        return catchThrowableOfType(S3Exception.class, request).statusCode();
    }

    private static String etagOf(String content) {
        return '"' + Md5.hex(content.getBytes(UTF_8)) + '"';
    }

    @Test
    void startAfterAndContinuationGoOnFromTheSamePlace() {
        AwkwardKeys.ADDRESSABLE.forEach(key -> store.put(bucket, key, THEN));
        List<String> sorted = AwkwardKeys.sorted(AwkwardKeys.ADDRESSABLE);

        for (int i = 0; i < sorted.size(); i++) {
            String key = sorted.get(i);
            assertThat(Listed.all(
                                    client,
                                    bucket,
                                    request -> request.startAfter(key).maxKeys(5))
                            .keys())
                    .as("after %s", key)
                    .isEqualTo(sorted.subList(i + 1, sorted.size()));
        }
    }

    @Test
    void startsAfterAKeyThatDoesNotExist() {
        store.put(bucket, "a", THEN);
        store.put(bucket, "c", THEN);

        assertThat(Listed.all(client, bucket, request -> request.startAfter("b"))
                        .keys())
                .containsExactly("c");
    }

    @Test
    void listsTwoThousandAndOneObjectsInThreePages() {
        List<String> keys =
                IntStream.range(0, 2001).mapToObj("assets/%04d"::formatted).toList();
        keys.forEach(key -> store.put(bucket, key, THEN));

        Listed listed = Listed.all(client, bucket);

        assertThat(listed.keys()).isEqualTo(keys);
        assertThat(listed.pageSizes()).containsExactly(1000, 1000, 1);
    }

    @Test
    void rollsUpCommonPrefixesOnPagesOfAnySize() {
        Stream.of("a", "a/1", "a/2", "a/b/3", "b/1", "c", "d//1").forEach(key -> store.put(bucket, key, THEN));

        for (int size = 1; size <= 6; size++) {
            int maxKeys = size;
            Listed listed =
                    Listed.all(client, bucket, request -> request.delimiter("/").maxKeys(maxKeys));
            assertThat(listed.keys()).containsExactly("a", "c");
            assertThat(listed.commonPrefixes()).containsExactly("a/", "b/", "d/");
        }
        Listed within =
                Listed.all(client, bucket, request -> request.delimiter("/").prefix("a/"));
        assertThat(within.keys()).containsExactly("a/1", "a/2");
        assertThat(within.commonPrefixes()).containsExactly("a/b/");
    }

    @Test
    void listsInTheOldVersionTooWithMarkers() {
        List<String> keys = List.of("a", "b/1", "b/2", "\ufffd", "\ud83d\ude00");
        keys.forEach(key -> store.put(bucket, key, THEN));
        List<String> read = new ArrayList<>();
        String marker = "";
        boolean truncated = true;
        while (truncated) {
            String from = marker;
            ListObjectsResponse page = client.listObjects(request -> request.bucket(bucket)
                    .delimiter("/")
                    .encodingType("url")
                    .maxKeys(1)
                    .marker(from));
            page.contents().forEach(object -> read.add(object.key()));
            page.commonPrefixes().forEach(prefix -> read.add(prefix.prefix()));
            assertThat(read).as("a listing that does not end").hasSizeLessThan(100);
            marker = page.nextMarker();
            truncated = page.isTruncated();
        }

        assertThat(read).containsExactly("a", "b/", "\ufffd", "\ud83d\ude00");
    }

    @Test
    void anOverwrittenObjectIsListedOnceAsItIsNow() {
        store.put(bucket, "key", "old".getBytes(UTF_8), THEN);
        client.putObject(request -> request.bucket(bucket).key("key"), RequestBody.fromString("newer"));

        S3Object listed = Listed.all(client, bucket).objects().get(0);
        HeadObjectResponse head =
                client.headObject(request -> request.bucket(bucket).key("key"));

        assertThat(Listed.all(client, bucket).keys()).containsExactly("key");
        assertThat(listed.size()).isEqualTo(5);
        assertThat(listed.eTag()).isEqualTo(head.eTag()).isEqualTo("\"0c10f4a0c12ba89211235026b861263d\"");
        assertThat(listed.lastModified()).isEqualTo(head.lastModified()).isAfter(THEN);
        assertThat(content("key")).isEqualTo("newer");
    }

    @Test
    void aDeletedObjectIsNeitherListedNorFound() {
        store.put(bucket, "stays", THEN);
        store.put(bucket, "goes", THEN);
        store.put(bucket, "goes too", THEN);

        client.deleteObject(request -> request.bucket(bucket).key("goes"));
        store.delete(bucket, "goes too");

        assertThat(Listed.all(client, bucket).keys()).containsExactly("stays");
        assertThatExceptionOfType(NoSuchKeyException.class)
                .isThrownBy(() ->
                        client.headObject(request -> request.bucket(bucket).key("goes")));
    }

    @Test
    void deletesManyAtOnceKeysWithEmptySegmentsToo() {
        List<String> keys = List.of("a", "b", "/leading", "a//b");
        keys.forEach(key -> store.put(bucket, key, THEN));
        store.put(bucket, "stays", THEN);

        DeleteObjectsResponse deleted = client.deleteObjects(request -> request.bucket(bucket)
                .delete(delete -> delete.objects(keys.stream()
                        .map(key -> ObjectIdentifier.builder().key(key).build())
                        .toList())));

        assertThat(deleted.deleted()).map(DeletedObject::key).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(Listed.all(client, bucket).keys()).containsExactly("stays");
    }

    @Test
    void anUploadInPartsIsListedWhenItIsComplete() {
        String id = client.createMultipartUpload(
                        request -> request.bucket(bucket).key("a/./b").metadata(Map.of("for", "test")))
                .uploadId();
        String part = client.uploadPart(
                        request ->
                                request.bucket(bucket).key("a/./b").uploadId(id).partNumber(1),
                        RequestBody.fromString("content"))
                .eTag();
        store.put(bucket, "a", THEN);
        assertThat(Listed.all(client, bucket, request -> request.maxKeys(1)).pageSizes())
                .as("what S3Proxy keeps about the upload does not count")
                .containsExactly(1);
        store.delete(bucket, "a");
        assertThat(client.listMultipartUploads(request -> request.bucket(bucket))
                        .uploads())
                .singleElement()
                .satisfies(upload -> assertThat(upload.key()).isEqualTo("a/./b"));

        client.completeMultipartUpload(request -> request.bucket(bucket)
                .key("a/./b")
                .uploadId(id)
                .multipartUpload(upload -> upload.parts(
                        CompletedPart.builder().partNumber(1).eTag(part).build())));

        assertThat(Listed.all(client, bucket).keys()).containsExactly("a/./b");
        assertThat(Listed.all(client, bucket).objects().get(0).eTag()).endsWith("-1\"");
        assertThat(content("a/./b")).isEqualTo("content");
        assertThat(client.headObject(request -> request.bucket(bucket).key("a/./b"))
                        .metadata())
                .containsEntry("for", "test");
    }

    @Test
    void showsTheLastModifiedTimeItWasGivenInListHeadAndGet() {
        store.put(bucket, "put", "x".getBytes(UTF_8), THEN);
        client.putObject(request -> request.bucket(bucket).key("set"), RequestBody.fromString("x"));
        store.setLastModified(bucket, "set", THEN);

        assertThat(Listed.all(client, bucket).objects())
                .map(S3Object::lastModified)
                .containsExactly(THEN, THEN);
        for (String key : List.of("put", "set")) {
            assertThat(client.headObject(request -> request.bucket(bucket).key(key))
                            .lastModified())
                    .isEqualTo(THEN);
            try (ResponseInputStream<GetObjectResponse> got =
                    client.getObject(request -> request.bucket(bucket).key(key))) {
                assertThat(got.response().lastModified()).isEqualTo(THEN);
                assertThat(got.readAllBytes()).asString(UTF_8).isEqualTo("x");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        assertThat(Listed.all(client, bucket).objects())
                .map(S3Object::lastModified)
                .containsExactly(THEN, THEN);
    }

    @Test
    void refusesAWrongSecretAndAnUnknownAccessKey() {
        try (S3Client wrongSecret = StoreClient.of(store.endpoint(), store.accessKey(), "wrong");
                S3Client unknown = StoreClient.of(store.endpoint(), "nobody", store.secretKey())) {
            assertThat(failure(() -> Listed.all(wrongSecret, bucket))).isEqualTo("403 SignatureDoesNotMatch");
            assertThat(failure(() -> Listed.all(unknown, bucket))).isEqualTo("403 InvalidAccessKeyId");
        }
    }

    @Test
    void saysThatABucketIsMissing() {
        assertThatExceptionOfType(NoSuchBucketException.class)
                .isThrownBy(() -> Listed.all(client, "no-such-bucket"))
                .satisfies(missing -> assertThat(missing.statusCode()).isEqualTo(404));
    }

    @Test
    void refusesAContinuationTokenItDidNotGive() {
        assertThat(failure(() ->
                        client.listObjectsV2(request -> request.bucket(bucket).continuationToken("made up"))))
                .isEqualTo("400 InvalidArgument");
    }

    @Test
    void deletesABucketOnlyWhenItIsEmpty() {
        store.put(bucket, "a", THEN);
        assertThat(failure(() -> client.deleteBucket(request -> request.bucket(bucket))))
                .isEqualTo("409 BucketNotEmpty");

        store.delete(bucket, "a");
        client.deleteBucket(request -> request.bucket(bucket));

        assertThat(failure(() -> Listed.all(client, bucket))).isEqualTo("404 NoSuchBucket");
    }

    @Test
    void keepsVersionsOfABucketThatWantsThem() {
        store.put(bucket, "b", "first".getBytes(UTF_8), THEN);
        client.putBucketVersioning(
                request -> request.bucket(bucket).versioningConfiguration(versioning -> versioning.status("Enabled")));
        store.put(bucket, "b", "second".getBytes(UTF_8), THEN);
        store.put(bucket, "a", "other".getBytes(UTF_8), THEN);
        client.deleteObject(request -> request.bucket(bucket).key("b"));
        assertThat(Listed.all(client, bucket).keys()).containsExactly("a");

        var versions = client.listObjectVersions(request -> request.bucket(bucket));
        assertThat(versions.versions()).map(version -> version.key()).containsExactly("a", "b", "b");
        assertThat(versions.versions().get(2).versionId()).isEqualTo("null");
        assertThat(versions.deleteMarkers()).singleElement().satisfies(marker -> {
            assertThat(marker.key()).isEqualTo("b");
            client.deleteObject(request -> request.bucket(bucket).key("b").versionId(marker.versionId()));
        });

        assertThat(Listed.all(client, bucket).keys()).containsExactly("a", "b");
        assertThat(content("b")).isEqualTo("second");
    }

    @Test
    void countsRequestsRefusedOnesToo() {
        long before = store.requests();

        Listed.all(client, bucket);
        failure(() -> Listed.all(client, "no-such-bucket"));

        assertThat(store.requests() - before).isEqualTo(2);
    }

    @Test
    void runsTheHookBeforeEachListingIsAnswered() {
        IntStream.range(0, 5).forEach(i -> store.put(bucket, "k" + i, THEN));
        List<Integer> numbers = new ArrayList<>();
        store.onList(number -> {
            numbers.add(number);
            if (number == 2) {
                store.put(bucket, "k9", THEN);
                store.delete(bucket, "k1");
                store.delete(bucket, "k3");
            }
        });

        Listed listed = Listed.all(client, bucket, request -> request.maxKeys(2));

        assertThat(listed.keys()).containsExactly("k0", "k1", "k2", "k4", "k9");
        assertThat(numbers).containsExactly(1, 2, 3);
    }

    @Test
    void answersWithTheFailureThatTheHookThrows() {
        store.onList(number -> {
            throw new S3Failure(403, "AccessDenied");
        });
        assertThat(failure(() -> Listed.all(client, bucket))).isEqualTo("403 AccessDenied");

        List<Integer> numbers = new ArrayList<>();
        store.onList(number -> {
            numbers.add(number);
            if (number == 1) {
                throw new S3Failure(503, "SlowDown");
            }
        });
        assertThat(Listed.all(client, bucket).keys()).isEmpty();
        assertThat(numbers).as("the SDK repeats it").containsExactly(1, 2);
    }

    @Test
    void aStoreThatIsStoppedInAListingBreaksOffAndClosesItsPort() {
        try (EmbeddedStore other = EmbeddedStore.start()) {
            other.createBucket("bucket");
            IntStream.range(0, 5).forEach(i -> other.put("bucket", "k" + i, THEN));
            List<Integer> numbers = new ArrayList<>();
            other.onList(number -> {
                numbers.add(number);
                if (number == 2) {
                    other.stop();
                }
            });

            assertThatExceptionOfType(SdkClientException.class)
                    .isThrownBy(() -> Listed.all(other.client(), "bucket", request -> request.maxKeys(2)));

            assertThat(numbers).containsExactly(1, 2);
            assertThatIOException()
                    .isThrownBy(() -> new Socket(
                                    InetAddress.getLoopbackAddress(),
                                    other.endpoint().getPort())
                            .close());
        }
    }

    private String content(String key) {
        return client.getObjectAsBytes(request -> request.bucket(bucket).key(key))
                .asUtf8String();
    }

    private static String failure(ThrowingCallable call) {
        S3Exception failure = catchThrowableOfType(S3Exception.class, call);
        return failure.statusCode() + " " + failure.awsErrorDetails().errorCode();
    }
}
