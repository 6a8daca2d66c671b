package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.stocktake.embedded.HostileStore.Held;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

class HostileStoreTest {
    private static final Instant THEN = Instant.parse("2024-01-14T03:04:05Z");
    private static final String BUCKET = "bucket";

    private static EmbeddedStore store;

    private HostileStore hostile;
    private S3Client client;

    @BeforeAll
    static void startStore() {
        store = EmbeddedStore.start();
        store.createBucket(BUCKET);
    }

    @AfterAll
    static void stopStore() {
        store.close();
    }

    @BeforeEach
    void start() {
        store.objects(BUCKET).forEach(each -> store.delete(BUCKET, each.key()));
        hostile = HostileStore.before(store.endpoint().getPort());
        client = client(Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        client.close();
        hostile.close();
    }

    @Test
    void handsOnWhatItIsNotToldAbout() {
        client.putObject(request -> request.bucket(BUCKET).key("a b/\u00e4+%"), RequestBody.fromString("content"));

        assertThat(client.getObjectAsBytes(request -> request.bucket(BUCKET).key("a b/\u00e4+%"))
                        .asUtf8String())
                .isEqualTo("content");
        assertThat(Listed.all(client, BUCKET).keys()).containsExactly("a b/\u00e4+%");
    }

    @Test
    void holdsARequestUntilItIsReleased() throws Exception {
        put("key", "one");
        put("other", "one");
        Held held = hostile.hold(request -> request.deletes("key"));
        CompletableFuture<Void> deletion = CompletableFuture.runAsync(() -> delete("key"));

        held.await();

        delete("other");
        assertThat(store.keys(BUCKET)).containsExactly("key");
        assertThat(deletion).isNotDone();
        held.release();
        deletion.get(10, TimeUnit.SECONDS);
        assertThat(store.keys(BUCKET)).isEmpty();
        assertThat(held.answers()).containsExactly(204);
    }

    @Test
    void deliversAHeldRequestThoughNobodyWaitsForItAnyMore() {
        put("key", "one");
        Held held = hostile.hold(request -> request.deletes("key"));
        try (S3Client hasty = client(Duration.ofMillis(100))) {
            assertThatExceptionOfType(SdkClientException.class)
                    .isThrownBy(() ->
                            hasty.deleteObject(request -> request.bucket(BUCKET).key("key")));
        }
        hostile.cut();
        assertThat(store.keys(BUCKET)).containsExactly("key");

        held.release();

        held.awaitAnswers(1);
        assertThat(store.keys(BUCKET)).isEmpty();
    }

    @Test
    void holdsAnAnswerToWhatIsDone() throws Exception {
        put("key", "one");
        Held held = hostile.holdAnswer(request -> request.deletes("key"));
        CompletableFuture<Void> deletion = CompletableFuture.runAsync(() -> delete("key"));

        held.await();

        assertThat(store.keys(BUCKET)).isEmpty();
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> deletion.get(50, TimeUnit.MILLISECONDS));
        held.release();
        deletion.get(10, TimeUnit.SECONDS);
    }

    @Test
    void letsSomethingHappenRightBeforeARequestAndRightAfterIt() {
        put("key", "one");
        hostile.before(request -> request.copies("key"), () -> put("key", "two"));
        hostile.after(request -> request.copiesTo("copy"), () -> put("copy", "three"));

        copy();

        assertThat(contentOf("key")).isEqualTo("two");
        assertThat(contentOf("copy")).isEqualTo("three");
        copy();
        assertThat(contentOf("copy")).as("once only").isEqualTo("two");
    }

    @Test
    void anUploadAtTheWorstMomentIsWhatAConditionIsFor() {
        put("key", "one");
        hostile.before(request -> request.deletes("key"), () -> put("key", "two"));

        assertThat(catchThrowableOfType(
                                S3Exception.class,
                                () -> client.deleteObject(request ->
                                        request.bucket(BUCKET).key("key").ifMatch(Md5.hex("one".getBytes(UTF_8)))))
                        .statusCode())
                .isEqualTo(412);

        store.forget(BUCKET, StoreCondition.DELETE_IF_MATCH);
        client.deleteObject(request -> request.bucket(BUCKET).key("key").ifMatch(Md5.hex("one".getBytes(UTF_8))));
        store.forget(BUCKET);
        assertThat(store.keys(BUCKET)).isEmpty();
    }

