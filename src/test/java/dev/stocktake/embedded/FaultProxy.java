package dev.stocktake.embedded;

import java.io.IOException;
import java.net.Socket;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between Stocktake and a server on the loopback, understands the protocol just enough to find its messages, and
 * injects one kind of fault at a rate. Which messages it hits is decided by their number alone, so that a repetition hits
 * the same numbers; one of the first twenty is always hit, so that no run goes without a fault, another one for each fault.
 *
 * @param <F> the faults of the protocol
 */
public abstract class FaultProxy<F extends Enum<F>> extends LoopbackProxy {
    private static final long SEED = 20240115;

    private volatile Injection<F> injection = new Injection<>(null, 0);

    FaultProxy(int target) {
        super(target);
    }

    /** Injects this fault from now on, and counts anew. */
    public final void inject(F fault, double rate) {
        injection = new Injection<>(fault, rate);
    }

    /** Injects nothing from now on. */
    public final void calm() {
        injection = new Injection<>(null, 0);
    }

    /** Requests or statements since the last change. */
    public final long messages() {
        return injection.messages.get();
    }

    /** Faults injected since the last change. */
    public final long faults() {
        return injection.faults.get();
    }

    final Injection<F> injection() {
        return injection;
    }

    abstract void serve(Socket client, Injection<F> accepted) throws IOException;

    @Override
    final void serve(Socket client) throws IOException {
        serve(client, injection);
    }

    /** A fault, its rate, and how often it came to be. */
    static final class Injection<F extends Enum<F>> {
        private final F fault;
        private final double rate;
        private final AtomicLong messages = new AtomicLong();
        private final AtomicLong faults = new AtomicLong();
        private final AtomicInteger owed = new AtomicInteger();

        private Injection(F fault, double rate) {
            this.fault = fault;
            this.rate = rate;
        }

        F fault() {
            return fault;
        }

        /** Counts a message; true when it is one to be hit. */
        boolean hits() {
            long number = messages.incrementAndGet();
            return fault != null
                    && (rate >= 1
                            || number == 1 + Math.floorMod(fault.name().hashCode(), 20)
                            || random(number).nextDouble() < rate);
        }

        /** Counts a fault that was really injected. */
        void injected() {
            faults.incrementAndGet();
        }

        /** Lets the next connection or message be hit. */
        void owe() {
            owed.incrementAndGet();
        }

        /** Whether this one is to be hit for another that could not be. */
        boolean owes() {
            return rate >= 1 || owed.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
        }

        /** A position in so many bytes, from none of them to all but one; the same for the same message. */
        int position(int length) {
            return length < 1 ? 0 : random(-messages.get()).nextInt(length);
        }

        private static SplittableRandom random(long number) {
            return new SplittableRandom(SEED + number * 7919);
        }
    }
}
