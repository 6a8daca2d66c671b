package dev.stocktake.storage;

import dev.stocktake.compare.KeySpace;
import dev.stocktake.storage.Quarantine.Back;
import dev.stocktake.storage.Quarantine.Guard;
import dev.stocktake.storage.Quarantine.Move;
import dev.stocktake.storage.Quarantine.Way;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectLockConfiguration;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Sends a small object of its own on the whole journey that files make, by the very requests that move them: from the bucket
 * into quarantine, deleted outside, and back to where it was, to see what the store does with each step. What it cannot try is
 * a range of a part, for which the object is too small.
 */
final class StoreTrial {
    private static final String NAME = "stocktake-trial";
    private static final byte[] CONTENT =
            "Written by Stocktake to see that files can be moved here.".getBytes(StandardCharsets.UTF_8);

    private static final Pattern LEFT_BEHIND = Pattern.compile(NAME + "-[0-9a-f-]{36}(-[a-z0-9]+)*");
    private static final Duration LONGEST_TRIAL = Duration.ofHours(1);

    private static final String NO_SUCH_ETAG = "00000000000000000000000000000000";

    /** How stores say that they do not know a condition. */
    private static final Set<Integer> NOT_KNOWN = Set.of(304, 400, 409, 501);

    private static final int PRECONDITION_FAILED = 412;
    private static final Set<Integer> BUSY = Set.of(429, 502, 503, 504);

    /** Nobody else works at what is its own. */
    private static final Fence OWN = () -> Duration.ofMinutes(2);

    private final Quarantine quarantine;
    private final Bucket outside;
    private final Bucket inside;
    private final String prefix;
    private final String keysOutside;
    private final boolean withParts;
    private final String name;
    private final List<String> objections = new ArrayList<>();
    private final Deque<Left> left = new ArrayDeque<>();

    private Instant clock;
    private Conditions conditions = Conditions.NONE;

    /** An object of this trial. */
    private record Left(Bucket bucket, String key) {}

    /**
     * A trial that has not begun.
     *
     * @param prefix of the keys of its objects, in either bucket
     * @param keysOutside what the keys of all files begin with
     * @param withParts whether copies part by part are tried, too
     */
    StoreTrial(
            Quarantine quarantine,
            Bucket outside,
            Bucket inside,
            String prefix,
            String keysOutside,
            boolean withParts) {
        this.quarantine = quarantine;
        this.outside = outside;
        this.inside = inside;
        this.prefix = prefix;
        this.keysOutside = keysOutside;
        this.withParts = withParts;
        this.name = NAME + "-" + UUID.randomUUID();
    }

    Quarantine.Trial run() {
        versioning();
        // what is written to such a bucket stays there
        if (objections.isEmpty() && isWritableAndEmptiedAgain()) {
            try {
                journey();
            } catch (NotAllowedException | UnknownPresenceException refused) {
                objections.add("Files cannot be moved to the quarantine " + quarantine.place()
                        + " and back again, so that nothing could be undone. " + refused.getMessage());
            } catch (S3Exception refusal) {
                objections.add(unusable(passing(refusal)));
            } catch (Quarantine.IncompleteCopyException lie) {
                objections.add(
                        "The store says that it copied an object, and has no whole copy of it, so that files that go to"
                                + " the quarantine " + quarantine.place() + " could be lost.");
            } finally {
                tidyUp();
            }
            deleteLeftBehind();
        }
        return new Quarantine.Trial(List.copyOf(objections), conditions, clock);
    }

