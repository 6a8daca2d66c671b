package dev.stocktake.claim;

import dev.stocktake.claim.Standing.Kind;
import dev.stocktake.progress.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One cleanup's hold on the claim of its bucket: looked at before it begins, renewed when it does, and looked at on its way. */
public final class Hold {
    private static final Duration FRESH = Duration.ofSeconds(1);

    /** For how long a look is good enough where one is under way. */
    private static final Duration RECENT = Duration.ofSeconds(20);

    /** Nothing is destroyed when the last look is longer ago: the process was held up, and the claim may be another's by now. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final Claims claims;
    private final List<String> refusals;
    private final String said;
    private volatile boolean isFresh;
    private volatile boolean isLost;
    private volatile Moment seenAt;

    /**
     * One that has not begun.
     *
     * @param said the bucket's name, by which somebody claims it; null where nobody does
     * @param seenAt when the claim was looked at for it
     */
    Hold(Claims claims, List<String> refusals, String said, Moment seenAt) {
        this.claims = claims;
        this.said = said;
        this.seenAt = seenAt;
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

    /** Whether the last look was so long ago that another one is due before anything is destroyed. */
    public boolean isDue() {
        return seenAt.passed().compareTo(RECENT) > 0;
    }

    /**
     * For how long what it saw last is good enough to destroy something; zero or less where it is not. Never waits for a look:
     * whoever asks has its turn at the store, for which the look may wait.
     */
    public Duration left() {
        return isLost ? Duration.ZERO : LONGEST.minus(seenAt.passed());
    }

    /**
     * Why it may go no further, as the bucket says or said a second ago at most; empty while the claim is this database's.
     *
     * @throws software.amazon.awssdk.core.exception.SdkException where the store did not answer, and may when it is asked again
     */
    public synchronized Optional<String> lost() {
        if (isFresh && seenAt.passed().compareTo(FRESH) < 0) {
            return Optional.empty();
        }
        // before it is asked: whoever wants another look meanwhile gets it
        isFresh = true;
        Moment asked = Moment.now();
        try {
            Standing now = claims.standing();
            seenAt = asked;
            if (now.kind() == Kind.OURS) {
                return Optional.empty();
            }
            isFresh = false;
            isLost = true;
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
