package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A request as an S3 server understands it, the bucket in its path.
 *
 * @param key decoded; empty for what concerns the bucket
 * @param query as it was sent; empty for none
 * @param headers by their names in lower case
 */
public record StoreRequest(String method, String bucket, String key, String query, Map<String, String> headers) {
    public StoreRequest {
        headers = Map.copyOf(headers);
    }

    static StoreRequest of(HttpMessage message) {
        List<String> head = message.head();
        String[] line = head.get(0).split(" ", 3);
        String[] address = line[1].split("\\?", 2);
        String[] path = address[0].substring(1).split("/", 2);
        Map<String, String> headers = new LinkedHashMap<>();
        for (String header : head.subList(1, head.size())) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        return new StoreRequest(
                line[0],
                decoded(path[0]),
                path.length == 1 ? "" : decoded(path[1]),
                address.length == 1 ? "" : address[1],
                headers);
    }

    /** Empty where there is none of that name. */
    public String header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    /** Whether it deletes the object of this key. */
    public boolean deletes(String other) {
        return method.equals("DELETE") && key.equals(other);
    }

    /** Whether it looks for the object of this key. */
    public boolean looksAt(String other) {
        return method.equals("HEAD") && key.equals(other);
    }

    /** Whether it makes a copy of an object, whole. */
    public boolean isCopy() {
        return method.equals("PUT") && headers.containsKey("x-amz-copy-source") && query.isEmpty();
    }

    /** Whether it makes a copy of the object of this key. */
    public boolean copies(String other) {
        return isCopy() && copySource().equals(other);
    }

    /** Whether it makes a copy under this key. */
    public boolean copiesTo(String other) {
        return isCopy() && key.equals(other);
    }

    /** The key that is copied; empty where none is. */
    public String copySource() {
        String source = decoded(header("x-amz-copy-source").split("\\?", 2)[0]);
        String withoutSlash = source.startsWith("/") ? source.substring(1) : source;
        return withoutSlash.substring(withoutSlash.indexOf('/') + 1);
    }

    /** Only the nth of these that is asked about; counted from 1. */
    public static Predicate<StoreRequest> nth(int number, Predicate<StoreRequest> which) {
        AtomicInteger asked = new AtomicInteger();
        return request -> which.test(request) && asked.incrementAndGet() == number;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
    }
}