    /**
     * By one object that is the same for every trial: where it cannot be deleted, it is there once, however often somebody
     * tries.
     */
    private boolean isWritableAndEmptiedAgain() {
        String key = prefix + NAME;
        try {
            PutObjectResponse made = put(inside, key);
            clock = Bucket.clock(made.sdkHttpResponse());
        } catch (NotAllowedException refused) {
            objections.add("The quarantine " + quarantine.place()
                    + " cannot be written to, so that nothing could be undone. " + refused.getMessage());
            return false;
        } catch (S3Exception refusal) {
            objections.add("The quarantine " + quarantine.place() + " cannot be written to (the store answered "
                    + passing(refusal).statusCode() + "), so that nothing could be undone. Check QUARANTINE_BUCKET and"
                    + " QUARANTINE_PREFIX.");
            return false;
        }
        try {
            quarantine.delete(inside.name(), key, null);
            return true;
        } catch (NotAllowedException refused) {
            objections.add("The quarantine " + quarantine.place()
                    + " can be written to, and not be emptied again (the store" + " answered 403 to the deletion of "
                    + key + ", which stays there). Grant s3:DeleteObject there.");
        } catch (S3Exception refusal) {
            if (refusal.statusCode() == 404) {
                // another trial was faster
                return true;
            }
            objections.add(
                    "The quarantine " + quarantine.place() + " can be written to, and not be emptied again (the store"
                            + " answered " + passing(refusal).statusCode() + " to the deletion of " + key
                            + ", which stays there).");
        }
        return false;
    }

    private void journey() {
        Move move = move("");
        String made =
                Bucket.withoutQuotes(put(outside, own(outside, move.key())).eTag());
        // as of files, which are known by listings and HEAD
        String etag =
                made == null && quarantine.outside(move.key()) instanceof Presence.Present there ? there.etag() : made;
        Move file = with(move, etag);
        own(inside, file.quarantined());
        boolean copySource = etag != null
                && refuses(() -> copyIn(with(file, NO_SUCH_ETAG), Conditions.ALL))
                && does(() -> copyIn(file, Conditions.ALL));
        if (!copySource) {
            copyIn(file, Conditions.NONE);
        }
        if (!(quarantine.inside(file.quarantined()) instanceof Presence.Present copy) || copy.size() != file.size()) {
            throw new Quarantine.IncompleteCopyException(file.key());
        }
        boolean deletion = etag != null
                && refuses(() -> deleteOutside(with(file, NO_SUCH_ETAG), true))
                && does(() -> deleteOutside(file, true));
        if (!deletion) {
            deleteOutside(file, false);
        }
        boolean copyTarget = comesBack(file) && isLeftAlone(file);
        conditions = new Conditions(deletion, copySource, copyTarget, Conditions.Parts.UNCONDITIONAL);
        if (!Arrays.equals(CONTENT, content(outside, file.key()))) {
            objections.add("What was brought back from the quarantine " + quarantine.place()
                    + " by way of trial is not what was moved there, so that nothing could be undone.");
            return;
        }
        if (withParts) {
            conditions = new Conditions(deletion, copySource, copyTarget, parts(file));
        }
        rightsOutside(file, copySource);
    }

    /** Whether the condition lets it come back to where there is none; without it, it has to. */
    private boolean comesBack(Move file) {
        if (does(() -> back(file, true) == Back.State.THIS)) {
            return true;
        }
        if (back(file, false) == Back.State.OCCUPIED) {
            objections.add(
                    "The store still shows an object that it has just deleted, so that a file could not come back to"
                            + " where it was. Try again.");
        }
        return false;
    }

    /** Whether what is there stays under the condition. */
    private boolean isLeftAlone(Move file) {
        return does(() -> back(file, true) == Back.State.OCCUPIED);
    }

    private Back.State back(Move file, boolean conditional) {
        return quarantine.copyOut(file, conditional, Long.MAX_VALUE, OWN).state();
    }

