package dev.stocktake.storage;

import software.amazon.awssdk.services.s3.model.InvalidObjectStateException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The credentials lack a right that moving a file takes, and which one is known. */
public final class NotAllowedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private NotAllowedException(String rights, S3Exception refusal) {
        super(
                "The store does not allow it to these credentials (" + code(refusal) + "). Grant " + rights + ".",
                refusal);
    }

    /**
     * The refusal of a request, which says what to grant where a right is what it lacks.
     *
     * @param rights that the request takes, and where
     */
    static RuntimeException of(S3Exception refusal, String rights) {
        return isForWantOfARight(refusal) ? new NotAllowedException(rights, refusal) : refusal;
    }

    /** Wrong keys, clocks and tokens are refused with the same status, as is an archived file. */
    private static boolean isForWantOfARight(S3Exception refusal) {
        if (refusal.statusCode() != 403 || refusal instanceof InvalidObjectStateException) {
            return false;
        }
        String code = refusal.awsErrorDetails() == null
                ? null
                : refusal.awsErrorDetails().errorCode();
        return code == null || code.startsWith("AccessDenied") || code.equals("AllAccessDisabled");
    }

    private static String code(S3Exception refusal) {
        return refusal.awsErrorDetails() == null || refusal.awsErrorDetails().errorCode() == null
                ? Integer.toString(refusal.statusCode())
                : refusal.statusCode() + " " + refusal.awsErrorDetails().errorCode();
    }
}
