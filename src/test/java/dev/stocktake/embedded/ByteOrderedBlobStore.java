package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.gaul.s3proxy.blobstore.SdkResponses;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.CreateBucketResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.GetObjectAclRequest;
import software.amazon.awssdk.services.s3.model.GetObjectAclResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.PutBucketVersioningRequest;
import software.amazon.awssdk.services.s3.model.PutBucketVersioningResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.StorageClass;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * S3Proxy's in-memory store, made to list as S3 does, and to mind the conditions of deletions and copies as S3 does: nothing
 * comes between the look and the deed.
 *
 * <p>The store behind is a file system: it lists in UTF-16 order and by reading the whole bucket, has no {@code a}
 * beside {@code a/b}, and resolves {@code ./}. So it gets keys in hexadecimal, and listings come from an index that is
 * kept here, in UTF-8 byte order. All that is done to a key is done under a lock of that key: the index then follows
 * every change, and no reader sees one half done, which the store behind does not promise.
 *
 * <p>A last-modified time that was set shows in listings, HEAD and GET, until the object is written again. The store
 * behind does not know of it: {@code If-Modified-Since} is judged by the real time, and so are versions.
 */
public class ByteOrderedBlobStore extends ForwardingBlobStore {
    /** S3Proxy keeps an object of this name for each upload in parts, and would take it out of pages that are cut. */
    private static final String UPLOAD_STUB = ".s3proxy-mpu-stub-";

    private static final int LOCKS = 256;
    private static final int MAX_KEYS = 1000;
    private static final HexFormat HEX = HexFormat.of();

    private final Map<String, Index> indexes = new ConcurrentHashMap<>();
    private final List<Object> locks = Stream.generate(Object::new).limit(LOCKS).toList();

    /** An empty store. */
    public ByteOrderedBlobStore() {
        super(new TransientNio2BlobStore());
    }

    /**
     * Puts an object without the store behind, which takes a hundred times as long: it is moved there when something
     * other than a listing asks for it.
     */
    public void put(String bucket, String key, byte[] content, Instant lastModified) {
        Index index = index(bucket);
        synchronized (lock(key)) {
            if (index.entries.containsKey(key)) {
                // what becomes of the object it replaces is for the store behind to say, which may keep versions
                moveBehind(bucket, key);
                putBehind(bucket, key, content);
            } else {
                index.waiting.put(key, content.clone());
            }
            index.entries.put(key, new ObjectEntry(key, content.length, Md5.hex(content), lastModified));
        }
    }

    /** Makes an object look as if it had last been written then. */
    public void setLastModified(String bucket, String key, Instant when) {
        synchronized (lock(key)) {
            ObjectEntry changed = index(bucket)
                    .entries
                    .computeIfPresent(key, (same, entry) -> new ObjectEntry(key, entry.size(), entry.etag(), when));
            if (changed == null) {
                throw S3Exceptions.noSuchKey(bucket, key, "no such object");
            }
        }
    }

    /** All objects of a bucket. */
    public List<ObjectEntry> entries(String bucket) {
        return List.copyOf(index(bucket).entries.values());
    }

    @Override
    public ListObjectsV2Response list(ListObjectsV2Request request) {
        Position start = Position.START;
        if (request.continuationToken() != null) {
            start = position(request.continuationToken());
        } else if (request.startAfter() != null) {
            start = Position.after(request.startAfter());
        }
        Slice slice = slice(request.bucket(), request.prefix(), request.delimiter(), start, request.maxKeys());
        return SdkResponses.objectsPage(
                slice.entries().stream().map(ByteOrderedBlobStore::listed).toList(),
                slice.commonPrefixes().stream().map(SdkResponses::commonPrefix).toList(),
                slice.next().map(Position::token).orElse(null));
    }

