package dev.stocktake.embedded;

/** What may go wrong between Stocktake and an S3 server. */
public enum StoreFault {
    SLOW_DOWN("503 SlowDown"),
    TOO_MANY_REQUESTS("429"),
    INTERNAL_ERROR("500 InternalError"),
    REQUEST_TIMEOUT("400 RequestTimeout"),
    REFUSED("connection refused"),
    UNKNOWN_HOST("DNS failure"),
    RESET_BEFORE_ANSWER("reset before the answer"),
    RESET_IN_ANSWER("reset in the middle of the body"),
    TRUNCATED("truncated XML, as if whole"),
    MALFORMED("malformed XML"),
    EMPTY("200 without a body"),
    FOREIGN("200 with another document"),
    STALLED("no answer at all");

    private final String label;

    StoreFault(String label) {
        this.label = label;
    }

    @Override
    public String toString() {
        return label;
    }
}
