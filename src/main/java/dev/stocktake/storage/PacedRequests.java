package dev.stocktake.storage;

import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Lets every request of a client wait for its turn: by the {@link RequestRate} while the store asks to slow down or where
 * requests are capped, by the {@link RequestWindow} while it does not answer in time.
 *
 * <p>The SDK's own adaptive strategy cannot do it: it learns when it grants another attempt, and here each request has but
 * one, because the routes say what is tried again.
 */
public final class PacedRequests implements ExecutionInterceptor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PacedRequests.class);
    private static final ExecutionAttribute<Long> RESERVED_AT = new ExecutionAttribute<>("StocktakeReservedAt");
    private static final ExecutionAttribute<Long> SENT_AT = new ExecutionAttribute<>("StocktakeSentAt");
    private static final ExecutionAttribute<Boolean> ANSWERED = new ExecutionAttribute<>("StocktakeAnswered");
    private static final ExecutionAttribute<Boolean> UNDER_WAY = new ExecutionAttribute<>("StocktakeUnderWay");
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final int TOO_MANY_REQUESTS = 429;

    private final RequestRate rate;
    private final RequestWindow window;
    /** Fair, so that nobody waits longer than who came later. */
    private final ReentrantLock turns = new ReentrantLock(true);

    private final Condition turn = turns.newCondition();
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * As many requests as the store can take.
     *
     * @param connections that the client may hold at once
     * @param perSecond requests that are never exceeded, at least 1; empty for no cap
     */
    public PacedRequests(int connections, OptionalInt perSecond) {
        this(
                perSecond.isPresent() ? new RequestRate(perSecond.getAsInt()) : new RequestRate(),
                new RequestWindow(connections));
    }

    PacedRequests(RequestRate rate, RequestWindow window) {
        this.rate = rate;
        this.window = window;
    }

    /**
     * Waits for a turn.
     *
     * @throws AbortedException when the thread is interrupted or this is closed before its turn comes
     * @throws SdkClientException when the store has been silent for too long to wait any longer
     */
    @Override
    public void beforeTransmission(Context.BeforeTransmission request, ExecutionAttributes attributes) {
        // first, because a turn of the rate that is not used at once would be used together with others
        awaitRoom();
        attributes.putAttribute(UNDER_WAY, true);
        long now = System.nanoTime();
        attributes.putAttribute(RESERVED_AT, now);
        long wait = rate.reserve(now);
        if (wait > 0) {
            awaitTurn(wait);
        }
        attributes.putAttribute(SENT_AT, System.nanoTime());
    }

    private void awaitRoom() {
        turns.lock();
        try {
            while (true) {
                refuseIfClosed();
                long now = System.nanoTime();
                long wait = window.enter(now);
                if (wait == 0) {
                    return;
                }
                long patience = window.patience(now);
                if (patience == 0) {
                    throw SdkClientException.create(
                            "It answers nothing any more",
                            new SocketTimeoutException("No answer to any request for a long time"));
                }
                // whoever leaves wakes those who wait
                turn.awaitNanos(Math.min(wait, patience));
            }
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        } finally {
            turns.unlock();
        }
    }

    private void awaitTurn(long nanos) {
        try {
            if (closed.await(nanos, TimeUnit.NANOSECONDS)) {
                refuseIfClosed();
            }
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }

    private void refuseIfClosed() {
        if (closed.getCount() == 0) {
            throw AbortedException.create("Stopped while it waited for its turn to ask the store");
        }
    }

    private static AbortedException interrupted(InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return AbortedException.create("Interrupted while it waited for its turn to ask the store", interrupted);
    }

    @Override
    public void afterTransmission(Context.AfterTransmission answer, ExecutionAttributes attributes) {
        attributes.putAttribute(ANSWERED, true);
        int status = answer.httpResponse().statusCode();
        boolean throttled = status == SERVICE_UNAVAILABLE || status == TOO_MANY_REQUESTS;
        long now = System.nanoTime();
        RequestRate.Change change = rate.answered(attributes.getAttribute(RESERVED_AT), now, throttled);
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

    @Override
    public void afterExecution(Context.AfterExecution answered, ExecutionAttributes attributes) {
        leave(attributes, false);
    }

    /** The only one that is called for a request that gets no answer. */
    @Override
    public void onExecutionFailure(Context.FailedExecution failed, ExecutionAttributes attributes) {
        leave(attributes, timedOut(failed.exception()));
    }

    private static boolean timedOut(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketTimeoutException) {
                return true;
            }
        }
        return false;
    }

    private void leave(ExecutionAttributes attributes, boolean timedOut) {
        if (attributes.getAttribute(UNDER_WAY) == null) {
            return;
        }
        // a failure after the execution is one of the same request
        attributes.putAttribute(UNDER_WAY, null);
        Long sentAt = attributes.getAttribute(SENT_AT);
        boolean answered = attributes.getAttribute(ANSWERED) != null;
        RequestWindow.Change change = RequestWindow.Change.NONE;
        turns.lock();
        try {
            window.leave();
            if (sentAt != null && timedOut) {
                change = window.timedOut(sentAt, System.nanoTime());
            } else if (sentAt != null && answered) {
                change = window.answered(sentAt, System.nanoTime());
            }
            turn.signalAll();
        } finally {
            turns.unlock();
        }
        switch (change) {
            case NARROWED ->
                LOG.warn("The store does not answer in time: going on with one request at a time, and with more as it"
                        + " answers");
            case WIDENED -> LOG.info("The store answers in time again: going on with all requests at once");
            case NONE -> {
                // one line for each change is enough
            }
        }
    }

    /** Ends all waiting, now and later; whoever waits is told by an exception. */
    @Override
    public void close() {
        closed.countDown();
        turns.lock();
        try {
            turn.signalAll();
        } finally {
            turns.unlock();
        }
    }
}
