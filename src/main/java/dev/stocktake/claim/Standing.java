package dev.stocktake.claim;

import dev.stocktake.storage.ClaimObject.Content;
import java.util.List;
import java.util.Optional;

/**
 * How the claims on a bucket stand to one records database and prefix.
 *
 * @param content of the object; empty where there is none, or it cannot be read
 * @param file what it says; that of no claims where it does not say
 * @param claims that overlap the prefix: all this database's own, or those of others
 * @param reason what is in the way, one sentence; null for {@code NONE} and {@code OURS}
 */
public record Standing(Kind kind, Optional<Content> content, ClaimFile file, List<Claim> claims, String reason) {
    public enum Kind {
        /** Nobody's, or this database has a part of the prefix only. */
        NONE,
        /** This database's, all of the prefix. */
        OURS,
        /** Another database's, at least in part. */
        OTHERS,
        /** The store does not let these credentials read it. */
        FORBIDDEN,
        /** What stands there is no claim. */
        MALFORMED,
        /** The store cannot say what stands there. */
        UNREADABLE
    }

    /** Whether it may be another database's. */
    boolean isInDoubt() {
        return kind == Kind.OTHERS || kind == Kind.MALFORMED || kind == Kind.UNREADABLE;
    }
}
