package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import javax.net.SocketFactory;

/**
 * Injects faults between Stocktake and a PostgreSQL server, by round trips of protocol 3: what the driver sends up to its
 * Sync, and what the server answers up to ReadyForQuery, are held until they are whole, and cut anywhere.
 */
public final class DatabaseFaultProxy extends FaultProxy<DatabaseFault> {
    private static final Map<String, DatabaseFaultProxy> BY_PORT = new ConcurrentHashMap<>();
    private static final int SSL_REQUEST = 80_877_103;
    private static final int GSS_REQUEST = 80_877_104;
    private static final int CANCEL_REQUEST = 80_877_102;
    private static final String ENDS_OF_A_REQUEST = "SQpcfFX";

    private final IntConsumer terminateBackend;

    private DatabaseFaultProxy(int target, IntConsumer terminateBackend) {
        super(target);
        this.terminateBackend = terminateBackend;
    }

    /**
     * Before the server that listens on this port of 127.0.0.1.
     *
     * @param terminateBackend ends the server's process of this number, as an administrator does
     */
    public static DatabaseFaultProxy before(int target, IntConsumer terminateBackend) {
        DatabaseFaultProxy proxy = new DatabaseFaultProxy(target, terminateBackend);
        BY_PORT.put(Integer.toString(proxy.port()), proxy);
        proxy.open();
        return proxy;
    }

    /** Parameters of a URL that let names be unknown, and a server be silent for some seconds only. */
    public String parameters() {
        return "?connect_timeout=1&socket_timeout=1&socketFactory=" + ForgetfulSockets.class.getName()
                + "&socketFactoryArg=" + port();
    }

    /**
     * Parameters of a URL that lead here, whatever its address: so that several processes have the same database by their
     * settings.
     */
    public String way() {
        return "?connect_timeout=1&socketFactory=" + LedSockets.class.getName() + "&socketFactoryArg=" + port();
    }

    @Override
    void serve(Socket client, Injection<DatabaseFault> accepted) throws IOException {
        DatabaseFault fault = accepted.fault();
        // a name that is unknown was refused before
        boolean doomed =
                fault != null && fault.isOfConnecting() && fault != DatabaseFault.UNKNOWN_HOST && accepted.owes();
        if (doomed) {
            accepted.injected();
            if (fault == DatabaseFault.REFUSED) {
                reset(client);
                return;
            }
        }
        try (Socket server = connectToServer()) {
            new Conversation(client, server).run(doomed ? accepted : null);
        }
    }

    private final class Conversation {
        private final Socket client;
        private final Socket server;
        private final InputStream fromClient;
        private final InputStream fromServer;
        private final OutputStream toClient;
        private final OutputStream toServer;
        private int backend;
        private boolean ready;
        private boolean inTransaction;
        private boolean ended;
        private long passage;

        private Conversation(Socket client, Socket server) throws IOException {
            this.client = client;
            this.server = server;
            fromClient = new BufferedInputStream(client.getInputStream());
            fromServer = new BufferedInputStream(server.getInputStream());
            toClient = client.getOutputStream();
            toServer = server.getOutputStream();
        }

        private void run(Injection<DatabaseFault> doom) throws IOException {
            try {
                converse(doom);
            } finally {
                leave();
            }
        }

        /** While the process is paused, the server gets nothing of it. */
        private void enter() throws IOException {
            passage = toServer();
            if (client.isClosed()) {
                throw new EOFException();
            }
        }

        private void leave() {
            if (passage != 0) {
                answered(passage);
                passage = 0;
            }
        }

        private void converse(Injection<DatabaseFault> doom) throws IOException {
            byte[] start = start();
            enter();
            toServer.write(start);
            if (ByteBuffer.wrap(start).getInt(4) == CANCEL_REQUEST) {
                return;
            }
            if (doom != null && doom.fault() == DatabaseFault.STARTING_UP) {
                toClient.write(error("FATAL", "57P03", "the database system is starting up"));
                return;
            }
            while (!ended) {
                byte[] answer = answer();
                leave();
                if (doom != null) {
                    toClient.write(answer, 0, doom.position(answer.length));
                    reset(client);
                    return;
                }
                toClient.write(answer);
                if (ended || !next()) {
                    return;
                }
            }
        }

        /** Takes a request, and hands it on unless it is hit; false when the conversation has ended. */
        private boolean next() throws IOException {
            while (true) {
                byte[] request = request();
                enter();
                Injection<DatabaseFault> now = injection();
                if (!ready || request[0] == 'X' || !now.hits()) {
                    toServer.write(request);
                    return request[0] != 'X';
                }
                now.injected();
                switch (now.fault()) {
                    case RESET_IN_REQUEST -> {
                        toServer.write(request, 0, now.position(request.length));
                        reset(server);
                    }
                    case RESET_IN_ANSWER -> {
                        toServer.write(request);
                        byte[] answer = answer();
                        toClient.write(answer, 0, now.position(answer.length));
                    }
                    case LOST_ACKNOWLEDGEMENT -> {
                        toServer.write(request);
                        answer();
                    }
                    case SILENT -> {
                        leave();
                        awaitEnd(fromClient);
                    }
                    case TERMINATED -> {
                        terminateBackend.accept(backend);
                        toServer.write(request);
                        return true;
                    }
                    case RECOVERY_CONFLICT -> {
                        refuse("40001", "canceling statement due to conflict with recovery");
                        leave();
                        continue;
                    }
                    case DEADLOCK -> {
                        refuse("40P01", "deadlock detected");
                        leave();
                        continue;
                    }
                    case READ_ONLY -> {
                        refuse("25006", "cannot execute INSERT in a read-only transaction");
                        leave();
                        continue;
                    }
                    default -> now.owe();
                }
                reset(client);
                return false;
            }
        }

