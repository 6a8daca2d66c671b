package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

class ByteOrderedBlobStoreTest {
    private static final String BUCKET = "bucket";
    private static final Instant THEN = Instant.parse("2024-01-14T00:00:00Z");

    private final ByteOrderedBlobStore store = new ByteOrderedBlobStore();

    @BeforeEach
    void makeBucket() {
        store.createContainer(BUCKET);
    }

    @Test
    void anObjectPutWithoutTheStoreBehindCanBeReadCopiedAndRemoved() throws IOException {
        store.put(BUCKET, "a", "one".getBytes(UTF_8), THEN);
        store.put(BUCKET, "b", "two".getBytes(UTF_8), THEN);
        store.put(BUCKET, "b", "three".getBytes(UTF_8), THEN);

        store.copyBlob(CopyObjectRequest.builder()
                .sourceBucket(BUCKET)
                .sourceKey("a")
                .destinationBucket(BUCKET)
                .destinationKey("c")
                .build());
        store.removeBlob(BUCKET, "a");

        assertThat(keys()).containsExactly("b", "c");
        assertThat(store.getBlob(BUCKET, "b").readAllBytes()).asString(UTF_8).isEqualTo("three");
        assertThat(store.getBlob(BUCKET, "c").readAllBytes()).asString(UTF_8).isEqualTo("one");
        assertThat(store.blobExists(BUCKET, "a")).isFalse();
    }

    @Test
    void listsAnObjectTheSameBeforeAndAfterItIsMovedToTheStoreBehind() {
        store.put(BUCKET, "a", "one".getBytes(UTF_8), THEN);
        List<S3Object> before = store.list(BUCKET).contents();

        HeadObjectResponse head = store.blobMetadata(BUCKET, "a");

        assertThat(store.list(BUCKET).contents()).isEqualTo(before);
        assertThat(head.contentLength()).isEqualTo(before.get(0).size());
        assertThat(head.eTag()).isEqualTo(before.get(0).eTag());
        assertThat(head.lastModified()).isEqualTo(THEN);
    }

    @Test
    void aRefusedPutChangesNothingInTheListing() {
        store.put(BUCKET, "a", "one".getBytes(UTF_8), THEN);
        List<S3Object> before = store.list(BUCKET).contents();

        assertThatExceptionOfType(S3Exception.class)
                .isThrownBy(() -> store.putBlob(
                        PutObjectRequest.builder()
                                .bucket(BUCKET)
                                .key("a")
                                .ifNoneMatch("*")
                                .contentLength(3L)
                                .build(),
                        new ByteArrayInputStream("two".getBytes(UTF_8))))
                .satisfies(refused -> assertThat(refused.statusCode()).isEqualTo(412));

        assertThat(store.list(BUCKET).contents()).isEqualTo(before);
    }

    @Test
    void theTimeOfAnObjectThatIsNotThereCannotBeSet() {
        assertThatExceptionOfType(NoSuchKeyException.class).isThrownBy(() -> store.setLastModified(BUCKET, "a", THEN));
    }

    @Test
    void clearsOnlyWhatHasThePrefix() {
        List.of("a/1", "a/2", "b").forEach(key -> store.put(BUCKET, key, new byte[0], THEN));

        store.clearContainer(
                ListObjectsV2Request.builder().bucket(BUCKET).prefix("a/").build());

        assertThat(keys()).containsExactly("b");
    }

    @Test
    void theListingIsWhatIsThereAfterManyHaveChangedTheSameKeys() throws Exception {
        int workers = 8;
        List<Callable<Void>> work = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            Random random = new Random(worker);
            work.add(() -> {
                for (int turn = 0; turn < 500; turn++) {
                    change("key-" + random.nextInt(4), random.nextInt(4), "x".repeat(random.nextInt(50)));
                }
                return null;
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }

        Map<String, String> listed = new TreeMap<>();
        store.list(BUCKET).contents().forEach(object -> listed.put(object.key(), object.eTag() + object.size()));
        Map<String, String> there = new TreeMap<>();
        IntStream.range(0, 4).mapToObj("key-%d"::formatted).forEach(key -> {
            HeadObjectResponse head = store.blobMetadataIfPresent(BUCKET, key);
            if (head != null) {
                there.put(key, head.eTag().replace("\"", "") + head.contentLength());
            }
        });
        assertThat(listed).isEqualTo(there);
    }

    private void change(String key, int how, String content) throws IOException {
        byte[] bytes = content.getBytes(UTF_8);
        switch (how) {
            case 0 -> store.put(BUCKET, key, bytes, THEN);
            case 1 ->
                store.putBlob(
                        PutObjectRequest.builder()
                                .bucket(BUCKET)
                                .key(key)
                                .contentLength((long) bytes.length)
                                .build(),
                        new ByteArrayInputStream(bytes));
            case 2 -> store.removeBlob(BUCKET, key);
            default -> store.blobExists(BUCKET, key);
        }
    }

    private List<String> keys() {
        return store.list(BUCKET).contents().stream().map(S3Object::key).toList();
    }
}
