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
import software.amazon.awssdk.core.exception.SdkException;
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
        return ObjectLookup.headWithEtag(source(), key);
    }

    /** What waits in quarantine. */
    public Presence inside(String quarantined) {
        return ObjectLookup.headWithEtag(new Bucket(client(), bucketName()), quarantined);
    }

    /** Whether a file of this size, in bytes, is too large to be copied at once. */
    public boolean isCopiedInParts(long size) {
        return size > limits.largestCopy();
    }

    /** The size of the largest file that is copied at once, in bytes. */
    public long largestWhole() {
        return limits.largestCopy();
    }

    /**
     * Copies a file in, with its metadata, and makes sure that the copy is whole: by its ETag, which is the same where the
     * store makes it of the content alone, else by its size.
     *
     * @throws S3Exception when the file is no longer what it was (status 412), is gone (404), or cannot be copied
     * @throws NotAllowedException when it must not be copied
     */
    public void copyIn(Move move, Conditions conditions) {
        String etag = copy(
                new Way(source().name(), move.key(), bucketName(), move.quarantined(), move.size()),
                conditions.copySource() ? move.etag() : null,
                Guard.NONE,
                null);
        if (etag == null || !etag.equals(move.etag())) {
            refuseUnlessWhole(move, inside(move.quarantined()));
        }
    }

    /**
     * What came of bringing a file back.
     *
     * @param there what is outside now
     */
    public record Back(State state, Presence.Present there, boolean conditional) {
        /** What is outside now. */
        public enum State {
            /** This file. */
            THIS,
            /** What was there before; nothing was copied. */
            OCCUPIED,
            /** Another file, after this one was copied: which of them came last, nobody knows. */
            ANOTHER
        }

        /** For the actions: how it was made sure that nothing is overwritten, where the store does not do it. */
        public Optional<String> remark() {
            return conditional
                    ? Optional.empty()
                    : Optional.of(
                            "without a condition, which this store does not mind: looked at before, compared after");
        }
    }

    /**
     * Copies a file back out where there is none. Where the store does not mind that condition, it looks right before, and
     * whoever calls has consent for what may come in between; whether what is there afterwards is the copy is told by what
     * the store said of the copy, and by the ETags inside and of the plan.
     *
     * @param fence until when nobody else brings files back or takes them away
     * @throws NotAllowedException when it must not be copied
     * @throws S3Exception when it cannot be copied
     */
    public Back copyOut(Move move, Conditions conditions, Fence fence) {
        boolean conditional = isCopiedInParts(move.size())
                ? conditions.parts() == Conditions.Parts.CONDITIONAL
                : conditions.copyTarget();
        return copyOut(move, conditional, limits.largestCopy(), fence);
    }

    /** The same, part by part from a size on. */
    Back copyOut(Move move, boolean conditional, long largestCopy, Fence fence) {
        Way way = new Way(bucketName(), move.quarantined(), source().name(), move.key(), move.size());
        Guard guard = conditional ? Guard.NO_OTHER : Guard.lookAt(() -> outside(move.key()));
        String made;
        try {
            made = move.size() > largestCopy ? copyParts(way, null, guard, fence) : copyWhole(way, null, guard, fence);
        } catch (OccupiedException occupied) {
            return new Back(Back.State.OCCUPIED, occupied.there, false);
        } catch (S3Exception refusal) {
            if (conditional && refusal.statusCode() == 412 && outside(move.key()) instanceof Presence.Present there) {
                return new Back(Back.State.OCCUPIED, there, true);
            }
            throw refusal;
        }
        if (!(outside(move.key()) instanceof Presence.Present there)) {
            throw new IncompleteCopyException(move.key());
        }
        // under the condition it did come back, whatever came after
        boolean unsure = !conditional && there.etag() != null;
        if (there.size() == move.size() && (!unsure || isMade(there, made, move))) {
            return new Back(Back.State.THIS, there, conditional);
        }
        if (there.etag() != null && there.etag().equals(made)) {
            throw new IncompleteCopyException(move.key());
        }
        return new Back(Back.State.ANOTHER, there, conditional);
    }

    private boolean isMade(Presence.Present there, String made, Move move) {
        return there.etag().equals(made)
                || there.etag().equals(move.etag())
                || (inside(move.quarantined()) instanceof Presence.Present inside
                        && there.etag().equals(inside.etag()));
    }

    /**
     * Deletes a file outside, if it is still this one.
     *
     * @param ifMatch its ETag; null where the store does not mind the condition, or gave it none
     * @param fence until when nobody else brings files back or takes them away
     * @throws S3Exception with status 412 when it is another one by now
     */
    public void deleteOutside(Move move, String ifMatch, Fence fence) {
        delete(source().name(), move.key(), ifMatch, fence);
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

    /**
     * Finds out whether files can be moved in and out again, what a deletion means, and which conditions the store minds.
     *
     * @param keysOutside what the keys of all files begin with
     * @param withParts whether files will be moved that are copied part by part
     * @throws S3Exception when the store cannot say now, and may later
     */
    public Trial trial(String keysOutside, boolean withParts) {
        return new StoreTrial(this, source(), new Bucket(client(), bucketName()), prefix, keysOutside, withParts).run();
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

    /** Whether the store said something, rather than nothing: it can be asked more. */
    public static boolean isAnswer(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof S3Exception
                    || cause instanceof UnknownPresenceException
                    || cause instanceof IncompleteCopyException) {
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

    /**
     * From where to where something is copied.
     *
     * @param size in bytes
     */
    record Way(String fromBucket, String from, String toBucket, String to, long size) {
        /** What it takes. */
        String rights() {
            return "s3:GetObject on the bucket \"" + fromBucket + "\" and s3:PutObject on the bucket \"" + toBucket
                    + "\", and s3:GetObjectTagging and s3:PutObjectTagging where files are tagged";
        }
    }

    /**
     * What keeps a copy from replacing something.
     *
     * @param ifNoneMatch that the store minds; null for none
     * @param look right before it is made; null where nobody has to
     */
    record Guard(String ifNoneMatch, Supplier<Presence> look) {
        static final Guard NONE = new Guard(null, null);
        static final Guard NO_OTHER = new Guard("*", null);

        static Guard lookAt(Supplier<Presence> target) {
            return new Guard(null, target);
        }

        private void refuseWhereSomethingIs() {
            if (look != null && look.get() instanceof Presence.Present there) {
                throw new OccupiedException(there);
            }
        }
    }

    /** Something is where a copy was to be made. */
    private static final class OccupiedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Presence.Present there;

        OccupiedException(Presence.Present there) {
            super("there is an object \"" + there.key() + "\"");
            this.there = there;
        }
    }

    /** The ETag of the copy, without quotes; null where the store does not say, or made it part by part. */
    private String copy(Way way, String ifMatch, Guard guard, Fence fence) {
        if (isCopiedInParts(way.size())) {
            copyParts(way, ifMatch, guard, fence);
            return null;
        }
        return copyWhole(way, ifMatch, guard, fence);
    }

    /** The ETag of the copy, without quotes; null where the store does not say. */
    String copyWhole(Way way, String ifMatch, Guard guard, Fence fence) {
        guard.refuseWhereSomethingIs();
        try {
            CopyObjectResult copied = client().copyObject(CopyObjectRequest.builder()
                            .sourceBucket(way.fromBucket())
                            .sourceKey(way.from())
                            .copySourceIfMatch(quoted(ifMatch))
                            .destinationBucket(way.toBucket())
                            .destinationKey(way.to())
                            .ifNoneMatch(guard.ifNoneMatch())
                            .overrideConfiguration(fence == null ? null : FencedRequests.by(fence))
                            .build())
                    .copyObjectResult();
            return copied == null ? null : Bucket.withoutQuotes(copied.eTag());
        } catch (S3Exception refusal) {
            throw NotAllowedException.of(refusal, way.rights());
        }
    }

    /** The ETag of the copy, without quotes; null where the store does not say. */
    String copyParts(Way way, String ifMatch, Guard guard, Fence fence) {
        try {
            return copyPartByPart(way, ifMatch, guard, fence);
        } catch (S3Exception refusal) {
            throw NotAllowedException.of(refusal, way.rights());
        }
    }

    private String copyPartByPart(Way way, String ifMatch, Guard guard, Fence fence) {
        HeadObjectResponse head =
                client().headObject(request -> request.bucket(way.fromBucket()).key(way.from()));
        String upload = client().createMultipartUpload(CreateMultipartUploadRequest.builder()
                        .bucket(way.toBucket())
                        .key(way.to())
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
            for (long start = 0; start < way.size(); start += limits.part()) {
                int number = parts.size() + 1;
                // S3 takes no range of what is smaller than a part must be
                String range = way.size() <= limits.part()
                        ? null
                        : "bytes=" + start + "-" + (Math.min(start + limits.part(), way.size()) - 1);
                CopyPartResult copied = client().uploadPartCopy(UploadPartCopyRequest.builder()
                                .sourceBucket(way.fromBucket())
                                .sourceKey(way.from())
                                .copySourceIfMatch(quoted(ifMatch))
                                .copySourceRange(range)
                                .destinationBucket(way.toBucket())
                                .destinationKey(way.to())
                                .uploadId(upload)
                                .partNumber(number)
                                .build())
                        .copyPartResult();
                if (copied == null || copied.eTag() == null) {
                    throw new IncompleteCopyException(way.from());
                }
                parts.add(CompletedPart.builder()
                        .partNumber(number)
                        .eTag(copied.eTag())
                        .build());
            }
            guard.refuseWhereSomethingIs();
            return Bucket.withoutQuotes(client().completeMultipartUpload(request -> request.bucket(way.toBucket())
                            .key(way.to())
                            .uploadId(upload)
                            .ifNoneMatch(guard.ifNoneMatch())
                            .overrideConfiguration(fence == null ? null : FencedRequests.by(fence))
                            .multipartUpload(CompletedMultipartUpload.builder()
                                    .parts(parts)
                                    .build()))
                    .eTag());
        } catch (RuntimeException failure) {
            abort(way, upload, failure);
            throw failure;
        }
    }

    private void abort(Way way, String upload, RuntimeException why) {
        try {
            client().abortMultipartUpload(request ->
                    request.bucket(way.toBucket()).key(way.to()).uploadId(upload));
        } catch (SdkException unfinished) {
            // what failed before says more
            why.addSuppressed(unfinished);
        }
    }

    /** Deletes what is this process' own. */
    void delete(String fromBucket, String key, String ifMatch) {
        delete(fromBucket, key, ifMatch, null);
    }

    private void delete(String fromBucket, String key, String ifMatch, Fence fence) {
        try {
            client().deleteObject(DeleteObjectRequest.builder()
                    .bucket(fromBucket)
                    .key(key)
                    .ifMatch(quoted(ifMatch))
                    .overrideConfiguration(fence == null ? null : FencedRequests.by(fence))
                    .build());
        } catch (S3Exception refusal) {
            throw NotAllowedException.of(refusal, "s3:DeleteObject on the bucket \"" + fromBucket + "\"");
        }
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