        /** Answers in place of the server, which forgets the transaction. */
        private void refuse(String state, String message) throws IOException {
            if (inTransaction) {
                byte[] rollback = "ROLLBACK\0".getBytes(UTF_8);
                toServer.write(ByteBuffer.allocate(5 + rollback.length)
                        .put((byte) 'Q')
                        .putInt(4 + rollback.length)
                        .put(rollback)
                        .array());
                answer();
            }
            toClient.write(error("ERROR", state, message));
            toClient.write(new byte[] {'Z', 0, 0, 0, 5, 'I'});
        }

        private byte[] start() throws IOException {
            while (true) {
                byte[] length = read(fromClient, 4);
                byte[] content = read(fromClient, ByteBuffer.wrap(length).getInt() - 4);
                int code = ByteBuffer.wrap(content).getInt();
                if (code != SSL_REQUEST && code != GSS_REQUEST) {
                    return ByteBuffer.allocate(4 + content.length)
                            .put(length)
                            .put(content)
                            .array();
                }
                toClient.write('N');
            }
        }

        private byte[] request() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            while (true) {
                int type = read(fromClient);
                message(fromClient, type, bytes);
                if (ENDS_OF_A_REQUEST.indexOf(type) >= 0) {
                    return bytes.toByteArray();
                }
            }
        }

        /** Up to where the server waits again; shorter when it closes the connection. */
        private byte[] answer() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                while (true) {
                    int type = read(fromServer);
                    ByteBuffer content = ByteBuffer.wrap(message(fromServer, type, bytes));
                    if (type == 'K') {
                        backend = content.getInt();
                    } else if (type == 'Z') {
                        ready = true;
                        inTransaction = content.get() != 'I';
                        return bytes.toByteArray();
                    } else if (type == 'G' || type == 'W') {
                        return bytes.toByteArray();
                    } else if (type == 'R') {
                        int authentication = content.getInt();
                        if (authentication != 0 && authentication != 12) {
                            return bytes.toByteArray();
                        }
                    }
                }
            } catch (EOFException closed) {
                ended = true;
                return bytes.toByteArray();
            }
        }

        private static byte[] message(InputStream in, int type, ByteArrayOutputStream copy) throws IOException {
            byte[] length = read(in, 4);
            byte[] content = read(in, ByteBuffer.wrap(length).getInt() - 4);
            copy.write(type);
            copy.writeBytes(length);
            copy.writeBytes(content);
            return content;
        }

        private static byte[] error(String severity, String state, String message) {
            byte[] fields =
                    ("S" + severity + "\0V" + severity + "\0C" + state + "\0M" + message + "\0\0").getBytes(UTF_8);
            return ByteBuffer.allocate(5 + fields.length)
                    .put((byte) 'E')
                    .putInt(4 + fields.length)
                    .put(fields)
                    .array();
        }
    }

    /** Sockets of the driver that connect to another port of the loopback than they are told to. */
    public static final class LedSockets extends Unconnected {
        private final int port;

        public LedSockets(String port) {
            this.port = Integer.parseInt(port);
        }

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void connect(SocketAddress address, int timeout) throws IOException {
                    super.connect(new InetSocketAddress(loopback(), port), timeout);
                }
            };
        }
    }

    /** Sockets of the driver for which the server's name is unknown when the proxy of a port wants it so. */
    public static final class ForgetfulSockets extends Unconnected {
        private final DatabaseFaultProxy proxy;

        public ForgetfulSockets(String port) {
            proxy = BY_PORT.get(port);
        }

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void connect(SocketAddress address, int timeout) throws IOException {
                    Injection<DatabaseFault> now = proxy.injection();
                    if (now.fault() == DatabaseFault.UNKNOWN_HOST && now.owes()) {
                        now.injected();
                        throw new UnknownHostException("database.invalid");
                    }
                    super.connect(address, timeout);
                }
            };
        }
    }

    /** What the driver connects by itself; it makes no socket in another way. */
    private abstract static class Unconnected extends SocketFactory {
        @Override
        public Socket createSocket(String host, int other) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int other, java.net.InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(java.net.InetAddress host, int other) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(
                java.net.InetAddress address, int other, java.net.InetAddress localAddress, int localPort) {
            throw new UnsupportedOperationException();
        }
    }
}