    @Test
    void knowsNoCopyThatMayNotReplaceWhereItIsToldSo() {
        put("key", "one");
        hostile.refuseCopiesThatMayNotReplace();

        assertThat(catchThrowableOfType(
                        S3Exception.class,
                        () -> client.copyObject(request -> request.sourceBucket(BUCKET)
                                .sourceKey("key")
                                .destinationBucket(BUCKET)
                                .destinationKey("copy")
                                .ifNoneMatch("*"))))
                .satisfies(refused -> assertThat(refused.statusCode()).isEqualTo(501))
                .satisfies(refused ->
                        assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("NotImplemented"));

        copy();
        assertThat(contentOf("copy")).isEqualTo("one");
    }

    @Test
    void liesAboutTheTime() {
        put("key", "one");
        hostile.pretendToBeAhead(Duration.ofHours(3));

        String date = client.headObject(request -> request.bucket(BUCKET).key("key"))
                .sdkHttpResponse()
                .firstMatchingHeader("Date")
                .orElseThrow();

        assertThat(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant())
                .isBetween(
                        Instant.now().plusSeconds(3 * 3600 - 60), Instant.now().plusSeconds(3 * 3600 + 60));
    }

    @Test
    void aProcessThatIsEndedDoesNothingMore() {
        put("key", "one");
        put("other", "one");
        hostile.before(request -> request.deletes("key"), hostile::cut);

        assertThatExceptionOfType(SdkClientException.class).isThrownBy(() -> delete("key"));
        assertThatExceptionOfType(SdkClientException.class).isThrownBy(() -> delete("other"));

        assertThat(store.keys(BUCKET)).containsExactly("key", "other");
        hostile.mend();
        delete("key");
        assertThat(store.keys(BUCKET)).containsExactly("other");
    }

    @Test
    void whatTheStoreHasGotItDoesThoughTheProcessIsEnded() {
        put("key", "one");
        hostile.after(request -> request.deletes("key"), hostile::cut);

        assertThatExceptionOfType(SdkClientException.class).isThrownBy(() -> delete("key"));

        assertThat(store.keys(BUCKET)).isEmpty();
    }

    @Test
    void aPausedProcessSendsNothingUntilItGoesOn() throws Exception {
        put("key", "one");
        hostile.pause();
        CompletableFuture<Void> deletion = CompletableFuture.runAsync(() -> delete("key"));

        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> deletion.get(200, TimeUnit.MILLISECONDS));

        assertThat(store.keys(BUCKET)).containsExactly("key");
        hostile.resume();
        deletion.get(10, TimeUnit.SECONDS);
        assertThat(store.keys(BUCKET)).isEmpty();
    }

    @Test
    void isHonestAgainWhenItCalmsDown() throws ExecutionException, InterruptedException, TimeoutException {
        put("key", "one");
        Held held = hostile.hold(request -> request.deletes("key"));
        hostile.refuse(request -> request.looksAt("key"), 403, "AccessDenied");
        CompletableFuture<Void> deletion = CompletableFuture.runAsync(() -> delete("key"));
        held.await();

        hostile.calm();

        deletion.get(10, TimeUnit.SECONDS);
        put("key", "one");
        assertThat(client.headObject(request -> request.bucket(BUCKET).key("key"))
                        .contentLength())
                .isEqualTo(3);
    }

    private S3Client client(Duration patience) {
        return S3Client.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + hostile.port()))
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .credentialsProvider(store.client().serviceClientConfiguration().credentialsProvider())
                .forcePathStyle(true)
                .overrideConfiguration(
                        override -> override.apiCallTimeout(patience).retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build();
    }

    private void copy() {
        client.copyObject(request -> request.sourceBucket(BUCKET)
                .sourceKey("key")
                .destinationBucket(BUCKET)
                .destinationKey("copy"));
    }

    private void delete(String key) {
        client.deleteObject(request -> request.bucket(BUCKET).key(key));
    }

    private static void put(String key, String content) {
        store.put(BUCKET, key, content.getBytes(UTF_8), THEN);
    }

    private static String contentOf(String key) {
        return store.client()
                .getObjectAsBytes(request -> request.bucket(BUCKET).key(key))
                .asUtf8String();
    }
}
