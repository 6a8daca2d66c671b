package dev.stocktake.storage;

import java.net.ProtocolException;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.ListObjectsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;

/**
 * Refuses what is no listing in answer to a list request. The SDK takes an empty body, or the page of some proxy, for a
 * listing that ends here and has nothing: every record behind it would look like an orphan.
 */
final class OnlyListings implements ExecutionInterceptor {
    @Override
    public void afterUnmarshalling(Context.AfterUnmarshalling answer, ExecutionAttributes attributes) {
        SdkResponse response = answer.response();
        boolean listing = !(response instanceof ListObjectsV2Response v2 && v2.isTruncated() == null)
                && !(response instanceof ListObjectsResponse v1 && v1.isTruncated() == null);
        if (!listing) {
            String reason = "What it answered to a list request is no listing";
            throw SdkClientException.create(reason, new ProtocolException(reason));
        }
    }
}
