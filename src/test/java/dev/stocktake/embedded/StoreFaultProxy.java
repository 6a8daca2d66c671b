package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Injects faults between Stocktake and an S3 server, at whole requests: HTTP/1.1, any method, with and without bodies. */
public final class StoreFaultProxy extends FaultProxy<StoreFault> {
    private volatile Refusal refusal = new Refusal(line -> false, 0, "");

    /** What is answered instead of what the server would. */
    private record Refusal(Predicate<String> requestLine, int status, String body) {
        byte[] to(Message request) {
            return ("HTTP/1.1 " + status + " \r\nContent-Type: application/xml\r\n"
                            + (request.isHead() ? "\r\n" : "Content-Length: " + body.length() + "\r\n\r\n" + body))
                    .getBytes(ISO_8859_1);
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
        answer(requestLine, status, errorDocument(code));
    }

    /** What a resolver calls before it resolves. */
    public void resolve(String host) throws UnknownHostException {
        Injection<StoreFault> current = injection();
        if (current.fault() == StoreFault.UNKNOWN_HOST && current.hits()) {
            current.injected();
            throw new UnknownHostException(host);
        }
    }

    private static final class Message {
        private final List<String> head;
        private final byte[] body;

        private Message(List<String> head, byte[] body) {
            this.head = head;
            this.body = body;
        }

        boolean isHead() {
            return head.get(0).startsWith("HEAD ");
        }

        String header(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return head.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip())
                    .findFirst()
                    .orElse("");
        }

        /** With this body, whole by its own account, and nothing that says otherwise. */
        Message with(byte[] other) {
            List<String> lines = new ArrayList<>(head);
            lines.removeIf(line -> line.toLowerCase(Locale.ROOT)
                    .matches("(content-length|transfer-encoding|content-md5|etag|x-amz-checksum-.*):.*"));
            lines.add("Content-Length: " + other.length);
            return new Message(lines, other);
        }

        byte[] bytes() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes((String.join("\r\n", head) + "\r\n\r\n").getBytes(ISO_8859_1));
            bytes.writeBytes(body);
            return bytes.toByteArray();
        }
    }

    @Override
    void serve(Socket client, Injection<StoreFault> accepted) throws IOException {
        InputStream in = new BufferedInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream();
        try (Socket server = connectToServer()) {
            InputStream fromServer = new BufferedInputStream(server.getInputStream());
            while (true) {
                Message request = message(in, false);
                Injection<StoreFault> now = injection();
                if (refusal.requestLine.test(request.head.get(0))) {
                    out.write(refusal.to(request));
                    continue;
                }
                StoreFault fault = now.fault() != StoreFault.UNKNOWN_HOST && now.hits() ? now.fault() : null;
                if (fault != null && answerInstead(fault, request, now, client, in, out)) {
                    if (client.isClosed()) {
                        return;
                    }
                    continue;
                }
                server.getOutputStream().write(request.bytes());
                if (fault == StoreFault.RESET_BEFORE_ANSWER) {
                    now.injected();
                    reset(client);
                    return;
                }
                Message answer = message(fromServer, request.isHead());
                while (answer.head.get(0).startsWith("HTTP/1.1 1")) {
                    answer = message(fromServer, request.isHead());
                }
                if (!request.isHead()) {
                    answer = answer.with(answer.body);
                }
                if (fault != null && spoil(fault, answer, now, client, out)) {
                    return;
                }
                boolean last = now.fault() == StoreFault.REFUSED || now.fault() == StoreFault.UNKNOWN_HOST;
                if (last) {
                    List<String> closing = new ArrayList<>(answer.head);
                    closing.add("Connection: close");
                    answer = new Message(closing, answer.body);
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

    /** What the server never hears of. */
    private static boolean answerInstead(
            StoreFault fault,
            Message request,
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

    private static byte[] error(int status, String code, Message request) {
        return new Refusal(line -> true, status, errorDocument(code)).to(request);
    }

    private static String errorDocument(String code) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code
                + "</Code><Message>As the test wants it</Message></Error>";
    }

    /** Breaks the connection off within the answer. */
    private static boolean spoil(
            StoreFault fault, Message answer, Injection<StoreFault> now, Socket client, OutputStream out)
            throws IOException {
        if (fault != StoreFault.RESET_IN_ANSWER) {
            return false;
        }
        byte[] whole = answer.bytes();
        int head = whole.length - answer.body.length;
        // within the head, where there is no body
        int sent = answer.body.length == 0 ? now.position(head) : head + now.position(answer.body.length);
        out.write(whole, 0, sent);
        now.injected();
        reset(client);
        return true;
    }

    /** Another document in place of the answer's; what has none stays as it is. */
    private static Message changed(StoreFault fault, Message answer, Message request, Injection<StoreFault> now) {
        byte[] body = answer.body;
        if (request.isHead() || body.length == 0) {
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

    private static Message message(InputStream in, boolean answerToHead) throws IOException {
        List<String> head = new ArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            head.add(line);
        }
        if (head.isEmpty()) {
            throw new IOException("An empty message");
        }
        Message message = new Message(head, new byte[0]);
        if (answerToHead) {
            return message;
        }
        if (message.header("transfer-encoding").equalsIgnoreCase("chunked")) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (int size = chunk(in); size > 0; size = chunk(in)) {
                body.writeBytes(read(in, size));
                line(in);
            }
            line(in);
            return message.with(body.toByteArray());
        }
        String length = message.header("content-length");
        return length.isEmpty() ? message : new Message(head, read(in, Integer.parseInt(length)));
    }

    private static int chunk(InputStream in) throws IOException {
        return Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = read(in); b != '\n'; b = read(in)) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }
}
