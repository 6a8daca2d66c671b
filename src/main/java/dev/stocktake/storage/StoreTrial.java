package dev.stocktake.storage;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Sends small objects of its own on the journey that files make, in and out again, to see what the store does with each step. */
final class StoreTrial {
    private static final String NO_SUCH_ETAG = "00000000000000000000000000000000";
    private static final int PRECONDITION_FAILED = 412;
    private static final int NOT_IMPLEMENTED = 501;

    private final Quarantine quarantine;
    private final Bucket outside;
    private final Bucket inside;
    private final String name;
    private final List<String> objections = new ArrayList<>();
    private final List<String> left = new ArrayList<>();

    private Instant clock;
    private Conditions conditions = new Conditions(false, false, false);
    private String rightNeeded;

    /**
     * A trial that has not begun.
     *
     * @param prefix of the keys of its objects
     */
    StoreTrial(Quarantine quarantine, Bucket outside, Bucket inside, String prefix) {
        this.quarantine = quarantine;
        this.outside = outside;
        this.inside = inside;
        this.name = prefix + "stocktake-trial-" + UUID.randomUUID();
    }

    Quarantine.Trial run() {
        try {
            journey();
        } catch (S3Exception refusal) {
            objections.add("The quarantine " + quarantine.place()
                    + " cannot be written to and taken out of again (the store"
                    + " answered " + refusal.statusCode() + "), so that nothing could be undone. Grant " + rightNeeded
                    + " there.");
        } finally {
            tidyUp();
        }
        versioning();
        return new Quarantine.Trial(List.copyOf(objections), conditions, clock);
    }

    private void journey() {
        String original = name + "-1";
        String copy = name + "-2";
        String another = name + "-3";
        rightNeeded = "s3:PutObject";
        left.add(original);
        PutObjectResponse made = client().putObject(
                        request -> request.bucket(inside.name()).key(original),
                        RequestBody.fromString("Written by Stocktake to see that files can be moved here."));
        clock = Bucket.clock(made.sdkHttpResponse());
        rightNeeded = "s3:PutObject and s3:GetObject";
        left.add(copy);
        boolean copySource = minds(() -> copy(original, copy, NO_SUCH_ETAG, null));
        copy(original, copy, copySource ? Bucket.withoutQuotes(made.eTag()) : null, null);
        boolean copyTarget = minds(() -> copy(original, copy, null, "*"));
        left.add(another);
        copy(copy, another, null, copyTarget ? "*" : null);
        rightNeeded = "s3:DeleteObject";
        boolean deletion = minds(() -> quarantine.delete(inside.name(), copy, NO_SUCH_ETAG));
        conditions = new Conditions(deletion, copySource, copyTarget);
    }

    /** Whether the store refuses what a condition forbids; one that does not know the condition refuses it in another way. */
    private static boolean minds(Runnable forbidden) {
        try {
            forbidden.run();
            return false;
        } catch (S3Exception refusal) {
            if (refusal.statusCode() == PRECONDITION_FAILED) {
                return true;
            }
            if (refusal.statusCode() == NOT_IMPLEMENTED) {
                return false;
            }
            throw refusal;
        }
    }

    private void copy(String from, String to, String ifMatch, String ifNoneMatch) {
        quarantine.copyWhole(inside.name(), from, inside.name(), to, ifMatch, ifNoneMatch, null);
    }

    private void tidyUp() {
        for (String key : left) {
            try {
                quarantine.delete(inside.name(), key, null);
            } catch (S3Exception refusal) {
                if (objections.isEmpty()) {
                    objections.add(
                            "The quarantine " + quarantine.place() + " cannot be emptied again (the store answered "
                                    + refusal.statusCode()
                                    + "). Grant s3:DeleteObject there, and delete what begins with " + name
                                    + ".");
                }
            } catch (SdkException unreachable) {
                // whoever asked hears of it by the request that failed before, or by the next one
            }
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
            if (client().getObjectLockConfiguration(request -> request.bucket(outside.name()))
                            .objectLockConfiguration()
                            .objectLockEnabled()
                    == ObjectLockEnabled.ENABLED) {
                objections.add("The bucket \"" + outside.name()
                        + "\" has Object Lock, which somebody switched on so that nothing is deleted.");
            }
        } catch (S3Exception unknown) {
            refuseForbidden(unknown, "s3:GetBucketObjectLockConfiguration");
        }
    }

    private void refuseForbidden(S3Exception refusal, String right) {
        if (refusal.statusCode() == 403) {
            objections.add(
                    "Whether the bucket keeps versions or locks its objects cannot be seen: grant " + right + ".");
        }
    }

    private S3Client client() {
        return outside.client();
    }
}
