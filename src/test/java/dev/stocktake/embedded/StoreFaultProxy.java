package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Injects faults between Stocktake and an S3 server, at whole requests: HTTP/1.1, any method, with and without bodies. */
public final class StoreFaultProxy extends FaultProxy<StoreFault> {
    private volatile Refusal refusal = new Refusal(line -> false, 0, "");

    /** What is answered instead of what the server would. */
    private record Refusal(Predicate<String> requestLine, int status, String body) {
        byte[] to(HttpMessage request) {
            return HttpMessage.answer(request, status, body).bytes();
        }
    }

    private StoreFaultProxy(int target) {
        super(target);
    }

    /** Before the server that listens on this port of 127.0.0.1. */
    public static StoreFaultProxy before(int target) {
        StoreFaultProxy proxy = new StoreFaultProxy(target);
        proxy.open();
        return proxy;
    }

    /**
     * Answers these requests itself from now on, which the server never hears of.
     *
     * @param requestLine such as {@code DELETE /bucket/key HTTP/1.1}
     * @param body an XML document
     */
    public void answer(Predicate<String> requestLine, int status, String body) {
        refusal = new Refusal(requestLine, status, body);
    }

    /** Refuses these requests from now on. */
    public void refuse(Predicate<String> requestLine, int status, String code) {
        answer(requestLine, status, HttpMessage.errorDocument(code));
    }

    /** What a resolver calls before it resolves. */
    public void resolve(String host) throws UnknownHostException {
        Injection<StoreFault> current = injection();
        if (current.fault() == StoreFault.UNKNOWN_HOST && current.hits()) {
            current.injected();
            throw new UnknownHostException(host);
        }
    }

    @Override
    void serve(Socket client, Injection<StoreFault> accepted) throws IOException {
        InputStream in = new BufferedInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream();
        try (Upstream server = new Upstream()) {
            while (true) {
                HttpMessage request = HttpMessage.from(in, false);
                Injection<StoreFault> now = injection();
                if (refusal.requestLine.test(request.head().get(0))) {
                    out.write(refusal.to(request));
                    continue;
                }
                // one that was owed to an answer without a body is due now
                boolean isOwed = now.owes();
                StoreFault fault =
                        now.fault() != StoreFault.UNKNOWN_HOST && (now.hits() || isOwed) ? now.fault() : null;
                if (fault != null && answerInstead(fault, request, now, client, in, out)) {
                    if (client.isClosed()) {
                        return;
                    }
                    continue;
                }
                HttpMessage answer;
                long passage = toServer();
                try {
                    answer = server.answer(request);
                    if (fault == StoreFault.RESET_BEFORE_ANSWER) {
                        now.injected();
                        reset(client);
                        return;
                    }
                } finally {
                    answered(passage);
                }
                if (!request.isHead()) {
                    answer = answer.with(answer.body());
                }
                if (fault != null && spoil(fault, answer, now, client, out)) {
                    return;
                }
                boolean last = now.fault() == StoreFault.REFUSED || now.fault() == StoreFault.UNKNOWN_HOST;
                if (last) {
                    List<String> closing = new ArrayList<>(answer.head());
                    closing.add("Connection: close");
                    answer = new HttpMessage(closing, answer.body());
                }
                if (fault == null || fault == StoreFault.UNKNOWN_HOST) {
                    out.write(answer.bytes());
                } else {
                    out.write(changed(fault, answer, request, now).bytes());
                }
                if (last || answer.header("connection").equalsIgnoreCase("close")) {
                    return;
                }
            }
        }
    }

    /** The connection to the server, anew where the server closed it because nobody asked anything for long. */
    private final class Upstream implements Closeable {
        private Socket server = connectToServer();
        private InputStream in = new BufferedInputStream(server.getInputStream());
        private boolean isUsed;

        private Upstream() throws IOException {}

        HttpMessage answer(HttpMessage request) throws IOException {
            try {
                return ask(request);
            } catch (IOException closed) {
                if (!isUsed) {
                    throw closed;
                }
                server.close();
                server = connectToServer();
                in = new BufferedInputStream(server.getInputStream());
                return ask(request);
            }
        }

        private HttpMessage ask(HttpMessage request) throws IOException {
            server.getOutputStream().write(request.bytes());
            HttpMessage answer = HttpMessage.answerFrom(in, request);
            isUsed = true;
            return answer;
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    /** What the server never hears of. */
    private static boolean answerInstead(
            StoreFault fault,
            HttpMessage request,
            Injection<StoreFault> now,
            Socket client,
            InputStream in,
            OutputStream out)
            throws IOException {
        switch (fault) {
            case SLOW_DOWN -> out.write(error(503, "SlowDown", request));
            case TOO_MANY_REQUESTS -> out.write(error(429, "TooManyRequests", request));
            case INTERNAL_ERROR -> out.write(error(500, "InternalError", request));
            case REQUEST_TIMEOUT -> out.write(error(400, "RequestTimeout", request));
            case REFUSED -> reset(client);
            case STALLED -> {
                now.injected();
                awaitEnd(in);
                reset(client);
                return true;
            }
            default -> {
                return false;
            }
        }
        now.injected();
        return true;
    }

    private static byte[] error(int status, String code, HttpMessage request) {
        return new Refusal(line -> true, status, HttpMessage.errorDocument(code)).to(request);
    }

    /** Breaks the connection off within the answer. */
    private static boolean spoil(
            StoreFault fault, HttpMessage answer, Injection<StoreFault> now, Socket client, OutputStream out)
            throws IOException {
        if (fault != StoreFault.RESET_IN_ANSWER) {
            return false;
        }
        byte[] whole = answer.bytes();
        int head = whole.length - answer.body().length;
        // within the head, where there is no body
        int sent = answer.body().length == 0 ? now.position(head) : head + now.position(answer.body().length);
        out.write(whole, 0, sent);
        now.injected();
        reset(client);
        return true;
    }

    /** Another document in place of the answer's; what has none stays as it is, and the next one is changed for it. */
    private static HttpMessage changed(
            StoreFault fault, HttpMessage answer, HttpMessage request, Injection<StoreFault> now) {
        byte[] body = answer.body();
        if (request.isHead() || body.length == 0) {
            now.owe();
            return answer;
        }
        now.injected();
        String text = new String(body, ISO_8859_1);
        int middle = now.position(body.length);
        return answer.with((switch (fault) {
                    case TRUNCATED -> text.substring(0, middle);
                    case MALFORMED -> text.substring(0, middle) + "<\u0001&" + text.substring(middle);
                    case EMPTY -> "";
                    case FOREIGN -> "<html><body>Please log in</body></html>";
                    default -> throw new IllegalStateException(fault.toString());
                })
                .getBytes(ISO_8859_1));
    }
}
