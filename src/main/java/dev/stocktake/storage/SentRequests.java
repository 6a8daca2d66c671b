package dev.stocktake.storage;

import java.util.concurrent.atomic.LongAdder;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.ListObjectsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;

/** Counts the requests that a client sends, answered or not: stores charge for listings and for all others apart. */
public final class SentRequests implements ExecutionInterceptor {
    private final LongAdder lists = new LongAdder();
    private final LongAdder heads = new LongAdder();

    @Override
    public void beforeTransmission(Context.BeforeTransmission sent, ExecutionAttributes attributes) {
        SdkRequest request = sent.request();
        (request instanceof ListObjectsV2Request || request instanceof ListObjectsRequest ? lists : heads).increment();
    }

    /** Listings so far. */
    public long lists() {
        return lists.sum();
    }

    /** HEAD requests so far, and any others that list nothing. */
    public long heads() {
        return heads.sum();
    }
}
