package dev.stocktake.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which conditions of a request a store minds. Where it ignores one or refuses to know it, the request is sent without it,
 * and does its work whatever has changed since somebody looked.
 *
 * @param deletion whether DELETE under If-Match leaves another object alone
 * @param copySource whether COPY under x-amz-copy-source-if-match copies no other object
 * @param copyTarget whether COPY under If-None-Match leaves alone what is there
 * @param parts how a copy part by part, as of the largest files, can be brought back
 */
public record Conditions(boolean deletion, boolean copySource, boolean copyTarget, Parts parts) {
    /** How what was copied part by part comes back. */
    public enum Parts {
        /** The end of the copy, under If-None-Match, leaves alone what is there. */
        CONDITIONAL,
        /** It does not, or nobody has tried. */
        UNCONDITIONAL,
        /** Not at all. */
        IMPOSSIBLE
    }

    /** None. */
    static final Conditions NONE = new Conditions(false, false, false, Parts.UNCONDITIONAL);

    /** All of them. */
    static final Conditions ALL = new Conditions(true, true, true, Parts.CONDITIONAL);

    /** The same, but that of what is copied. */
    public Conditions withoutCopySource() {
        return new Conditions(deletion, false, copyTarget, parts);
    }

    /** What may happen for want of one; empty where the store minds them all. */
    public Optional<String> risk() {
        List<String> lacks = new ArrayList<>();
        if (!deletion) {
            lacks.add("delete a file only if it is still the one that was looked at");
        }
        if (!copySource) {
            lacks.add("copy a file only if it is still that one");
        }
        if (!copyTarget) {
            lacks.add("bring a file back only where there is none");
        }
        return lacks.isEmpty()
                ? Optional.empty()
                : Optional.of("This store cannot " + String.join(", nor ", lacks)
                        + ": an upload in the same instant can be lost");
    }
}
