package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A whole request or answer of HTTP/1.1.
 *
 * @param head its lines; the first one is the request line or the status line
 */
@SuppressWarnings("ArrayRecordComponent")
record HttpMessage(List<String> head, byte[] body) {
    /**
     * Reads one to its end.
     *
     * @param answerToHead whether there is no body whatever the head says
     */
    static HttpMessage from(InputStream in, boolean answerToHead) throws IOException {
        List<String> head = new ArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            head.add(line);
        }
        if (head.isEmpty()) {
            throw new IOException("An empty message");
        }
        HttpMessage message = new HttpMessage(head, new byte[0]);
        if (answerToHead) {
            return message;
        }
        if (message.header("transfer-encoding").equalsIgnoreCase("chunked")) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (int size = chunk(in); size > 0; size = chunk(in)) {
                body.writeBytes(LoopbackProxy.read(in, size));
                line(in);
            }
            line(in);
            return message.unchunked(body.toByteArray());
        }
        String length = message.header("content-length");
        return length.isEmpty() ? message : new HttpMessage(head, LoopbackProxy.read(in, Integer.parseInt(length)));
    }

    /** Reads the answer to a request, without those that only announce it. */
    static HttpMessage answerFrom(InputStream in, HttpMessage request) throws IOException {
        HttpMessage answer = from(in, request.isHead());
        while (answer.head.get(0).startsWith("HTTP/1.1 1")) {
            answer = from(in, request.isHead());
        }
        return answer;
    }

    /** Of an answer. */
    int status() {
        return Integer.parseInt(head.get(0).split(" ", 3)[1]);
    }

    private static int chunk(InputStream in) throws IOException {
        return Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = LoopbackProxy.read(in); b != '\n'; b = LoopbackProxy.read(in)) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    /** What is answered instead of what the server would. */
    static HttpMessage answer(HttpMessage request, int status, String body) {
        List<String> head = new ArrayList<>(List.of("HTTP/1.1 " + status + " ", "Content-Type: application/xml"));
        if (request.isHead()) {
            return new HttpMessage(head, new byte[0]);
        }
        head.add("Content-Length: " + body.length());
        return new HttpMessage(head, body.getBytes(ISO_8859_1));
    }

    /** The document that S3 answers with where it refuses. */
    static String errorDocument(String code) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code
                + "</Code><Message>As the test wants it</Message></Error>";
    }

    /** A request whose address is a path, as a server wants it rather than a proxy. */
    HttpMessage toServer() {
        List<String> lines = new ArrayList<>(head);
        lines.set(0, head.get(0).replaceFirst(" https?://[^/ ]+", " "));
        return new HttpMessage(lines, body);
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

    private HttpMessage unchunked(byte[] whole) {
        List<String> lines = new ArrayList<>(head);
        lines.removeIf(line -> line.toLowerCase(Locale.ROOT).startsWith("transfer-encoding:"));
        lines.add("Content-Length: " + whole.length);
        return new HttpMessage(lines, whole);
    }

    /** With another line in place of that of its name. */
    HttpMessage withHeader(String name, String value) {
        List<String> lines = new ArrayList<>(withoutHeader(name).head);
        lines.add(name + ": " + value);
        return new HttpMessage(lines, body);
    }

    HttpMessage withoutHeader(String name) {
        List<String> lines = new ArrayList<>(head);
        lines.removeIf(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"));
        return new HttpMessage(lines, body);
    }

    /** With this body, whole by its own account, and nothing that says otherwise. */
    HttpMessage with(byte[] other) {
        List<String> lines = new ArrayList<>(head);
        lines.removeIf(line -> line.toLowerCase(Locale.ROOT)
                .matches("(content-length|transfer-encoding|content-md5|etag|x-amz-checksum-.*):.*"));
        lines.add("Content-Length: " + other.length);
        return new HttpMessage(lines, other);
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes((String.join("\r\n", head) + "\r\n\r\n").getBytes(ISO_8859_1));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }
}
