package dev.stocktake.failure;

import dev.stocktake.compare.RepeatedPageException;
import java.security.cert.CertificateException;
import java.util.List;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/**
 * Tells faults of the store that may pass from those that stay: answers of the given statuses or error codes, and every
 * failure to get a sensible answer, a page that leads to itself among them, except for want of credentials or of a certificate
 * that can be trusted.
 */
public final class StoreFaults {
    private List<String> statuses = List.of();
    private List<String> codes = List.of();

    /** HTTP statuses, separated by commas. */
    public void setStatuses(String statuses) {
        this.statuses = CommaSeparated.list(statuses);
        this.statuses.stream().filter(status -> !status.matches("[45][0-9]{2}")).forEach(status -> {
            throw new IllegalArgumentException(
                    "statuses must be HTTP statuses from 400 to 599, was: \"" + status + "\"");
        });
    }

    /** Error codes of S3, separated by commas. */
    public void setCodes(String codes) {
        this.codes = CommaSeparated.list(codes);
    }

    /** Whether it is worth asking again. */
    public boolean has(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RepeatedPageException) {
                return true;
            }
            if (cause instanceof SdkServiceException answer) {
                return statuses.contains(Integer.toString(answer.statusCode())) || codes.contains(code(answer));
            }
            if (cause instanceof SdkClientException noAnswer) {
                return !(noAnswer instanceof AbortedException)
                        && !Explanation.isForWantOfCredentials(noAnswer)
                        && !Causes.any(noAnswer, CertificateException.class);
            }
        }
        return false;
    }

    private static String code(SdkServiceException answer) {
        return answer instanceof AwsServiceException aws
                        && aws.awsErrorDetails() != null
                        && aws.awsErrorDetails().errorCode() != null
                ? aws.awsErrorDetails().errorCode()
                : "";
    }
}
