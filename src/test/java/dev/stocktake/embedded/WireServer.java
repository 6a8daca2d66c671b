package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * Just enough HTTP/1.1 for GET and HEAD, on 127.0.0.1, with a thread for each connection. Other servers put in a
 * {@code Date} of their own and do not let go in the middle of a body.
 */
final class WireServer implements AutoCloseable {
    private static final int BACKLOG = 256;

    private final ServerSocket port;
    private final Function<Request, Reply> handler;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "synthetic-store");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * The first line of a request.
     *
     * @param path as sent, not decoded
     * @param query as sent, empty when there is none
     */
    record Request(String method, String path, String query) {}

    /**
     * An answer.
     *
     * @param headers {@code Content-Length} is added, from the body, when it is not here
     * @param cut whether the connection is closed after half of the body
     */
    record Reply(int status, Map<String, String> headers, ByteBuffer body, boolean cut) {}

    WireServer(Function<Request, Reply> handler) throws IOException {
        this.handler = handler;
        port = new ServerSocket(0, BACKLOG, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        threads.execute(this::accept);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + port.getLocalPort());
    }

    @Override
    public void close() {
        closeQuietly(port);
        connections.forEach(WireServer::closeQuietly);
        threads.shutdownNow();
    }

    private void accept() {
        while (!port.isClosed()) {
            try {
                Socket connection = port.accept();
                connections.add(connection);
                threads.execute(() -> serve(connection));
            } catch (IOException | RuntimeException closed) {
                closeQuietly(port);
            }
        }
        // one that came in while the others were being closed
        connections.forEach(WireServer::closeQuietly);
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(connection.getInputStream());
            OutputStream out = connection.getOutputStream();
            boolean open = true;
            while (open) {
                String first = line(in);
                boolean last = first.isEmpty();
                for (String header = first; !header.isEmpty(); header = line(in)) {
                    last |= header.toLowerCase(Locale.ROOT).replace(" ", "").equals("connection:close");
                }
                open = !first.isEmpty() && answer(first, out) && !last;
            }
        } catch (IOException broken) {
            // the client went away, or this server did
        } finally {
            connections.remove(connection);
        }
    }

    /** Answers one request; false when the connection cannot be used any more. */
    private boolean answer(String requestLine, OutputStream out) throws IOException {
        String[] parts = requestLine.split(" ", 3);
        if (parts.length < 3) {
            return false;
        }
        String target = parts[1];
        int question = target.indexOf('?');
        Request request = question < 0
                ? new Request(parts[0], target, "")
                : new Request(parts[0], target.substring(0, question), target.substring(question + 1));
        Reply reply = handler.apply(request);

        ByteBuffer body = reply.body();
        int length = body.remaining();
        StringBuilder lines =
                new StringBuilder("HTTP/1.1 ").append(reply.status()).append(" \r\n");
        reply.headers()
                .forEach((name, value) ->
                        lines.append(name).append(": ").append(value).append("\r\n"));
        if (!reply.headers().containsKey("Content-Length")) {
            lines.append("Content-Length: ").append(length).append("\r\n");
        }
        out.write(lines.append("\r\n").toString().getBytes(ISO_8859_1));
        boolean head = request.method().equals("HEAD");
        if (!head) {
            out.write(body.array(), body.arrayOffset() + body.position(), reply.cut() ? length / 2 : length);
        }
        // another method may have a body, which is not read here
        return !reply.cut() && (head || request.method().equals("GET"));
    }

    /** One line without its end; empty at the end of the head, and of the stream. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception ignored) {
            // it is gone either way
        }
    }
}
