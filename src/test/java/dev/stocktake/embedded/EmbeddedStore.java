package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import org.gaul.s3proxy.AccessGrant;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.shaded.org.eclipse.jetty.server.Request;
import org.gaul.shaded.org.eclipse.jetty.server.internal.HttpConnection;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A real S3 server in this JVM: S3Proxy on 127.0.0.1, on a free port. It checks signatures and keeps objects in memory.
 *
 * <p>It lists any key, but S3Proxy does not take every key in an address: to one that begins with {@code /} or has
 * {@code //} it answers 403, and 400 to one that climbs out of the bucket, as {@code ../../a} does. Such a key can be
 * put and deleted here, and deleted by {@code DeleteObjects}.
 */
public final class EmbeddedStore implements AutoCloseable {
    private static final String ACCESS_KEY = "embedded-access-key";
    private static final String SECRET_KEY = "embedded-secret-key";

    private final HookedBlobStore objects = new HookedBlobStore();
    private final LongAdder requests = new LongAdder();
    private final S3Proxy server;
    private final URI endpoint;
    private final S3Client client;

    private EmbeddedStore() throws Exception {
        server = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
                // closes connections at once, as a store that goes away does
                .stopTimeout(0)
                .build();
        server.setBlobStoreLocator((identity, bucket, key) -> {
            requests.increment();
            return ACCESS_KEY.equals(identity) ? new AccessGrant(SECRET_KEY, objects) : null;
        });
        server.start();
        endpoint = URI.create("http://127.0.0.1:" + server.getPort());
        client = StoreClient.of(endpoint, ACCESS_KEY, SECRET_KEY);
    }

    /** A running store without buckets. */
    public static EmbeddedStore start() {
        silence();
        try {
            return new EmbeddedStore();
        } catch (Exception e) {
            throw new IllegalStateException("The embedded store does not start", e);
        }
    }

    /** The keys of all objects in a bucket, in the order of its listing. */
    public List<String> keys(String bucket) {
        return Listed.all(client, bucket).keys();
    }

    /** Where it listens; buckets are in the path. */
    public URI endpoint() {
        return endpoint;
    }

    /** The one access key it knows. */
    public String accessKey() {
        return ACCESS_KEY;
    }

    /** The secret of {@link #accessKey()}. */
    public String secretKey() {
        return SECRET_KEY;
    }

    /** A client of this store, which is closed with it. */
    public S3Client client() {
        return client;
    }

    /** Makes an empty bucket. */
    public void createBucket(String bucket) {
        objects.createContainer(bucket);
    }

    /** Puts an object without a request, as written now. */
    public void put(String bucket, String key, byte[] content) {
        put(bucket, key, content, Instant.now());
    }

    /** Puts an object without a request, as written then. */
    public void put(String bucket, String key, byte[] content, Instant lastModified) {
        objects.put(bucket, key, content, lastModified);
    }

    /** Puts a small object without a request, as written then. */
    public void put(String bucket, String key, Instant lastModified) {
        put(bucket, key, key.getBytes(UTF_8), lastModified);
    }

    /** Deletes an object without a request. */
    public void delete(String bucket, String key) {
        objects.removeBlob(bucket, key);
    }

    /** Makes an object look as if it had last been written then, until it is written again. */
    public void setLastModified(String bucket, String key, Instant when) {
        objects.setLastModified(bucket, key, when);
    }

    /** How many signed requests have come, repeated and refused ones too; a copy counts twice. */
    public long requests() {
        return requests.sum();
    }

    /**
     * Runs a hook before each listing is answered, with the number of the listing: 1 is the first after this call. The
     * hook may block, stop the store, or throw an {@link S3Failure}, which is then the answer. The SDK repeats a
     * request that got a 5xx, and the repetition counts too.
     */
    public void onList(IntConsumer hook) {
        AtomicInteger number = new AtomicInteger();
        objects.beforeList = () -> hook.accept(number.incrementAndGet());
    }

    /** Whether listings begin behind {@code start-after}, or at the beginning, as those of some stores do. */
    public void honourStartAfter(boolean honoured) {
        objects.startAfterHonoured = honoured;
    }

    /** Takes no notice of these conditions any more, nor says so, as some stores do; minds all others. */
    public void forget(String bucket, StoreCondition... conditions) {
        objects.forgotten.put(bucket, Set.of(conditions));
    }

    /** Everything in a bucket as it would be listed, without a request. */
    public List<ObjectEntry> objects(String bucket) {
        return objects.entries(bucket);
    }

    /**
     * Closes the port and every connection at once: a client that is waiting for an answer sees it break off. Returns
     * after some seconds when a hook is blocked, which is then interrupted.
     */
    public void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The embedded store does not stop", e);
        }
    }

    /** Stops it and closes its client. */
    @Override
    public void close() {
        stop();
        client.close();
    }

    /** What the server would log are the failures it is told to show. */
    private static void silence() {
        if (LoggerFactory.getLogger("org.gaul") instanceof Logger logger) {
            logger.setLevel(Level.OFF);
        }
    }

    private static final class HookedBlobStore extends ByteOrderedBlobStore {
        private volatile Runnable beforeList = () -> {};
        private volatile boolean startAfterHonoured = true;
        private final Map<String, Set<StoreCondition>> forgotten = new ConcurrentHashMap<>();

        /** S3Proxy minds the condition itself, but looks first and deletes then. */
        @Override
        public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
            String ifMatch = ifMatchOfDeletion();
            return super.removeBlob(
                    ifMatch == null || isForgotten(request.bucket(), StoreCondition.DELETE_IF_MATCH)
                            ? request
                            : request.toBuilder().ifMatch(ifMatch).build());
        }

        @Override
        public HeadObjectResponse blobMetadata(HeadObjectRequest request) {
            HeadObjectResponse head = super.blobMetadata(request);
            String ifMatch = ifMatchOfDeletion();
            return ifMatch != null && isForgotten(request.bucket(), StoreCondition.DELETE_IF_MATCH)
                    ? head.toBuilder().eTag(ifMatch).build()
                    : head;
        }

        private static String ifMatchOfDeletion() {
            Request asked = asked();
            return asked != null && asked.getMethod().equals("DELETE")
                    ? asked.getHeaders().get("If-Match")
                    : null;
        }

        /** S3Proxy takes no notice of the destination's condition. */
        @Override
        public CopyObjectResponse copyBlob(CopyObjectRequest request) {
            String bucket = request.destinationBucket();
            CopyObjectRequest.Builder changed = request.toBuilder();
            if (isForgotten(bucket, StoreCondition.COPY_SOURCE_IF_MATCH)) {
                changed.copySourceIfMatch(null);
            }
            Request asked = asked();
            if (asked != null && !isForgotten(bucket, StoreCondition.COPY_IF_NONE_MATCH)) {
                changed.ifNoneMatch(asked.getHeaders().get("If-None-Match"));
            }
            return super.copyBlob(changed.build());
        }

        /** The request that this thread answers; null where it does not. */
        private static Request asked() {
            HttpConnection connection = HttpConnection.getCurrentConnection();
            return connection == null ? null : connection.getHttpChannel().getRequest();
        }

        private boolean isForgotten(String bucket, StoreCondition condition) {
            return forgotten.getOrDefault(bucket, Set.of()).contains(condition);
        }

        @Override
        public ListObjectsV2Response list(ListObjectsV2Request request) {
            runHook();
            return super.list(
                    startAfterHonoured
                            ? request
                            : request.toBuilder().startAfter(null).build());
        }

        @Override
        public ListObjectsResponse listV1(ListObjectsRequest request) {
            runHook();
            return super.listV1(request);
        }

        private void runHook() {
            try {
                beforeList.run();
            } catch (S3Failure failure) {
                throw S3Exception.builder()
                        .message(failure.getMessage())
                        .statusCode(failure.status())
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode(failure.code())
                                .errorMessage("As the test wants it")
                                .build())
                        .cause(failure)
                        .build();
            }
        }
    }
}
