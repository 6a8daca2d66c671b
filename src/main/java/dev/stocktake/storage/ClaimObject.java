package dev.stocktake.storage;

import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * The object in the bucket that is compared which says whose it is. Its key depends on no setting, so that whoever looks finds
 * it, wherever their files wait in quarantine.
 */
public final class ClaimObject {
    /** Under the quarantine's usual prefix; never compared. */
    public static final String KEY = ".stocktake-quarantine/claim.json";

    /** In bytes; what is longer was not written here. */
    private static final int LONGEST = 1 << 16;

    /** Something else is there, was there a moment ago, or is not there any more. */
    private static final Set<Integer> OVERTAKEN = Set.of(404, 409, 412);

    /** How stores answer that do not know the condition. */
    private static final Set<Integer> UNKNOWN_CONDITION = Set.of(400, 501);

    private final Supplier<StorageLister> storage;

    /**
     * Of the bucket of a lister.
     *
     * @param storage asked with each request: the route files say what it lists
     */
    public ClaimObject(Supplier<StorageLister> storage) {
        this.storage = storage;
    }

    /**
     * As it stands.
     *
     * @param etag as the store has it; null where it does not say
     */
    public record Content(String text, String etag) {}

    /**
     * What stands there; empty where there is none.
     *
     * @throws S3Exception where the store does not let it be read, or cannot
     */
    public Optional<Content> read() {
        try {
            ResponseBytes<GetObjectResponse> answer = client().getObjectAsBytes(
                            request -> request.bucket(bucket()).key(KEY).range("bytes=0-" + LONGEST));
            return Optional.of(
                    new Content(answer.asUtf8String(), answer.response().eTag()));
        } catch (S3Exception refusal) {
            if (refusal.statusCode() == 416) {
                // of no bytes
                return Optional.of(new Content("", null));
            }
            if (refusal.statusCode() == 404) {
                return Optional.empty();
            }
            throw refusal;
        }
    }

    /**
     * Writes it where it still is what it was: by a condition, and where the store does not know that, by a look right before;
     * then reads it back, for the store may have ignored the condition.
     *
     * @param seen as it was read; empty where there was none
     * @return whether it stands there now; false where somebody else was quicker
     * @throws S3Exception where the store does not let it be written
     */
    public boolean write(String text, Optional<Content> seen) {
        Optional<String> etag = seen.map(Content::etag);
        try {
            if (seen.isPresent() && etag.isEmpty() && !isStill(seen)) {
                return false;
            }
            put(text, seen.isEmpty() ? "*" : null, etag.orElse(null));
        } catch (S3Exception refusal) {
            if (OVERTAKEN.contains(refusal.statusCode())) {
                return false;
            }
            if (!UNKNOWN_CONDITION.contains(refusal.statusCode())) {
                throw refusal;
            }
            if (!isStill(seen)) {
                return false;
            }
            put(text, null, null);
        }
        return read().map(Content::text).equals(Optional.of(text));
    }

    private boolean isStill(Optional<Content> seen) {
        return read().map(Content::text).equals(seen.map(Content::text));
    }

    private void put(String text, String ifNoneMatch, String ifMatch) {
        client().putObject(
                        request -> request.bucket(bucket())
                                .key(KEY)
                                .contentType("application/json")
                                .ifNoneMatch(ifNoneMatch)
                                .ifMatch(ifMatch),
                        RequestBody.fromString(text));
    }

    private S3Client client() {
        return storage.get().bucket().client();
    }

    private String bucket() {
        return storage.get().bucket().name();
    }
}
