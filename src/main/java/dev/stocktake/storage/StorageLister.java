package dev.stocktake.storage;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.PageException;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.compare.StoredObject;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.component.aws2.s3.AWS2S3Endpoint;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.S3Response;

/**
 * Lists a bucket page by page with ListObjectsV2, over the client of an {@code aws2-s3} endpoint, so that bucket, region
 * and credentials are said once.
 *
 * <p>Camel's own {@code listObjects} operation cannot be used: it returns the first 1,000 keys and drops the sign that
 * there are more.
 */
public final class StorageLister implements CamelContextAware {
    private static final int MOST_COMMON_PREFIXES = 1000;

    private CamelContext camelContext;
    private String endpoint;
    private int pageSize = 1000;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** The URI of the {@code aws2-s3} endpoint whose bucket is listed. */
    public void setEndpoint(String endpoint) {
        this.endpoint = endpoint;
    }

    /** Objects asked for with one request; S3 gives at most 1,000. */
    public void setPageSize(int pageSize) {
        if (pageSize < 1 || pageSize > 1000) {
            throw new IllegalArgumentException("pageSize must be between 1 and 1000, was: " + pageSize);
        }
        this.pageSize = pageSize;
    }

    /** The next page of the listing that the cursor waits for. */
    public StoragePage page(Cursor cursor) {
        return page(cursor.storageFrom(), cursor.prefix());
    }

    private StoragePage page(StorageMarker from, String prefix) {
        ListObjectsV2Request.Builder request = request(prefix).maxKeys(pageSize);
        if (from.token() != null) {
            request.continuationToken(from.token());
        } else if (!from.after().isEmpty()) {
            request.startAfter(from.after());
        }
        ListObjectsV2Response response = client().listObjectsV2(request.build());

        List<StoredObject> objects = new ArrayList<>(response.contents().size());
        for (S3Object object : response.contents()) {
            objects.add(new StoredObject(
                    object.key(), sizeOf(object), withoutQuotes(object.eTag()), object.lastModified()));
        }
        return new StoragePage(from, List.copyOf(objects), next(from, objects, response), answeredAt(response));
    }

    /**
     * Lists one key, to see that the bucket can be listed.
     *
     * @return the store's time; null when it does not tell
     */
    public Instant time(KeySpace keySpace) {
        return answeredAt(
                client().listObjectsV2(request(keySpace.prefix()).maxKeys(1).build()));
    }

    /** Asks for one object by HEAD. */
    public Presence head(String key) {
        try {
            HeadObjectResponse response = client().headObject(request -> request.bucket(
                            endpoint().getConfiguration().getBucketName())
                    .key(key));
            return new Presence(
                    key,
                    true,
                    response.contentLength(),
                    withoutQuotes(response.eTag()),
                    response.lastModified(),
                    answeredAt(response));
        } catch (NoSuchKeyException absent) {
            return Presence.absent(
                    key,
                    absent.awsErrorDetails()
                            .sdkHttpResponse()
                            .firstMatchingHeader("Date")
                            .map(StorageLister::parseHttpDate)
                            .orElse(null));
        }
    }

    /** Asks for one object by listing it. */
    public Presence find(String key) {
        ListObjectsV2Response response =
                client().listObjectsV2(request(key).maxKeys(1).build());
        return response.contents().stream()
                .filter(object -> object.key().equals(key))
                .findFirst()
                .map(object -> new Presence(
                        key,
                        true,
                        sizeOf(object),
                        withoutQuotes(object.eTag()),
                        object.lastModified(),
                        answeredAt(response)))
                .orElseGet(() -> Presence.absent(key, answeredAt(response)));
    }

    /** The page behind one key. */
    public StoragePage pageBehind(String key, String prefix) {
        StorageMarker from = StorageMarker.after(key);
        return page(from, prefix);
    }

    /**
     * The first common prefixes of the key space, up to its delimiter {@code /}, for cutting it into ranges.
     *
     * @return in key order; empty where the store has none
     */
    public List<String> commonPrefixes(KeySpace keySpace) {
        ListObjectsV2Response response = client().listObjectsV2(request(keySpace.prefix())
                .delimiter("/")
                .maxKeys(MOST_COMMON_PREFIXES)
                .build());
        return response.commonPrefixes().stream().map(CommonPrefix::prefix).toList();
    }

    private ListObjectsV2Request.Builder request(String prefix) {
        ListObjectsV2Request.Builder request = ListObjectsV2Request.builder()
                .bucket(endpoint().getConfiguration().getBucketName())
                // XML cannot hold every character of a key, and its parsers turn a carriage return into a line feed
                .encodingType(EncodingType.URL);
        return prefix.isEmpty() ? request : request.prefix(prefix);
    }

    private S3Client client() {
        return endpoint().getS3Client();
    }

    private AWS2S3Endpoint endpoint() {
        return camelContext.getEndpoint(endpoint, AWS2S3Endpoint.class);
    }

    private static long sizeOf(S3Object object) {
        if (object.size() == null) {
            throw new PageException("The listing gives no size for the key \"" + object.key() + "\"");
        }
        return object.size();
    }

    private static StorageMarker next(StorageMarker from, List<StoredObject> objects, ListObjectsV2Response response) {
        if (!Boolean.TRUE.equals(response.isTruncated())) {
            return null;
        }
        String token = response.nextContinuationToken();
        if (token == null || token.isEmpty()) {
            throw new PageException("The store says that the listing goes on after \"" + from.after()
                    + "\" and gives no token to go on with");
        }
        if (!objects.isEmpty()) {
            String last = objects.get(objects.size() - 1).key();
            // by the key rather than by the token, which some stores fill with characters that XML cannot hold, unless
            // the key has a percent sign, which some stores echo as it is, so that the answer cannot be decoded
            return last.indexOf('%') < 0 ? StorageMarker.after(last) : new StorageMarker(last, token);
        }
        if (token.equals(from.token())) {
            throw new PageException(
                    "The store answers with the same empty page of the listing again, after \"" + from.after() + "\"");
        }
        return new StorageMarker(from.after(), token);
    }

    private static Instant answeredAt(S3Response response) {
        return response.sdkHttpResponse()
                .firstMatchingHeader("Date")
                .map(StorageLister::parseHttpDate)
                .orElse(null);
    }

    private static Instant parseHttpDate(String date) {
        try {
            return DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from);
        } catch (DateTimeParseException unreadable) {
            return null;
        }
    }

    private static String withoutQuotes(String etag) {
        return etag == null ? null : etag.replace("\"", "");
    }
}
