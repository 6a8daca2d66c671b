package dev.stocktake.embedded;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between Stocktake and a server on the loopback, understands the protocol just enough to find its messages, and
 * injects one kind of fault at a rate. Which messages it hits is decided by their number alone, so that a repetition hits
 * the same numbers; one of the first twenty is always hit, so that no run goes without a fault, another one for each fault.
 *
 * @param <F> the faults of the protocol
 */
public abstract class FaultProxy<F extends Enum<F>> implements AutoCloseable {
    private static final int BACKLOG = 256;
    private static final long SEED = 20240115;

    private final ServerSocket port;
    private final int target;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "fault-proxy");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Injection<F> injection = new Injection<>(null, 0);

    FaultProxy(int target) {
        this.target = target;
        try {
            port = new ServerSocket(0, BACKLOG, loopback());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Subclasses call it once they are complete. */
    final void open() {
        threads.execute(this::accept);
    }

    public final int port() {
        return port.getLocalPort();
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

    final Socket connectToServer() throws IOException {
        Socket server = new Socket(loopback(), target);
        server.setTcpNoDelay(true);
        connections.add(server);
        return server;
    }

    /** Closes a connection so that the other end sees a reset, not an end. */
    static void reset(Socket connection) throws IOException {
        connection.setSoLinger(true, 0);
        connection.close();
    }

    /** Waits until the other end gives up. */
    static void awaitEnd(InputStream in) throws IOException {
        while (in.read() >= 0) {
            // what it still sends does not matter
        }
    }

    static int read(InputStream in) throws IOException {
        int b = in.read();
        if (b < 0) {
            throw new EOFException();
        }
        return b;
    }

    static byte[] read(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    private void accept() {
        while (!port.isClosed()) {
            try {
                Socket client = port.accept();
                connections.add(client);
                threads.execute(() -> handle(client));
            } catch (IOException | RuntimeException closed) {
                closeQuietly(port);
            }
        }
    }

    private void handle(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            serve(client, injection);
        } catch (IOException broken) {
            // one of the two ends went away
        } finally {
            connections.remove(client);
        }
    }

    @Override
    public final void close() {
        closeQuietly(port);
        connections.forEach(FaultProxy::closeQuietly);
        threads.shutdownNow();
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception ignored) {
            // it is gone either way
        }
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

        /** Lets the next connection be hit. */
        void owe() {
            owed.incrementAndGet();
        }

        /** Whether this connection is one to be hit. */
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
