package dev.stocktake.storage;

import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.StoredObject;
import dev.stocktake.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedMultipartUpload;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResult;
import software.amazon.awssdk.services.s3.model.CopyPartResult;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.InvalidObjectStateException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;

/**
 * Where files wait before they are gone for good: another beginning of their keys, in the same bucket or another one. Moves
 * them by copies that the store makes, never over an object that is not the one meant.
 */
public final class Quarantine {
    private static final int UUID_LENGTH = 36;

    /** In bytes; what is longer is somebody's file. */
    private static final int LONGEST_MARKER = 8000;

    private final Supplier<StorageLister> storage;
    private final String bucket;
    private final String prefix;
    private final CopyLimits limits;

    /**
     * What a store copies at once, in bytes.
     *
     * @param largestCopy what is larger is copied part by part
     * @param part of what is copied part by part
     */
    record CopyLimits(long largestCopy, long part) {
        static final CopyLimits OF_S3 = new CopyLimits(5L << 30, 1L << 30);
    }

    /**
     * A quarantine for the bucket of a lister.
     *
     * @param storage asked with each request: the route files say what it lists
     * @param bucket null for the same bucket
     * @param prefix that the keys of all quarantined files begin with; ends in a slash
     */
    public Quarantine(Supplier<StorageLister> storage, String bucket, String prefix) {
        this(storage, bucket, prefix, CopyLimits.OF_S3);
    }

    Quarantine(Supplier<StorageLister> storage, String bucket, String prefix, CopyLimits limits) {
        this.storage = storage;
        this.bucket = bucket;
        this.prefix = prefix;
        this.limits = limits;
    }

    /** For people: bucket and beginning of the keys. */
    public String place() {
        return bucketName() + "/" + prefix;
    }

    /** Whether this is the place. */
    public boolean isAt(String otherBucket, String otherPrefix) {
        return bucketName().equals(otherBucket) && prefix.equals(otherPrefix);
    }

    /**
     * A file that is to be moved, in or out.
     *
     * @param key outside
     * @param quarantined its key in quarantine; null where it is deleted for good
     * @param size in bytes
     * @param etag without quotes; null where it is not known
     */
    public record Move(String key, String quarantined, long size, String etag) {
        /** Whether it is to be found in quarantine afterwards. */
        public boolean isIntoQuarantine() {
            return quarantined != null;
        }
    }

    /** For people: where the files of a plan wait. */
    public String placeOf(UUID planId) {
        return place() + planId + "/";
    }

    /** Where a file of a plan waits. */
    public String keyOf(UUID planId, String key) {
        return prefix + planId + "/" + key;
    }

    /** Whether a file's key leaves room for the quarantine's. */
    public boolean hasRoomFor(UUID planId, String key) {
        return KeySpace.isPossible(keyOf(planId, key));
    }

    /** What is outside. */
    public Presence outside(String key) {
        return new ObjectLookup(storage).head(key);
    }

    /** What waits in quarantine. */
    public Presence inside(String quarantined) {
        return ObjectLookup.head(client(), bucketName(), quarantined);
    }

    /**
     * Copies a file in, with its metadata, and makes sure that the copy is whole: by its ETag, which is the same where the
     * store makes it of the content alone, else by its size.
     *
     * @throws S3Exception when the file is no longer what it was (status 412), is gone (404), or cannot be copied
     */
    public void copyIn(Move move, Conditions conditions) {
        String etag = copy(
                source().name(),
                move.key(),
                bucketName(),
                move.quarantined(),
                move.size(),
                conditions.copySource() ? move.etag() : null,
                null,
                null);
        if (etag == null || !etag.equals(move.etag())) {
            refuseUnlessWhole(move, inside(move.quarantined()));
        }
    }

    /**
     * Copies a file back out where there is none; where the store does not mind that condition, whoever calls has looked.
     *
     * @param fence until when nobody else brings files back or takes them away
     * @return what is outside now
     * @throws S3Exception with status 412 where something is there again
     */
    public Presence.Present copyOut(Move move, Conditions conditions, Fence fence) {
        copy(
                bucketName(),
                move.quarantined(),
                source().name(),
                move.key(),
                move.size(),
                null,
                conditions.copyTarget() ? "*" : null,
                fence);
        return refuseUnlessWhole(move, outside(move.key()));
    }

    /**
     * Deletes a file outside, if it is still this one.
     *
     * @param conditional whether the store minds the condition
     * @param fence until when nobody else brings files back or takes them away
     * @throws S3Exception with status 412 when it is another one by now
     */
    public void deleteOutside(Move move, boolean conditional, Fence fence) {
        delete(source().name(), move.key(), conditional ? move.etag() : null, fence);
    }