    /** Whether a copy part by part can be made either way, and what its end does under If-None-Match. */
    private Conditions.Parts parts(Move whole) {
        Move file = new Move(whole.key() + "-parts", whole.quarantined() + "-parts", whole.size(), whole.etag());
        own(outside, file.key());
        own(inside, file.quarantined());
        try {
            quarantine.copyParts(
                    new Way(outside.name(), whole.key(), inside.name(), file.quarantined(), file.size()),
                    conditions.copySource() ? whole.etag() : null,
                    Guard.NONE,
                    null);
            boolean conditional = does(() -> partsBack(file, true) == Back.State.THIS);
            if (!conditional && partsBack(file, false) != Back.State.THIS) {
                return Conditions.Parts.IMPOSSIBLE;
            }
            return conditional && does(() -> partsBack(file, true) == Back.State.OCCUPIED)
                    ? Conditions.Parts.CONDITIONAL
                    : Conditions.Parts.UNCONDITIONAL;
        } catch (S3Exception refusal) {
            passing(refusal);
            return Conditions.Parts.IMPOSSIBLE;
        } catch (NotAllowedException | UnknownPresenceException | Quarantine.IncompleteCopyException refused) {
            return Conditions.Parts.IMPOSSIBLE;
        }
    }

    private Back.State partsBack(Move file, boolean conditional) {
        return quarantine.copyOut(file, conditional, 0, OWN).state();
    }

    /**
     * Whether files may be written and deleted where they are, which may be allowed elsewhere only: asked by a copy under a
     * condition that forbids it, and by the deletion of what is not there, so that nothing is written among the files.
     */
    private void rightsOutside(Move file, boolean copySource) {
        String key = keysOutside + name;
        if (!objections.isEmpty() || !copySource || !KeySpace.isPossible(key)) {
            return;
        }
        try {
            quarantine.copyWhole(
                    new Way(inside.name(), file.quarantined(), outside.name(), key, file.size()),
                    NO_SUCH_ETAG,
                    Guard.NONE,
                    OWN);
            own(outside, key);
        } catch (S3Exception forbidden) {
            // as it should be
        }
        try {
            quarantine.delete(outside.name(), key, null);
        } catch (S3Exception odd) {
            passing(odd);
        }
    }

    private Move move(String what) {
        return new Move(prefix + name + "-out" + what, prefix + name + "-in" + what, CONTENT.length, null);
    }

    private static Move with(Move move, String etag) {
        return new Move(move.key(), move.quarantined(), move.size(), etag);
    }

    private boolean copyIn(Move file, Conditions sent) {
        quarantine.copyIn(file, sent);
        return true;
    }

    private boolean deleteOutside(Move file, boolean conditional) {
        quarantine.deleteOutside(file, conditional ? file.etag() : null, OWN);
        return true;
    }

    /** Whether the store refuses what a condition forbids; one that does not know the condition refuses it in another way. */
    private static boolean refuses(BooleanSupplier forbidden) {
        try {
            return !forbidden.getAsBoolean();
        } catch (S3Exception refusal) {
            if (refusal.statusCode() == PRECONDITION_FAILED) {
                return true;
            }
            if (isNotKnown(refusal)) {
                return false;
            }
            throw refusal;
        }
    }

    /** Whether the store does what a condition allows. */
    private static boolean does(BooleanSupplier allowed) {
        try {
            return allowed.getAsBoolean();
        } catch (S3Exception refusal) {
            if (refusal.statusCode() == PRECONDITION_FAILED || isNotKnown(refusal)) {
                return false;
            }
            throw refusal;
        }
    }

    private static boolean isNotKnown(S3Exception refusal) {
        return NOT_KNOWN.contains(refusal.statusCode()) && !"RequestTimeout".equals(code(refusal));
    }

    private static String code(S3Exception refusal) {
        return refusal.awsErrorDetails() == null
                ? null
                : refusal.awsErrorDetails().errorCode();
    }

    /** The refusal where it stays one; thrown where it may pass, so that whoever asks can ask again. */
    private static S3Exception passing(S3Exception refusal) {
        if ((refusal.statusCode() != 501 && ObjectLookup.isPassing(refusal))
                || "RequestTimeout".equals(code(refusal))) {
            throw refusal;
        }
        return refusal;
    }

    private String unusable(S3Exception refusal) {
        return "An object cannot be moved to the quarantine " + quarantine.place()
                + " and back again (the store answered " + refusal.statusCode()
                + (code(refusal) == null ? "" : " " + code(refusal))
                + "), so that nothing could be undone: this store cannot be cleaned up.";
    }

