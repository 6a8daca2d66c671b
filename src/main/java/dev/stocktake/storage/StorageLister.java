package dev.stocktake.storage;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeyBehind;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.PageException;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.compare.StoredObject;
import java.time.Instant;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.component.aws2.s3.AWS2S3Endpoint;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;

/**
 * Lists a bucket page by page with ListObjectsV2, over the client of an {@code aws2-s3} endpoint, so that bucket, region
 * and credentials are said once.
 *
 * <p>Camel's own {@code listObjects} operation cannot be used: it returns the first 1,000 keys and drops the sign that
 * there are more.
 */
public final class StorageLister implements CamelContextAware {
    private CamelContext camelContext;
    private String endpoint;
    private int pageSize = Bucket.LARGEST_PAGE;
    private QuarantinePrefixes quarantines;

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
        if (pageSize < 1 || pageSize > Bucket.LARGEST_PAGE) {
            throw new IllegalArgumentException("pageSize must be between 1 and 1000, was: " + pageSize);
        }
        this.pageSize = pageSize;
    }

    /**
     * The next page of the listing that the cursor waits for.
     *
     * @param store how it can be listed; null when that is not known, which is taken for {@code START_AFTER}
     * @throws PageException when the store contradicts itself
     */
    public StoragePage page(Cursor cursor, StoreTraits store) {
        StorageMarker from = cursor.storageFrom();
        if (StoreTraits.known(store).listing() != StoreTraits.Listing.TOKENS) {
            return pageAfter(from, cursor.prefix());
        }
        if (from.token() == null && !from.after().equals(cursor.range().after())) {
            throw new PageException(
                    "The listing cannot go on after \"" + from.after() + "\" without the token that was given there");
        }
        return byToken(from, cursor.prefix());
    }

    /** The page behind the marker's key; by its token where it has one. */
    StoragePage pageAfter(StorageMarker from, String prefix) {
        ListObjectsV2Request.Builder request = bucket().listing(prefix).maxKeys(pageSize);
        if (from.token() != null) {
            request.continuationToken(NextToken.usable(from.token(), from.after()));
        } else if (!from.after().isEmpty()) {
            request.startAfter(from.after());
        }
        PlainListings.Taken taken = new PlainListings.Taken();
        ListObjectsV2Response response =
                bucket().client().listObjectsV2(taken.from(request).build());
        List<StoredObject> objects = taken.objects().orElseGet(() -> objects(response));
        StorageMarker next = nextByToken(from, objects, response);
        // by the key rather than by the token, which some stores fill with characters that XML cannot hold
        boolean byKey = next != null && !objects.isEmpty();
        return page(from, objects, byKey ? StorageMarker.after(next.after()) : next, response);
    }

    /** No route file says it, so that no edited one lets the comparison reach what waits in quarantine. */
    private boolean isQuarantined(String key) {
        if (quarantines == null) {
            QuarantinePrefixes bound = camelContext.getRegistry().findSingleByType(QuarantinePrefixes.class);
            quarantines = bound == null ? new QuarantinePrefixes() : bound;
        }
        if (quarantines.cover(key)) {
            return true;
        }
        quarantines.refuseMarker(key);
        return false;
    }

    /**
     * The page that the marker's token leads to, whatever its key; the first page where it has none. Its next marker
     * always has a token.
     *
     * @throws PageException when the token does not advance
     */
    public StoragePage pageByToken(StorageMarker from, KeySpace keySpace) {
        return byToken(from, keySpace.prefix());
    }

    private StoragePage byToken(StorageMarker from, String prefix) {
        ListObjectsV2Request.Builder request = bucket().listing(prefix).maxKeys(pageSize);
        if (from.token() != null) {
            request.continuationToken(NextToken.usable(from.token(), from.after()));
        }
        PlainListings.Taken taken = new PlainListings.Taken();
        ListObjectsV2Response response =
                bucket().client().listObjectsV2(taken.from(request).build());
        List<StoredObject> objects = taken.objects().orElseGet(() -> objects(response));
        StorageMarker next = nextByToken(from, objects, response);
        if (next != null && next.token().equals(from.token())) {
            throw new PageException("The store gives the same token for the next page of the listing again, after \""
                    + from.after() + "\"");
        }
        return page(from, objects, next, response);
    }

    /** The first folders and loose objects of the key space, up to its delimiter {@code /}, from one answer. */
    public TopLevel topLevel(KeySpace keySpace) {
        ListObjectsV2Response response = bucket().client()
                .listObjectsV2(bucket().listing(keySpace.prefix())
                        .delimiter("/")
                        .maxKeys(Bucket.LARGEST_PAGE)
                        .build());
        return new TopLevel(
                response.commonPrefixes().stream()
                        .map(Bucket::folder)
                        .filter(folder -> !isQuarantined(folder))
                        .toList(),
                notQuarantined(objects(response)),
                !Boolean.TRUE.equals(response.isTruncated()),
                Bucket.clock(response.sdkHttpResponse()));
    }

    /**
     * The first key that the listing has behind another.
     *
     * @param key that the store can be asked for what is behind
     */
    public KeyBehind behind(KeyBehind key, Cursor cursor) {
        ListObjectsV2Response response = bucket().client()
                .listObjectsV2(bucket().listing(cursor.prefix())
                        .startAfter(key.key())
                        .maxKeys(1)
                        .build());
        return new KeyBehind(
                response.contents().isEmpty()
                        ? null
                        : Bucket.object(response.contents().get(0)).key());
    }

    /**
     * Lists one key, to see that the bucket can be listed.
     *
     * @return the store's time; null when it does not tell
     */
    public Instant time(KeySpace keySpace) {
        ListObjectsV2Request one =
                bucket().listing(keySpace.prefix()).maxKeys(1).build();
        return Bucket.clock(bucket().client().listObjectsV2(one).sdkHttpResponse());
    }

    Bucket bucket() {
        AWS2S3Endpoint s3 = camelContext.getEndpoint(endpoint, AWS2S3Endpoint.class);
        return new Bucket(s3.getS3Client(), s3.getConfiguration().getBucketName());
    }

    private List<StoredObject> notQuarantined(List<StoredObject> objects) {
        for (StoredObject object : objects) {
            if (isQuarantined(object.key())) {
                return objects.stream()
                        .filter(each -> !isQuarantined(each.key()))
                        .toList();
            }
        }
        return objects;
    }

    private StoragePage page(
            StorageMarker from, List<StoredObject> objects, StorageMarker next, ListObjectsV2Response response) {
        return new StoragePage(from, notQuarantined(objects), next, Bucket.clock(response.sdkHttpResponse()));
    }

    private static List<StoredObject> objects(ListObjectsV2Response response) {
        return response.contents().stream().map(Bucket::object).toList();
    }

    private static StorageMarker nextByToken(
            StorageMarker from, List<StoredObject> objects, ListObjectsV2Response response) {
        String token = NextToken.of(response, objects.isEmpty(), from.token(), from.after());
        if (token == null) {
            return null;
        }
        return new StorageMarker(
                objects.isEmpty()
                        ? from.after()
                        : objects.get(objects.size() - 1).key(),
                token);
    }
}