    /** Deletes what waits in quarantine. */
    public void deleteInside(String quarantined, Fence fence) {
        delete(bucketName(), quarantined, null, fence);
    }

    /**
     * How the store moves files, tried with small objects of its own.
     *
     * @param objections against any cleanup, one sentence each; empty where there are none
     * @param conditions that the store minds
     * @param clock of the store; null where it does not tell
     */
    public record Trial(List<String> objections, Conditions conditions, Instant clock) {}

    /** Finds out whether files can be moved in and out again, what a deletion means, and which conditions the store minds. */
    public Trial trial() {
        return new StoreTrial(this, source(), new Bucket(client(), bucketName()), prefix).run();
    }

    /** The store's clock; null where it does not tell. */
    public Instant time() {
        return Bucket.clock(
                client().listObjectsV2(source().listing(prefix).maxKeys(1).build())
                        .sdkHttpResponse());
    }

    /**
     * Puts down what these folders are, for whoever finds them and has not the database that knows.
     *
     * @param plan as JSON
     */
    public void mark(UUID planId, String plan) {
        put(QuarantinePrefixes.markerIn(prefix), Json.write(Map.of("stocktake", "quarantine", "prefix", prefix)));
        put(planMarker(planId), plan);
    }

    /** Takes away what was put down about a plan. */
    public void unmark(UUID planId) {
        delete(bucketName(), planMarker(planId), null);
    }

    /** The plan of a folder, as it was put down there; empty where nothing was. */
    public Optional<String> marker(UUID planId) {
        try {
            return Optional.of(client().getObjectAsBytes(
                            request -> request.bucket(bucketName()).key(planMarker(planId)))
                    .asUtf8String());
        } catch (S3Exception refusal) {
            if (refusal.statusCode() == 404) {
                return Optional.empty();
            }
            throw refusal;
        }
    }

    /** What stands in a marker that was seen in the bucket that is compared; empty where it may not be read. */
    public Optional<String> markerOutside(String key) {
        try {
            return Optional.of(client().getObjectAsBytes(
                            request -> request.bucket(source().name()).key(key).range("bytes=0-" + LONGEST_MARKER))
                    .asUtf8String());
        } catch (S3Exception refusal) {
            if (refusal.statusCode() == 404 || refusal.statusCode() == 416) {
                // gone, or of no bytes
                return Optional.of("");
            }
            if (refusal.statusCode() == 403) {
                return Optional.empty();
            }
            throw refusal;
        }
    }

    private void put(String key, String content) {
        client().putObject(
                        request -> request.bucket(bucketName()).key(key).contentType("application/json"),
                        RequestBody.fromString(content));
    }

    private String planMarker(UUID planId) {
        return prefix + planId + ".plan.json";
    }

    /**
     * A copy that is in quarantine.
     *
     * @param planId of the plan that moved it here
     * @param key that it has outside
     * @param quarantined its key here
     * @param size in bytes
     * @param etag without quotes; null where the listing has none
     */
    public record Copy(UUID planId, String key, String quarantined, long size, String etag) {}

    /** Every copy of a plan, page by page as it is read. */
    public Iterator<Copy> copies(UUID planId) {
        return copiesUnder(prefix + planId + "/");
    }

    /** Every copy of every plan, page by page as it is read. */
    public Iterator<Copy> copies() {
        return copiesUnder(prefix);
    }

    private Iterator<Copy> copiesUnder(String folder) {
        return new ListingPages(new Bucket(client(), bucketName()), folder, Bucket.LARGEST_PAGE)
                .stream()
                        .flatMap(page -> page.contents().stream())
                        .map(this::toCopy)
                        .flatMap(Optional::stream)
                        .iterator();
    }

    /** Markers, trials and what else lies here by itself are no copies. */
    private Optional<Copy> toCopy(S3Object listed) {
        StoredObject object = Bucket.object(listed);
        String name = object.key().substring(prefix.length());
        if (name.length() <= UUID_LENGTH + 1 || name.charAt(UUID_LENGTH) != '/') {
            return Optional.empty();
        }
        try {
            return Optional.of(new Copy(
                    UUID.fromString(name.substring(0, UUID_LENGTH)),
                    name.substring(UUID_LENGTH + 1),
                    object.key(),
                    object.size(),
                    object.etag()));
        } catch (IllegalArgumentException foreign) {
            return Optional.empty();
        }
    }