    private PutObjectResponse put(Bucket bucket, String key) {
        try {
            return client().putObject(
                            request -> request.bucket(bucket.name()).key(key), RequestBody.fromBytes(CONTENT));
        } catch (S3Exception refusal) {
            throw NotAllowedException.of(refusal, "s3:PutObject on the bucket \"" + bucket.name() + "\"");
        }
    }

    private byte[] content(Bucket bucket, String key) {
        try {
            return client().getObjectAsBytes(
                            request -> request.bucket(bucket.name()).key(key))
                    .asByteArray();
        } catch (S3Exception refusal) {
            throw NotAllowedException.of(refusal, "s3:GetObject on the bucket \"" + bucket.name() + "\"");
        }
    }

    private String own(Bucket bucket, String key) {
        left.push(new Left(bucket, key));
        return key;
    }

    private void tidyUp() {
        for (Left object : left) {
            try {
                quarantine.delete(object.bucket().name(), object.key(), null);
            } catch (NotAllowedException refused) {
                if (objections.isEmpty()) {
                    objections.add(refused.getMessage() + " An object of a trial stays there: " + object.key() + ".");
                }
            } catch (SdkException unfinished) {
                // a later trial finds it
            }
        }
    }

    /** What trials left that were killed, or did not have the right to delete it. */
    private void deleteLeftBehind() {
        deleteLeftBehind(inside);
        if (!inside.name().equals(outside.name())) {
            deleteLeftBehind(outside);
        }
    }

    private void deleteLeftBehind(Bucket bucket) {
        try {
            ListObjectsV2Response listing =
                    client().listObjectsV2(bucket.listing(prefix + NAME).build());
            Instant now = Bucket.clock(listing.sdkHttpResponse());
            for (S3Object object : listing.contents()) {
                if (now != null
                        && object.lastModified() != null
                        && object.lastModified().isBefore(now.minus(LONGEST_TRIAL))
                        && LEFT_BEHIND
                                .matcher(object.key().substring(prefix.length()))
                                .matches()) {
                    quarantine.delete(bucket.name(), object.key(), null);
                }
            }
        } catch (SdkException | NotAllowedException unfinished) {
            // a later trial finds them
        }
    }

    /** Stores that know neither versions nor locks have none. */
    private void versioning() {
        try {
            BucketVersioningStatus status = client().getBucketVersioning(request -> request.bucket(outside.name()))
                    .status();
            if (status == BucketVersioningStatus.ENABLED || status == BucketVersioningStatus.SUSPENDED) {
                objections.add("The bucket \"" + outside.name() + "\" keeps versions (" + status
                        + "): a deletion there only hides a file, its versions stay and are paid for. Let a lifecycle rule"
                        + " of the bucket expire them instead.");
            }
        } catch (S3Exception unknown) {
            refuseForbidden(unknown, "s3:GetBucketVersioning");
        }
        try {
            ObjectLockConfiguration lock = client().getObjectLockConfiguration(
                            request -> request.bucket(outside.name()))
                    .objectLockConfiguration();
            if (lock != null && lock.objectLockEnabled() == ObjectLockEnabled.ENABLED) {
                objections.add("The bucket \"" + outside.name()
                        + "\" has Object Lock, which somebody switched on so that nothing is deleted.");
            }
        } catch (S3Exception unknown) {
            refuseForbidden(unknown, "s3:GetBucketObjectLockConfiguration");
        }
    }

    private void refuseForbidden(S3Exception refusal, String right) {
        // of those that may pass, what stores answer also to what they do not know is no sign of a store that has it
        if (BUSY.contains(refusal.statusCode())) {
            throw refusal;
        }
        if (refusal.statusCode() == 403) {
            objections.add(
                    "Whether the bucket keeps versions or locks its objects cannot be seen: grant " + right + ".");
        }
    }

    private S3Client client() {
        return outside.client();
    }
}
