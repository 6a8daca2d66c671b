package dev.stocktake.embedded;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.StampedLock;

/**
 * Stands between one process and a server on the loopback. It can do to the process what happens to processes: stop it for a
 * while, or end it.
 */
public abstract class LoopbackProxy implements AutoCloseable {
    private static final int BACKLOG = 256;
    private static final long PAUSE_SECONDS = 20;

    private final ServerSocket port;
    private final int target;
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final Set<Socket> servers = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "loopback-proxy");
        thread.setDaemon(true);
        return thread;
    });
    /** Read while the server has a message that it has not answered; written while the process is paused. */
    private final StampedLock passage = new StampedLock();

    private volatile long paused;
    private volatile boolean cut;

    LoopbackProxy(int target) {
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

    /**
     * Lets nothing through to the server any more, until {@link #resume}. Returns when the server has answered all that it has
     * got.
     */
    public final void pause() {
        try {
            paused = passage.tryWriteLock(PAUSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        if (paused == 0) {
            throw new IllegalStateException("The server did not answer in time what it had got");
        }
    }

    /** Lets everything through that came since {@link #pause}. */
    public final void resume() {
        long stamp = paused;
        paused = 0;
        passage.unlockWrite(stamp);
    }

    /**
     * Resets all connections and refuses new ones until {@link #mend}, as when the process ends. The server still does what it
     * has got, and never hears of what was on its way to it.
     */
    public final void cut() {
        cut = true;
        clients.forEach(LoopbackProxy::resetQuietly);
    }

    /** Lets connections be made again. */
    public final void mend() {
        cut = false;
    }

    /** Waits while the process is paused; what it returns is for {@link #answered}. */
    final long toServer() {
        return passage.readLock();
    }

    /** The server has answered. */
    final void answered(long stamp) {
        passage.unlockRead(stamp);
    }

    abstract void serve(Socket client) throws IOException;

    final Socket connectToServer() throws IOException {
        Socket server = new Socket(loopback(), target);
        server.setTcpNoDelay(true);
        servers.removeIf(Socket::isClosed);
        servers.add(server);
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
                clients.add(client);
                if (cut) {
                    resetQuietly(client);
                }
                threads.execute(() -> handle(client));
            } catch (IOException | RuntimeException closed) {
                closeQuietly(port);
            }
        }
    }

    private void handle(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            serve(client);
        } catch (IOException broken) {
            // one of the two ends went away
        } finally {
            clients.remove(client);
        }
    }

    @Override
    public final void close() {
        closeQuietly(port);
        clients.forEach(LoopbackProxy::closeQuietly);
        servers.forEach(LoopbackProxy::closeQuietly);
        threads.shutdownNow();
    }

    static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    private static void resetQuietly(Socket connection) {
        try {
            reset(connection);
        } catch (IOException gone) {
            // by itself
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception ignored) {
            // it is gone either way
        }
    }
}
