package dev.stocktake.run;

/** A range could not be compared to its end. */
public final class RangeFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String routeId;

    RangeFailedException(String routeId, Throwable cause) {
        super(cause.getMessage(), cause);
        this.routeId = routeId;
    }

    /** The route that failed; null when Camel did not say. */
    public String routeId() {
        return routeId;
    }
}
