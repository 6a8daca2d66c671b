package dev.stocktake.storage;

import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Lets every request of a client wait for its turn while the store asks to slow down.
 *
 * <p>The SDK's own adaptive strategy cannot do it: it learns when it grants another attempt, and here each request has but
 * one, because the routes say what is tried again.
 */
public final class PacedRequests implements ExecutionInterceptor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PacedRequests.class);
    private static final ExecutionAttribute<Long> RESERVED_AT = new ExecutionAttribute<>("StocktakeReservedAt");
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final int TOO_MANY_REQUESTS = 429;

    private final RequestRate rate;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** As many requests as there are, until the store asks to slow down. */
    public PacedRequests() {
        this(new RequestRate());
    }

    PacedRequests(RequestRate rate) {
        this.rate = rate;
    }

    /** @throws AbortedException when the thread is interrupted or this is closed before its turn comes */
    @Override
    public void beforeTransmission(Context.BeforeTransmission request, ExecutionAttributes attributes) {
        long now = System.nanoTime();
        attributes.putAttribute(RESERVED_AT, now);
        long wait = rate.reserve(now);
        if (wait > 0) {
            awaitTurn(wait);
        }
    }

    private void awaitTurn(long nanos) {
        try {
            if (closed.await(nanos, TimeUnit.NANOSECONDS)) {
                throw AbortedException.create("Stopped while it waited for its turn to ask the store");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw AbortedException.create("Interrupted while it waited for its turn to ask the store", interrupted);
        }
    }

    @Override
    public void afterTransmission(Context.AfterTransmission answer, ExecutionAttributes attributes) {
        int status = answer.httpResponse().statusCode();
        boolean throttled = status == SERVICE_UNAVAILABLE || status == TOO_MANY_REQUESTS;
        RequestRate.Change change = rate.answered(attributes.getAttribute(RESERVED_AT), System.nanoTime(), throttled);
        switch (change) {
            case SLOWED_DOWN ->
                LOG.warn(
                        "The store asks to slow down ({}): going on with {} requests a second until it has room again",
                        status,
                        String.format(Locale.ROOT, "%.1f", rate.limit()));
            case RECOVERED -> LOG.info("The store has room again: going on at full speed");
            case NONE -> {
                // one line for each change is enough
            }
        }
    }

    /** Ends all waiting, now and later; whoever waits is told by an exception. */
    @Override
    public void close() {
        closed.countDown();
    }
}
