package dev.stocktake.embedded;

/** Thrown in place of an answer, it makes the store answer with this HTTP status and S3 error code. */
public final class S3Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;

    /**
     * @param status of HTTP, such as 503
     * @param code of S3, such as {@code SlowDown}
     */
    public S3Failure(int status, String code) {
        super(status + " " + code);
        this.status = status;
        this.code = code;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The S3 error code. */
    public String code() {
        return code;
    }
}