    @Override
    public ListObjectsResponse listV1(ListObjectsRequest request) {
        String marker = orEmpty(request.marker());
        String delimiter = orEmpty(request.delimiter());
        // the marker after a page that ends with a common prefix is that prefix, and means all that is in it
        Position start = !delimiter.isEmpty() && marker.endsWith(delimiter)
                ? Utf8Order.afterAllWith(marker).map(Position::from).orElse(Position.after(marker))
                : Position.after(marker);
        Slice slice = slice(request.bucket(), request.prefix(), delimiter, start, request.maxKeys());
        Optional<String> last = Stream.concat(
                        slice.entries().stream().map(ObjectEntry::key), slice.commonPrefixes().stream())
                .max(Utf8Order.INSTANCE);
        boolean truncated = slice.next().isPresent();
        return ListObjectsResponse.builder()
                .contents(slice.entries().stream()
                        .map(ByteOrderedBlobStore::listed)
                        .toList())
                .commonPrefixes(slice.commonPrefixes().stream()
                        .map(SdkResponses::commonPrefix)
                        .toList())
                .isTruncated(truncated)
                .nextMarker(truncated ? last.orElse(null) : null)
                .build();
    }

    /** Lists versions in UTF-8 byte order; without delimiters, which the hexadecimal keys behind do not have. */
    @Override
    public ListObjectVersionsResponse listVersions(ListObjectVersionsRequest request) {
        if (!orEmpty(request.delimiter()).isEmpty()) {
            throw new UnsupportedOperationException("Versions are listed without a delimiter only");
        }
        moveAllBehind(request.bucket());
        ListObjectVersionsResponse page = delegate()
                .listVersions(request.toBuilder()
                        .prefix(encodedOrNull(request.prefix()))
                        .keyMarker(encodedOrNull(request.keyMarker()))
                        .build());
        return page.toBuilder()
                .versions(page.versions().stream()
                        .map(version ->
                                version.toBuilder().key(decoded(version.key())).build())
                        .toList())
                .deleteMarkers(page.deleteMarkers().stream()
                        .map(marker ->
                                marker.toBuilder().key(decoded(marker.key())).build())
                        .toList())
                .nextKeyMarker(page.nextKeyMarker() == null ? null : decoded(page.nextKeyMarker()))
                .build();
    }

    @Override
    public PutBucketVersioningResponse putBucketVersioning(PutBucketVersioningRequest request) {
        // what was put before versions were kept must not become one
        moveAllBehind(request.bucket());
        return delegate().putBucketVersioning(request);
    }

    @Override
    public CreateBucketResponse createContainer(CreateBucketRequest request) {
        CreateBucketResponse created = delegate().createContainer(request);
        indexes.putIfAbsent(request.bucket(), new Index());
        return created;
    }

    @Override
    public void deleteBucket(String bucket) {
        if (!index(bucket).entries.isEmpty()) {
            throw S3Exceptions.bucketNotEmpty(bucket);
        }
        delegate().deleteBucket(bucket);
        indexes.remove(bucket);
    }

    @Override
    public void deleteContainer(String bucket) {
        delegate().deleteContainer(bucket);
        indexes.remove(bucket);
    }

    @Override
    public void clearContainer(ListObjectsV2Request request) {
        for (String key : index(request.bucket()).entries.keySet()) {
            if (key.startsWith(orEmpty(request.prefix()))) {
                removeBlob(request.bucket(), key);
            }
        }
    }

    @Override
    public boolean blobExists(String bucket, String key) {
        return reading(bucket, key, () -> delegate().blobExists(bucket, encoded(key)));
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream payload) {
        // read before the lock is taken, so that a slow client holds up nobody
        byte[] content = read(payload);
        PutObjectRequest encoded =
                request.toBuilder().key(encoded(request.key())).build();
        return changing(
                request.bucket(), request.key(), () -> delegate().putBlob(encoded, new ByteArrayInputStream(content)));
    }

    @Override
    public CopyObjectResponse copyBlob(CopyObjectRequest request) {
        reading(request.sourceBucket(), request.sourceKey(), () -> null);
        CopyObjectRequest encoded = request.toBuilder()
                .sourceKey(encoded(request.sourceKey()))
                .destinationKey(encoded(request.destinationKey()))
                .build();
        return changing(request.destinationBucket(), request.destinationKey(), () -> {
            if ("*".equals(request.ifNoneMatch()) && isThere(request.destinationBucket(), request.destinationKey())) {
                throw S3Exceptions.preconditionFailed(null);
            }
            return delegate().copyBlob(encoded);
        });
    }

