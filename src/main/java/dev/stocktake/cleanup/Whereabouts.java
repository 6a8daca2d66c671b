package dev.stocktake.cleanup;

import dev.stocktake.storage.Presence;
import dev.stocktake.storage.Quarantine;
import dev.stocktake.storage.Quarantine.Move;
import java.util.Locale;

/** Where a file of a plan is, after it was not moved or brought back as it should have been. */
public enum Whereabouts {
    OUTSIDE("where it was"),
    QUARANTINE("in quarantine"),
    BOTH("where it was, and a copy in quarantine"),
    /** Another file has its key. */
    REPLACED("in quarantine, and another file where it was"),
    /** Another file has its key, and there is no copy of this one. */
    OVERWRITTEN("overwritten: another file is where it was, and no copy in quarantine"),
    /** A request that takes it away or brings it back got no answer, and its copy is complete. */
    QUARANTINE_AT_LEAST("in quarantine, and maybe where it was"),
    NOWHERE("neither where it was nor in quarantine"),
    UNKNOWN("unknown, because the store did not say");

    private final String words;

    Whereabouts(String words) {
        this.words = words;
    }

    /** As it is stored and served. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** For people; null where nothing is stored. */
    static String words(String label) {
        return label == null ? null : valueOf(label.toUpperCase(Locale.ROOT)).words;
    }

    /**
     * Looks for a file at both places.
     *
     * @param unanswered what is known of it where the store does not answer
     */
    static Whereabouts look(Quarantine quarantine, Move move, Whereabouts unanswered) {
        try {
            Presence outside = quarantine.outside(move.key());
            Presence inside = move.isIntoQuarantine() ? quarantine.inside(move.quarantined()) : null;
            return of(outside, inside, move);
        } catch (RuntimeException silent) {
            return unanswered;
        }
    }

    private static Whereabouts of(Presence outside, Presence inside, Move move) {
        boolean copied = inside != null && inside.isPresent();
        if (!(outside instanceof Presence.Present there)) {
            return copied ? QUARANTINE : NOWHERE;
        }
        if (isThis(there, inside, move)) {
            return copied ? BOTH : OUTSIDE;
        }
        return copied ? REPLACED : OVERWRITTEN;
    }

    /** A copy that was made part by part may have another ETag than the original. */
    private static boolean isThis(Presence.Present there, Presence inside, Move move) {
        return there.size() == move.size()
                && (move.etag() == null
                        || move.etag().equals(there.etag())
                        || (inside instanceof Presence.Present copy
                                && there.etag() != null
                                && there.etag().equals(copy.etag())));
    }
}
