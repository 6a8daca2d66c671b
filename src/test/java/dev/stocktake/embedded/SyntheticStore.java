package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * An S3 server with one bucket that can be as large as wanted and as wrong as wanted. It lists the bucket (version 2),
 * answers HEAD for the bucket and for objects, and checks no signatures; it has no content and changes nothing.
 *
 * <p>The oddities of listings are a {@link Behaviour}, those of HEAD a {@link HeadStatus}.
 */
public final class SyntheticStore implements AutoCloseable {
    /** The only bucket there is. */
    public static final String BUCKET = "synthetic";

    private static final int MAX_KEYS = 1000;
    private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0);
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private final Listing listing;
    private final Map<RequestKind, LongAdder> requests =
            Arrays.stream(RequestKind.values()).collect(Collectors.toMap(Function.identity(), kind -> new LongAdder()));
    private final WireServer server;
    private final S3Client client;
    private volatile Conduct conduct = new Conduct(Behaviour.honest());
    private volatile HeadStatus headStatus = HeadStatus.HONEST;

    /** What requests are counted by. */
    public enum RequestKind {
        LIST,
        HEAD_BUCKET,
        HEAD_OBJECT,
        GET_OBJECT,
        OTHER
    }

    /** The HTTP status with which HEAD of an object is answered. */
    @FunctionalInterface
    public interface HeadStatus {
        /** As S3 does for who may read and list. */
        HeadStatus HONEST = found -> found ? 200 : 404;

        int of(boolean found);
    }

    private SyntheticStore(Listing listing) {
        this.listing = listing;
        try {
            server = new WireServer(this::reply);
        } catch (IOException e) {
            throw new UncheckedIOException("The synthetic store does not start", e);
        }
        client = StoreClient.of(server.endpoint(), "any-access-key", "any-secret-key");
    }

    /** A running store with these objects. */
    public static SyntheticStore of(Listing listing) {
        return new SyntheticStore(listing);
    }

    /** A running store with objects of these keys, which must increase in UTF-8 byte order with the number, from 0. */
    public static SyntheticStore generated(long count, LongFunction<String> keyAt) {
        return of(Listing.generated(count, number -> ObjectEntry.of(keyAt.apply(number))));
    }

    /** Where it listens; the bucket is in the path. */
    public URI endpoint() {
        return server.endpoint();
    }

    /** A client of this store, which is closed with it. */
    public S3Client client() {
        return client;
    }

    /** Answers listings so from now on; the next one is number 1. */
    public void behave(Behaviour behaviour) {
        conduct = new Conduct(behaviour);
    }

    /** Answers HEAD of objects so from now on. */
    public void behaveOnHead(HeadStatus status) {
        headStatus = status;
    }

    /** How many requests have come, repeated ones too. */
    public long requests() {
        return requests.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** How many requests of this kind have come, repeated ones too. */
    public long requests(RequestKind kind) {
        return requests.get(kind).sum();
    }

    /** Closes the port and every connection at once. */
    @Override
    public void close() {
        server.close();
        client.close();
    }

    private WireServer.Reply reply(WireServer.Request request) {
        try {
            String path = decoded(request.path().replace("+", "%2B"));
            int slash = path.indexOf('/', 1);
            String bucket = path.substring(1, slash < 0 ? path.length() : slash);
            String key = slash < 0 ? "" : path.substring(slash + 1);
            Map<String, String> query = parameters(request.query());

            RequestKind kind = kind(request.method(), key, query);
            requests.get(kind).increment();
            if (!bucket.equals(BUCKET)) {
                return reply(new Answer.Failure(404, "NoSuchBucket", "The specified bucket does not exist"));
            }
            return switch (kind) {
                case LIST -> list(query);
                case HEAD_BUCKET -> new WireServer.Reply(200, Map.of("Date", now()), NO_BODY, false);
                case HEAD_OBJECT -> head(key);
                case GET_OBJECT ->
                    reply(new Answer.Failure(404, "NoSuchKey", "Nobody needs the content of its objects"));
                case OTHER -> reply(new Answer.Failure(501, "NotImplemented", "This store only lists"));
            };
        } catch (IllegalArgumentException e) {
            return reply(new Answer.Failure(400, "InvalidArgument", e.toString()));
        } catch (RuntimeException e) {
            return reply(new Answer.Failure(500, "InternalError", e.toString()));
        }
    }

    private static RequestKind kind(String method, String key, Map<String, String> query) {
        if (method.equals("GET") && key.isEmpty() && "2".equals(query.get("list-type"))) {
            return RequestKind.LIST;
        }
        if (method.equals("GET") && !key.isEmpty()) {
            return RequestKind.GET_OBJECT;
        }
        if (method.equals("HEAD")) {
            return key.isEmpty() ? RequestKind.HEAD_BUCKET : RequestKind.HEAD_OBJECT;
        }
        return RequestKind.OTHER;
    }

    private WireServer.Reply list(Map<String, String> query) {
        Conduct current = conduct;
        ListRequest request = new ListRequest(
                current.number.incrementAndGet(),
                query.getOrDefault("prefix", ""),
                query.getOrDefault("delimiter", ""),
                query.getOrDefault("start-after", ""),
                query.getOrDefault("continuation-token", ""),
                Math.min(Integer.parseInt(query.getOrDefault("max-keys", "" + MAX_KEYS)), MAX_KEYS),
                "url".equals(query.get("encoding-type")));
        return reply(request, current.behaviour.answer(request, this::page), false);
    }

    private Answer page(ListRequest request) {
        Slice slice = Slice.of(listing, request.prefix(), request.delimiter(), request.start(), request.maxKeys());
        return new Answer.Page(
                slice.entries(),
                slice.commonPrefixes(),
                slice.next().isPresent(),
                slice.next().map(Position::token).orElse(""));
    }

    private WireServer.Reply head(String key) {
        Optional<ObjectEntry> found = listing.find(key);
        int status = headStatus.of(found.isPresent());
        if (status != 200) {
            return reply(new Answer.Failure(status, "SomeCode", "HEAD shows nothing of this"));
        }
        ObjectEntry object = found.orElseGet(() -> ObjectEntry.of(key));
        Map<String, String> headers = Map.of(
                "Date", now(),
                "Content-Length", Long.toString(object.size()),
                "ETag", '"' + object.etag() + '"',
                "Last-Modified", HTTP_DATE.format(object.lastModified()));
        return new WireServer.Reply(200, headers, NO_BODY, false);
    }

    private static WireServer.Reply reply(ListRequest request, Answer answer, boolean rawEcho) {
        if (answer instanceof Answer.Page page) {
            return new WireServer.Reply(200, xmlHeaders(now()), ListXml.of(BUCKET, request, page, rawEcho), false);
        }
        if (answer instanceof Answer.Failure failure) {
            return reply(failure);
        }
        if (answer instanceof Answer.Cut cut) {
            WireServer.Reply whole = reply(request, cut.whole(), rawEcho);
            return new WireServer.Reply(whole.status(), whole.headers(), whole.body(), true);
        }
        if (answer instanceof Answer.Malformed malformed) {
            WireServer.Reply whole = reply(request, malformed.whole(), rawEcho);
            ByteBuffer half = whole.body().duplicate();
            half.limit(half.position() + half.remaining() / 2);
            return new WireServer.Reply(whole.status(), whole.headers(), half, whole.cut());
        }
        if (answer instanceof Answer.Dated dated) {
            return dated(reply(request, dated.whole(), rawEcho), Optional.of(dated.date()));
        }
        if (answer instanceof Answer.Undated undated) {
            return dated(reply(request, undated.whole(), rawEcho), Optional.empty());
        }
        if (answer instanceof Answer.RawEcho raw) {
            return reply(request, raw.whole(), true);
        }
        throw new IllegalStateException("No such answer, was: " + answer);
    }

    private static WireServer.Reply reply(Answer.Failure failure) {
        return new WireServer.Reply(failure.status(), xmlHeaders(now()), ListXml.of(failure), false);
    }

    private static WireServer.Reply dated(WireServer.Reply reply, Optional<Instant> date) {
        Map<String, String> headers = new HashMap<>(reply.headers());
        headers.remove("Date");
        date.map(HTTP_DATE::format).ifPresent(text -> headers.put("Date", text));
        return new WireServer.Reply(reply.status(), headers, reply.body(), reply.cut());
    }

    private static Map<String, String> xmlHeaders(String date) {
        return Map.of("Date", date, "Content-Type", "application/xml");
    }

    private static String now() {
        return HTTP_DATE.format(Instant.now());
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String parameter : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            if (equals >= 0) {
                parameters.put(decoded(parameter.substring(0, equals)), decoded(parameter.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, UTF_8);
    }

    /** A behaviour and the number of listings it has seen. */
    private static final class Conduct {
        private final Behaviour behaviour;
        private final AtomicInteger number = new AtomicInteger();

        private Conduct(Behaviour behaviour) {
            this.behaviour = behaviour;
        }
    }
}
