package dev.stocktake.claim;

import dev.stocktake.claim.Standing.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One cleanup's hold on the claim of its bucket: looked at before it begins, renewed when it does, and looked at on its way. */
public final class Hold {
    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    private final Claims claims;
    private final List<String> refusals;
    private final String said;
    private volatile boolean isFresh;
    private long seenAt;

    /**
     * One that has not begun.
     *
     * @param said the bucket's name, by which somebody claims it; null where nobody does
     */
    Hold(Claims claims, List<String> refusals, String said) {
        this.claims = claims;
        this.said = said;
        this.refusals = List.copyOf(refusals);
    }

    /** What keeps it from beginning, one sentence each; none where nothing does. */
    public List<String> refusals() {
        return refusals;
    }

    /**
     * Claims the bucket where somebody said so, or renews the claim.
     *
     * @return why it could not; empty where it could
     */
    public Optional<String> take(String by) {
        return claims.claimOrRenew(by, said);
    }

    /** Lets the next question be asked of the bucket, however little time has passed. */
    public void lookAgain() {
        isFresh = false;
    }

    /**
     * Why it may go no further, as the bucket says or said a second ago at most; empty while the claim is this database's.
     *
     * @throws software.amazon.awssdk.core.exception.SdkException where the store did not answer, and may when it is asked again
     */
    public synchronized Optional<String> lost() {
        if (isFresh && System.nanoTime() - seenAt < FRESH_NANOS) {
            return Optional.empty();
        }
        // before it is asked: whoever wants another look meanwhile gets it
        isFresh = true;
        seenAt = System.nanoTime();
        try {
            Standing now = claims.standing();
            if (now.kind() == Kind.OURS) {
                return Optional.empty();
            }
            isFresh = false;
            return Optional.of(
                    now.kind() == Kind.NONE
                            ? "the claim of the bucket was released or deleted meanwhile"
                            : now.reason());
        } catch (RuntimeException unanswered) {
            isFresh = false;
            throw unanswered;
        }
    }
}
