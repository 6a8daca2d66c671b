package dev.stocktake.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/**
 * An S3 server with one bucket of generated objects. It lists (version 2) and answers HEAD, checks no signatures, and
 * answers as late as it is told without a waiting thread, however many requests are under way. It has one thread.
 */
final class ListingStore implements AutoCloseable {
    static final String BUCKET = "synthetic";
    static final int MAX_KEYS = 1000;

    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);
    private static final String XML = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    private static final double NANOS = 1e9;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final HttpServer server;
    private final LongAdder lists = new LongAdder();
    private final LongAdder heads = new LongAdder();
    private final LongAdder throttled = new LongAdder();
    private volatile long threadId;
    private volatile PageXml pages;
    private volatile Layout layout;
    private volatile long latencyMillis;
    private volatile double mostRequestsPerSecond = Double.POSITIVE_INFINITY;

    /** Of the server's thread only: when the next request may come, by {@link System#nanoTime()}. */
    private long nextTurn = System.nanoTime();

    private ListingStore() {
        hold(Layout.spread(0));
        vertx.runOnContext(nothing -> threadId = Thread.currentThread().getId());
        server = vertx.createHttpServer()
                .requestHandler(this::answer)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    static ListingStore start() {
        return new ListingStore();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.actualPort());
    }

    /** Holds these objects from now on. */
    void hold(Layout objects) {
        layout = objects;
        pages = new PageXml(objects);
    }

    /** Answers every request so much later than it could. */
    void delay(Duration latency) {
        latencyMillis = latency.toMillis();
    }

    /** Answers 503 to what is more; infinity for no limit. */
    void throttle(double requestsPerSecond) {
        mostRequestsPerSecond = requestsPerSecond;
    }

    /** Requests since the start. */
    record Requests(long lists, long heads, long throttled) {
        Requests since(Requests earlier) {
            return new Requests(lists - earlier.lists, heads - earlier.heads, throttled - earlier.throttled);
        }
    }

    Requests requests() {
        return new Requests(lists.sum(), heads.sum(), throttled.sum());
    }

    /** Of the thread that answers. */
    double cpuSeconds() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(threadId) / NANOS;
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private void answer(HttpServerRequest request) {
        if (isTooEarly()) {
            throttled.increment();
            fail(request, 503, "SlowDown");
        } else if (latencyMillis > 0) {
            vertx.setTimer(latencyMillis, timer -> answerNow(request));
        } else {
            answerNow(request);
        }
    }

    /** Lets a tenth of a second's requests come at once, not more. */
    private boolean isTooEarly() {
        double most = mostRequestsPerSecond;
        if (most == Double.POSITIVE_INFINITY) {
            return false;
        }
        long now = System.nanoTime();
        nextTurn = Math.max(nextTurn, now - (long) (NANOS / 10));
        if (nextTurn > now) {
            return true;
        }
        nextTurn += (long) (NANOS / most);
        return false;
    }

    private void answerNow(HttpServerRequest request) {
        String path = request.path();
        String key = path.startsWith("/" + BUCKET + "/") ? path.substring(BUCKET.length() + 2) : "";
        if (request.method().equals(HttpMethod.HEAD)) {
            heads.increment();
            head(request.response(), key);
        } else if (request.method().equals(HttpMethod.GET)
                && key.isEmpty()
                && "2".equals(request.getParam("list-type"))) {
            lists.increment();
            list(request);
        } else if (request.method().equals(HttpMethod.GET) && !key.isEmpty()) {
            fail(request, 404, "NoSuchKey");
        } else {
            fail(request, 501, "NotImplemented");
        }
    }

    private void head(HttpServerResponse response, String key) {
        Layout held = layout;
        long number = held.firstBehind(key, true);
        boolean found = number < held.objects() && held.key(number).equals(key);
        response.putHeader("Date", HTTP_DATE.format(Instant.now()));
        if (found) {
            response.putHeader("Content-Length", Long.toString(PageXml.SIZE));
            response.putHeader("ETag", '"' + pages.etag(number) + '"');
            response.putHeader("Last-Modified", HTTP_DATE.format(held.lastModified()));
        }
        response.setStatusCode(found || key.isEmpty() ? 200 : 404).end();
    }

    private void list(HttpServerRequest request) {
        Layout held = layout;
        String prefix = request.getParam("prefix", "");
        String delimiter = request.getParam("delimiter", "");
        String startAfter = request.getParam("start-after", "");
        String token = request.getParam("continuation-token", "");
        int maxKeys = Math.min(Integer.parseInt(request.getParam("max-keys", "" + MAX_KEYS)), MAX_KEYS);

        long start = !token.isEmpty()
                ? Long.parseLong(token)
                : startAfter.isEmpty() ? 0 : held.firstBehind(startAfter, false);
        start = Math.max(start, held.firstBehind(prefix, true));
        long end = held.endOf(prefix, start);
        long next = start;
        List<String> folders = new ArrayList<>();
        if (delimiter.isEmpty()) {
            next = Math.min(end, start + maxKeys);
        } else {
            // objects beside folders there are none
            while (next < end && next - start + folders.size() < maxKeys) {
                String key = held.key(next);
                int delimited = key.indexOf(delimiter, prefix.length());
                if (delimited < 0) {
                    next++;
                } else {
                    folders.add(key.substring(0, delimited + delimiter.length()));
                    next = held.endOf(folders.get(folders.size() - 1), next);
                    start = next;
                }
            }
        }
        boolean encoded = "url".equals(request.getParam("encoding-type"));
        int objects = (int) (next - start);
        StringBuilder head =
                new StringBuilder(XML).append("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        element(head, "Name", BUCKET, false);
        element(head, "Prefix", prefix, encoded);
        element(head, "MaxKeys", "" + maxKeys, false);
        element(head, "KeyCount", "" + (objects + folders.size()), false);
        element(head, "IsTruncated", "" + (maxKeys > 0 && next < end), false);
        if (encoded) {
            element(head, "EncodingType", "url", false);
        }
        if (!delimiter.isEmpty()) {
            element(head, "Delimiter", delimiter, encoded);
        }
        if (!startAfter.isEmpty()) {
            element(head, "StartAfter", startAfter, encoded);
        }
        if (!token.isEmpty()) {
            element(head, "ContinuationToken", token, false);
        }
        if (maxKeys > 0 && next < end) {
            element(head, "NextContinuationToken", "" + next, false);
        }
        byte[] page = pages.page(head.toString(), start, objects, folders);
        request.response()
                .putHeader("Date", HTTP_DATE.format(Instant.now()))
                .putHeader("Content-Type", "application/xml")
                .end(Buffer.buffer(page));
    }

    private static void element(StringBuilder xml, String name, String text, boolean encoded) {
        String shown = encoded
                ? URLEncoder.encode(text, UTF_8)
                : text.replace("&", "&amp;").replace("<", "&lt;");
        xml.append('<').append(name).append('>').append(shown);
        xml.append("</").append(name).append('>');
    }

    private static void fail(HttpServerRequest request, int status, String code) {
        request.response()
                .setStatusCode(status)
                .putHeader("Date", HTTP_DATE.format(Instant.now()))
                .putHeader("Content-Type", "application/xml")
                .end(XML + "<Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>");
    }
}
