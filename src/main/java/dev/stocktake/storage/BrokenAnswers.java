package dev.stocktake.storage;

import java.io.IOException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Makes every failure to read an answer one of the SDK's own. Where it reads a body it lets some through as they are, which
 * the routes would not know for what they are and not try again.
 */
final class BrokenAnswers implements ExecutionInterceptor {
    @Override
    public Throwable modifyException(Context.FailedExecution failed, ExecutionAttributes attributes) {
        Throwable failure = failed.exception();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SdkException) {
                return failure;
            }
            if (cause instanceof IOException) {
                return SdkClientException.create("Its answer broke off", failure);
            }
        }
        return failure;
    }
}