    /** Whether something failed because the store does not allow it; that a file is archived concerns this file alone. */
    public static boolean isForbidden(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if ((cause instanceof S3Exception refusal
                            && refusal.statusCode() == 403
                            && !(cause instanceof InvalidObjectStateException))
                    || (cause instanceof UnknownPresenceException unknown && unknown.status() == 403)) {
                return true;
            }
        }
        return false;
    }

    private static Presence.Present refuseUnlessWhole(Move move, Presence copy) {
        if (!(copy instanceof Presence.Present present) || present.size() != move.size()) {
            throw new IncompleteCopyException(move.key());
        }
        return present;
    }

    /** The ETag of the copy, without quotes; null where the store does not say, or made it part by part. */
    private String copy(
            String fromBucket,
            String from,
            String toBucket,
            String to,
            long size,
            String ifMatch,
            String ifNoneMatch,
            Fence fence) {
        if (size > limits.largestCopy()) {
            copyParts(fromBucket, from, toBucket, to, size, ifMatch, ifNoneMatch, fence);
            return null;
        }
        return copyWhole(fromBucket, from, toBucket, to, ifMatch, ifNoneMatch, fence);
    }

    String copyWhole(
            String fromBucket,
            String from,
            String toBucket,
            String to,
            String ifMatch,
            String ifNoneMatch,
            Fence fence) {
        CopyObjectResult copied = client().copyObject(CopyObjectRequest.builder()
                        .sourceBucket(fromBucket)
                        .sourceKey(from)
                        .copySourceIfMatch(quoted(ifMatch))
                        .destinationBucket(toBucket)
                        .destinationKey(to)
                        .ifNoneMatch(ifNoneMatch)
                        .overrideConfiguration(fence == null ? null : FencedRequests.by(fence))
                        .build())
                .copyObjectResult();
        return copied == null ? null : Bucket.withoutQuotes(copied.eTag());
    }

    private void copyParts(
            String fromBucket,
            String from,
            String toBucket,
            String to,
            long size,
            String ifMatch,
            String ifNoneMatch,
            Fence fence) {
        HeadObjectResponse head =
                client().headObject(request -> request.bucket(fromBucket).key(from));
        String upload = client().createMultipartUpload(CreateMultipartUploadRequest.builder()
                        .bucket(toBucket)
                        .key(to)
                        .metadata(head.metadata())
                        .contentType(head.contentType())
                        .contentEncoding(head.contentEncoding())
                        .contentDisposition(head.contentDisposition())
                        .contentLanguage(head.contentLanguage())
                        .cacheControl(head.cacheControl())
                        .storageClass(head.storageClassAsString())
                        .build())
                .uploadId();
        try {
            List<CompletedPart> parts = new ArrayList<>();
            for (long start = 0; start < size; start += limits.part()) {
                int number = parts.size() + 1;
                String range = "bytes=" + start + "-" + (Math.min(start + limits.part(), size) - 1);
                CopyPartResult copied = client().uploadPartCopy(UploadPartCopyRequest.builder()
                                .sourceBucket(fromBucket)
                                .sourceKey(from)
                                .copySourceIfMatch(quoted(ifMatch))
                                .copySourceRange(range)
                                .destinationBucket(toBucket)
                                .destinationKey(to)
                                .uploadId(upload)
                                .partNumber(number)
                                .build())
                        .copyPartResult();
                if (copied == null || copied.eTag() == null) {
                    throw new IncompleteCopyException(from);
                }
                parts.add(CompletedPart.builder()
                        .partNumber(number)
                        .eTag(copied.eTag())
                        .build());
            }
            client().completeMultipartUpload(request -> request.bucket(toBucket)
                    .key(to)
                    .uploadId(upload)
                    .ifNoneMatch(ifNoneMatch)
                    .overrideConfiguration(fence == null ? null : FencedRequests.by(fence))
                    .multipartUpload(
                            CompletedMultipartUpload.builder().parts(parts).build()));
        } catch (RuntimeException failure) {
            client().abortMultipartUpload(
                            request -> request.bucket(toBucket).key(to).uploadId(upload));
            throw failure;
        }
    }

    /** Deletes what is this process' own. */
    void delete(String fromBucket, String key, String ifMatch) {
        delete(fromBucket, key, ifMatch, null);
    }

    private void delete(String fromBucket, String key, String ifMatch, Fence fence) {
        client().deleteObject(DeleteObjectRequest.builder()
                .bucket(fromBucket)
                .key(key)
                .ifMatch(quoted(ifMatch))
                .overrideConfiguration(fence == null ? null : FencedRequests.by(fence))
                .build());
    }

    private static String quoted(String etag) {
        return etag == null || etag.startsWith("\"") ? etag : '"' + etag + '"';
    }

    private S3Client client() {
        return source().client();
    }

    private Bucket source() {
        return storage.get().bucket();
    }

    private String bucketName() {
        return bucket == null ? source().name() : bucket;
    }

    /** The store says that it copied a file, and has none, or one of another size. */
    public static final class IncompleteCopyException extends RuntimeException {
        private static final long serialVersionUID = 1;

        IncompleteCopyException(String key) {
            super("the copy of \"" + key + "\" is not there as a whole");
        }
    }
}
