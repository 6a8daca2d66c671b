package dev.stocktake.storage;

import java.time.Duration;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Looks at the fence of a request that has one right before it is sent: after it was signed, so that a process that sleeps
 * after the look sends a signature that the store finds too old after a quarter of an hour; and after it waited for its turn.
 */
final class FencedRequests implements ExecutionInterceptor {
    private static final ExecutionAttribute<Fence> FENCE = new ExecutionAttribute<>("StocktakeFence");

    /** Less is not worth a request; more than two renewals of a lease can be late before it comes to that. */
    private static final Duration LEAST = Duration.ofSeconds(12);

    /** Between the end of a request's patience and that of its fence. */
    private static final Duration MARGIN = Duration.ofSeconds(5);

    /**
     * How a fenced request is sent: it is given up before its fence ends.
     *
     * @throws AbortedException when somebody else may be at work by now
     */
    static AwsRequestOverrideConfiguration by(Fence fence) {
        fence.lookAgain();
        return AwsRequestOverrideConfiguration.builder()
                .apiCallTimeout(enough(fence).minus(MARGIN))
                .putExecutionAttribute(FENCE, fence)
                .build();
    }

    @Override
    public void beforeTransmission(Context.BeforeTransmission request, ExecutionAttributes attributes) {
        Fence fence = attributes.getAttribute(FENCE);
        if (fence != null) {
            enough(fence);
        }
    }

    private static Duration enough(Fence fence) {
        Duration left = fence.left();
        if (left.compareTo(LEAST) < 0) {
            throw AbortedException.create("Somebody else may be at work there by now");
        }
        return left;
    }
}
