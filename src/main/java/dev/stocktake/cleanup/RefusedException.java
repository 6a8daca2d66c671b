package dev.stocktake.cleanup;

import java.util.List;

/** A guard that protects the bucket does not let a cleanup go on. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Refused for all of these.
     *
     * @param reasons one sentence each, which says what is protected; at least one
     */
    public RefusedException(List<String> reasons) {
        super(String.join("\n", reasons));
    }

    /** Refused for this reason. */
    public RefusedException(String reason) {
        this(List.of(reason));
    }
}
