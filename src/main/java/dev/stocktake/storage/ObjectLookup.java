package dev.stocktake.storage;

import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.compare.StoredObject;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Asks the store about single objects. An answer is that the object is there, or that it is not; anything else is thrown:
 * the SDK's own exception for what may pass when asked again, {@link UnknownPresenceException} for what will not.
 */
public final class ObjectLookup {
    private final Supplier<StorageLister> storage;

    /**
     * Asks the store of a lister.
     *
     * @param storage asked with each question: the route files say what it lists
     */
    public ObjectLookup(Supplier<StorageLister> storage) {
        this.storage = storage;
    }

    /**
     * Asks by HEAD, which takes the right to read the object. Absent is a 404 alone; HEAD has no body that would tell a
     * missing bucket from a missing object, so that a run must see at its end that the bucket is still there.
     */
    public Presence head(String key) {
        Bucket bucket = storage.get().bucket();
        return head(bucket.client(), bucket.name(), key);
    }

    private static Presence head(S3Client client, String bucket, String key) {
        try {
            HeadObjectResponse head =
                    client.headObject(request -> request.bucket(bucket).key(key));
            if (head.contentLength() == null || head.lastModified() == null) {
                // what lies between and compresses takes headers out
                return findByListing(new Bucket(client, bucket), key, false);
            }
            return new Presence.Present(
                    key,
                    head.contentLength(),
                    Bucket.withoutQuotes(head.eTag()),
                    head.lastModified(),
                    Bucket.clock(head.sdkHttpResponse()));
        } catch (S3Exception refusal) {
            if (refusal.statusCode() == 404) {
                return new Presence.Absent(
                        key,
                        refusal.awsErrorDetails() == null
                                        || refusal.awsErrorDetails().sdkHttpResponse() == null
                                ? null
                                : Bucket.clock(refusal.awsErrorDetails().sdkHttpResponse()));
            }
            throw isPassing(refusal) ? refusal : unknown(key, "HEAD of the object", refusal);
        }
    }

    /** The same, where the ETag counts: what lies between and leaves it out of HEAD may leave it in the listing. */
    static Presence headWithEtag(Bucket bucket, String key) {
        Presence presence = head(bucket.client(), bucket.name(), key);
        return presence instanceof Presence.Present there && there.etag() == null
                ? findByListing(bucket, key, false)
                : presence;
    }

    /**
     * Asks by listing with the key as prefix, which takes the right to list the bucket and no other: one request while the
     * order can be trusted, for what else begins with the key stands behind it; else every page, until the key comes.
     *
     * @param store how it can be listed; null when that is not known, which is taken for honest
     */
    public Presence findByListing(String key, StoreTraits store) {
        return findByListing(
                storage.get().bucket(), key, StoreTraits.known(store).byteOrder());
    }

    private static Presence findByListing(Bucket bucket, String key, boolean inOrder) {
        ListingPages pages = new ListingPages(bucket, key, inOrder ? 1 : Bucket.LARGEST_PAGE);
        ListObjectsV2Response first = null;
        while (pages.hasNext()) {
            ListObjectsV2Response page = pages.next();
            first = first == null ? page : first;
            for (S3Object listed : page.contents()) {
                StoredObject object = Bucket.object(listed);
                if (object.key().equals(key)) {
                    return new Presence.Present(
                            key,
                            object.size(),
                            object.etag(),
                            object.lastModified(),
                            Bucket.clock(page.sdkHttpResponse()));
                }
            }
            if (inOrder && !page.contents().isEmpty()) {
                break;
            }
        }
        return new Presence.Absent(key, first == null ? null : Bucket.clock(first.sdkHttpResponse()));
    }

    /** One page of the listing behind a key, for where many objects are asked about that stand close together. */
    public StoragePage pageAfter(String key, String prefix) {
        return storage.get().pageAfter(StorageMarker.after(key), prefix);
    }

    /** Whether a refusal may pass when asked again. */
    static boolean isPassing(S3Exception refusal) {
        return refusal.statusCode() >= 500 || refusal.statusCode() == 429;
    }

    private static UnknownPresenceException unknown(String key, String question, S3Exception refusal) {
        return new UnknownPresenceException(
                key,
                question,
                refusal.statusCode(),
                refusal.statusCode() == 403
                        ? "Grant s3:GetObject and s3:ListBucket to these credentials."
                        : "Check S3_BUCKET and S3_ENDPOINT.");
    }
}