    @Override
    public HeadObjectResponse blobMetadata(HeadObjectRequest request) {
        String bucket = request.bucket();
        String key = request.key();
        HeadObjectRequest encoded = request.toBuilder().key(encoded(key)).build();
        return reading(bucket, key, () -> {
            HeadObjectResponse head = delegate().blobMetadata(encoded);
            if (request.versionId() != null) {
                return head;
            }
            Instant shown = lastModified(bucket, key, head.lastModified());
            return head.toBuilder().lastModified(shown).build();
        });
    }

    @Override
    public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
        String bucket = request.bucket();
        String key = request.key();
        GetObjectRequest encoded = request.toBuilder().key(encoded(key)).build();
        return reading(bucket, key, () -> {
            ResponseInputStream<GetObjectResponse> blob = delegate().getBlob(encoded);
            if (request.versionId() != null) {
                return blob;
            }
            GetObjectResponse got = blob.response();
            Instant shown = lastModified(bucket, key, got.lastModified());
            return SdkResponses.getResponse(got.toBuilder().lastModified(shown).build(), blob);
        });
    }

    @Override
    public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
        DeleteObjectRequest encoded =
                request.toBuilder().key(encoded(request.key())).ifMatch(null).build();
        return changing(request.bucket(), request.key(), () -> {
            if (request.ifMatch() != null && !matches(request)) {
                throw S3Exceptions.preconditionFailed(null);
            }
            return delegate().removeBlob(encoded);
        });
    }

    @Override
    public ObjectCannedACL getBlobAccess(String bucket, String key) {
        return reading(bucket, key, () -> delegate().getBlobAccess(bucket, encoded(key)));
    }

    @Override
    public ObjectCannedACL getBlobAccess(String bucket, String key, String versionId) {
        return reading(bucket, key, () -> delegate().getBlobAccess(bucket, encoded(key), versionId));
    }

    @Override
    public GetObjectAclResponse getBlobAcl(GetObjectAclRequest request) {
        GetObjectAclRequest encoded =
                request.toBuilder().key(encoded(request.key())).build();
        return reading(request.bucket(), request.key(), () -> delegate().getBlobAcl(encoded));
    }

    @Override
    public void setBlobAccess(String bucket, String key, ObjectCannedACL access) {
        reading(bucket, key, () -> {
            delegate().setBlobAccess(bucket, encoded(key), access);
            return null;
        });
    }

    @Override
    public void setBlobAccess(String bucket, String key, ObjectCannedACL access, String versionId) {
        reading(bucket, key, () -> {
            delegate().setBlobAccess(bucket, encoded(key), access, versionId);
            return null;
        });
    }

    @Override
    public MultipartUpload initiateMultipartUpload(CreateMultipartUploadRequest request) {
        MultipartUpload upload = delegate()
                .initiateMultipartUpload(
                        request.toBuilder().key(encoded(request.key())).build());
        return new MultipartUpload(upload.id(), request, upload.response());
    }

    @Override
    public void abortMultipartUpload(MultipartUpload upload) {
        delegate().abortMultipartUpload(encoded(upload));
    }

    @Override
    public CompleteMultipartUploadResponse completeMultipartUpload(
            MultipartUpload upload, CompleteMultipartUploadRequest request) {
        CompleteMultipartUploadRequest encoded =
                request.toBuilder().key(encoded(upload.blobName())).build();
        return changing(
                upload.containerName(),
                upload.blobName(),
                () -> delegate().completeMultipartUpload(encoded(upload), encoded));
    }

    @Override
    public UploadPartResponse uploadMultipartPart(
            MultipartUpload upload, UploadPartRequest request, InputStream payload) {
        return delegate().uploadMultipartPart(encoded(upload), request, payload);
    }

    @Override
    public List<Part> listMultipartUpload(MultipartUpload upload) {
        return delegate().listMultipartUpload(encoded(upload));
    }

    @Override
    public List<software.amazon.awssdk.services.s3.model.MultipartUpload> listMultipartUploads(String bucket) {
        return delegate().listMultipartUploads(bucket).stream()
                .map(upload -> upload.toBuilder().key(decoded(upload.key())).build())
                .toList();
    }

    private Slice slice(String bucket, String prefix, String delimiter, Position start, Integer maxKeys) {
        NavigableMap<String, ObjectEntry> entries = index(bucket).entries;
        return Slice.of(
                (key, inclusive) -> entries.tailMap(key, inclusive).values().iterator(),
                orEmpty(prefix),
                orEmpty(delimiter),
                start,
                maxKeys == null ? MAX_KEYS : maxKeys);
    }

    private Index index(String bucket) {
        Index index = indexes.get(bucket);
        if (index == null) {
            throw S3Exceptions.noSuchBucket(bucket, "no such bucket");
        }
        return index;
    }

    private Object lock(String key) {
        return locks.get(Math.floorMod(key.hashCode(), LOCKS));
    }

    /** Runs what needs the object in the store behind, while nobody changes it. */
    private <T> T reading(String bucket, String key, Supplier<T> work) {
        synchronized (lock(key)) {
            moveBehind(bucket, key);
            return work.get();
        }
    }

    /** Runs what changes the object in the store behind, and sees to its index entry. */
    private <T> T changing(String bucket, String key, Supplier<T> work) {
        synchronized (lock(key)) {
            moveBehind(bucket, key);
            T done = work.get();
            reindex(bucket, key);
            return done;
        }
    }

    private boolean isThere(String bucket, String key) {
        return index(bucket).entries.containsKey(key);
    }

    private boolean matches(DeleteObjectRequest request) {
        ObjectEntry entry = index(request.bucket()).entries.get(request.key());
        return entry == null
                || request.ifMatch().equals("*")
                || request.ifMatch().replace("\"", "").equals(entry.etag());
    }

    private void reindex(String bucket, String key) {
        if (key.startsWith(UPLOAD_STUB)) {
            return;
        }
        Map<String, ObjectEntry> entries = index(bucket).entries;
        HeadObjectResponse head = delegate().blobMetadataIfPresent(bucket, encoded(key));
        if (head == null) {
            entries.remove(key);
        } else {
            String etag = head.eTag().replace("\"", "");
            entries.put(key, new ObjectEntry(key, head.contentLength(), etag, head.lastModified()));
        }
    }

    private void moveBehind(String bucket, String key) {
        Index index = indexes.get(bucket);
        byte[] content = index == null ? null : index.waiting.get(key);
        if (content != null) {
            putBehind(bucket, key, content);
            index.waiting.remove(key);
        }
    }

    private void moveAllBehind(String bucket) {
        index(bucket).waiting.keySet().forEach(key -> reading(bucket, key, () -> null));
    }

    private void putBehind(String bucket, String key, byte[] content) {
        PutObjectRequest request = PutObjectRequest.builder()
                .bucket(bucket)
                .key(encoded(key))
                .contentLength((long) content.length)
                .contentMD5(Base64.getEncoder().encodeToString(Md5.of(content)))
                .contentType("application/octet-stream")
                .build();
        delegate().putBlob(request, new ByteArrayInputStream(content));
    }

    /** The time in the index; the real one for what is not listed, the stub of an upload in parts. */
    private Instant lastModified(String bucket, String key, Instant real) {
        ObjectEntry entry = index(bucket).entries.get(key);
        return entry == null ? real : entry.lastModified();
    }

    private static S3Object listed(ObjectEntry entry) {
        return SdkResponses.objectEntry(
                entry.key(), entry.etag(), entry.lastModified(), entry.size(), StorageClass.STANDARD);
    }

    private static Position position(String token) {
        try {
            return Position.ofToken(token);
        } catch (IllegalArgumentException e) {
            throw S3Exceptions.invalidArgument("The continuation token provided is incorrect");
        }
    }

    private static MultipartUpload encoded(MultipartUpload upload) {
        CreateMultipartUploadRequest request =
                upload.request().toBuilder().key(encoded(upload.blobName())).build();
        return new MultipartUpload(upload.id(), request, upload.response());
    }

    private static String encoded(String key) {
        return HEX.formatHex(key.getBytes(UTF_8));
    }

    private static String encodedOrNull(String key) {
        return key == null ? null : encoded(key);
    }

    private static String decoded(String key) {
        return new String(HEX.parseHex(key), UTF_8);
    }

    private static String orEmpty(String value) {
        return value == null ? "" : value;
    }

    private static byte[] read(InputStream payload) {
        try (payload) {
            return payload.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The objects of a bucket as they are listed, and the content of those that are not in the store behind yet. */
    private static final class Index {
        private final NavigableMap<String, ObjectEntry> entries = new ConcurrentSkipListMap<>(Utf8Order.INSTANCE);
        private final Map<String, byte[]> waiting = new ConcurrentHashMap<>();
    }
}
