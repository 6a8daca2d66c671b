package dev.stocktake.storage;

import dev.stocktake.compare.KeySpace;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.CompletedMultipartUpload;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResult;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.InvalidObjectStateException;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;

/**
 * Where files wait before they are gone for good: another beginning of their keys, in the same bucket or another one. Moves
 * them by copies that the store makes, never over an object that is not the one meant.
 */
public final class Quarantine {
    private static final String NO_SUCH_ETAG = "\"00000000000000000000000000000000\"";

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
    public void copyIn(Move move) {
        String etag =
                copy(source().name(), move.key(), bucketName(), move.quarantined(), move.size(), move.etag(), null);
        if (etag == null || !etag.equals(move.etag())) {
            refuseUnlessWhole(move, inside(move.quarantined()));
        }
    }

    /** Copies a file back out, unless there is one again. */
    public void copyOut(Move move) {
        copy(bucketName(), move.quarantined(), source().name(), move.key(), move.size(), null, "*");
        refuseUnlessWhole(move, outside(move.key()));
    }

    /**
     * Deletes a file outside, if it is still this one.
     *
     * @param conditional whether the store minds the condition
     * @throws S3Exception with status 412 when it is another one by now
     */
    public void deleteOutside(Move move, boolean conditional) {
        delete(source().name(), move.key(), conditional ? move.etag() : null);
    }

    /** Deletes what waits in quarantine. */
    public void deleteInside(String quarantined) {
        delete(bucketName(), quarantined, null);
    }

    /**
     * How the store deletes, tried with a small object of its own.
     *
     * @param objections against any cleanup, one sentence each; empty where there are none
     * @param conditional whether a deletion under a condition that does not hold is refused
     */
    public record Trial(List<String> objections, boolean conditional) {}

    /** Finds out whether the quarantine can be written to, what a deletion means, and whether it can have a condition. */
    public Trial trial() {
        List<String> objections = new ArrayList<>();
        String key = prefix + "stocktake-trial-" + UUID.randomUUID();
        boolean conditional = false;
        try {
            client().putObject(
                            request -> request.bucket(bucketName()).key(key),
                            RequestBody.fromString("Written by Stocktake to see that files can be moved here."));
            conditional = refusesWrongCondition(key);
            deleteInside(key);
        } catch (S3Exception refusal) {
            objections.add("The quarantine " + place() + " cannot be written to (the store answered "
                    + refusal.statusCode() + "), so that nothing could be undone. Grant s3:PutObject, s3:GetObject and"
                    + " s3:DeleteObject there.");
        }
        objections.addAll(versioning());
        return new Trial(List.copyOf(objections), conditional);
    }

    private boolean refusesWrongCondition(String key) {
        try {
            delete(bucketName(), key, NO_SUCH_ETAG);
            return false;
        } catch (S3Exception refusal) {
            return refusal.statusCode() == 412;
        }
    }

    /** Stores that know neither versions nor locks have none. */
    private List<String> versioning() {
        List<String> objections = new ArrayList<>();
        Bucket outside = source();
        try {
            BucketVersioningStatus status = outside.client()
                    .getBucketVersioning(request -> request.bucket(outside.name()))
                    .status();
            if (status == BucketVersioningStatus.ENABLED || status == BucketVersioningStatus.SUSPENDED) {
                objections.add("The bucket \"" + outside.name() + "\" keeps versions (" + status
                        + "): a deletion there only hides a file, its versions stay and are paid for. Let a lifecycle rule"
                        + " of the bucket expire them instead.");
            }
        } catch (S3Exception unknown) {
            refuseForbidden(unknown, "s3:GetBucketVersioning", objections);
        }
        try {
            if (outside.client()
                            .getObjectLockConfiguration(request -> request.bucket(outside.name()))
                            .objectLockConfiguration()
                            .objectLockEnabled()
                    == ObjectLockEnabled.ENABLED) {
                objections.add("The bucket \"" + outside.name()
                        + "\" has Object Lock, which somebody switched on so that" + " nothing is deleted.");
            }
        } catch (S3Exception unknown) {
            refuseForbidden(unknown, "s3:GetBucketObjectLockConfiguration", objections);
        }
        return objections;
    }

    private static void refuseForbidden(S3Exception refusal, String right, List<String> objections) {
        if (refusal.statusCode() == 403) {
            objections.add(
                    "Whether the bucket keeps versions or locks its objects cannot be seen: grant " + right + ".");
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

    private static void refuseUnlessWhole(Move move, Presence copy) {
        if (!(copy instanceof Presence.Present present) || present.size() != move.size()) {
            throw new IncompleteCopyException(move.key());
        }
    }

    /** The ETag of the copy, without quotes; null where the store does not say, or made it part by part. */
    private String copy(
            String fromBucket, String from, String toBucket, String to, long size, String ifMatch, String ifNoneMatch) {
        if (size > limits.largestCopy()) {
            copyParts(fromBucket, from, toBucket, to, size, ifMatch, ifNoneMatch);
            return null;
        }
        CopyObjectResult copied = client().copyObject(CopyObjectRequest.builder()
                        .sourceBucket(fromBucket)
                        .sourceKey(from)
                        .copySourceIfMatch(quoted(ifMatch))
                        .destinationBucket(toBucket)
                        .destinationKey(to)
                        .ifNoneMatch(ifNoneMatch)
                        .build())
                .copyObjectResult();
        return copied == null ? null : Bucket.withoutQuotes(copied.eTag());
    }

    private void copyParts(
            String fromBucket, String from, String toBucket, String to, long size, String ifMatch, String ifNoneMatch) {
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
                String etag = client().uploadPartCopy(UploadPartCopyRequest.builder()
                                .sourceBucket(fromBucket)
                                .sourceKey(from)
                                .copySourceIfMatch(quoted(ifMatch))
                                .copySourceRange(range)
                                .destinationBucket(toBucket)
                                .destinationKey(to)
                                .uploadId(upload)
                                .partNumber(number)
                                .build())
                        .copyPartResult()
                        .eTag();
                parts.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
            }
            client().completeMultipartUpload(request -> request.bucket(toBucket)
                    .key(to)
                    .uploadId(upload)
                    .ifNoneMatch(ifNoneMatch)
                    .multipartUpload(
                            CompletedMultipartUpload.builder().parts(parts).build()));
        } catch (RuntimeException failure) {
            client().abortMultipartUpload(
                            request -> request.bucket(toBucket).key(to).uploadId(upload));
            throw failure;
        }
    }

    private void delete(String fromBucket, String key, String ifMatch) {
        client().deleteObject(DeleteObjectRequest.builder()
                .bucket(fromBucket)
                .key(key)
                .ifMatch(quoted(ifMatch))
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
