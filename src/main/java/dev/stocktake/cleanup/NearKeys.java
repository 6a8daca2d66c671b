package dev.stocktake.cleanup;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.text.Normalizer;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The storage keys under which records may name a file although it has another key: what near matches are in a report, as
 * far as it can be asked for by key.
 */
final class NearKeys {
    private NearKeys() {}

    /** The key itself, and what one step makes of it. */
    static Set<String> of(String key, String bucket) {
        Set<String> keys = new LinkedHashSet<>();
        keys.add(key);
        keys.add(decoded(key));
        keys.add(URLEncoder.encode(key, UTF_8).replace("%2F", "/"));
        keys.add(URLEncoder.encode(key, UTF_8).replace("%2F", "/").replace("+", "%20"));
        keys.add(key.replace('+', ' '));
        keys.add(key.replace(' ', '+'));
        keys.add(Normalizer.normalize(key, Normalizer.Form.NFC));
        keys.add(Normalizer.normalize(key, Normalizer.Form.NFD));
        keys.add(key.toLowerCase(Locale.ROOT));
        keys.add("/" + key);
        keys.add(key.startsWith("/") ? key.substring(1) : key);
        keys.add(bucket + "/" + key);
        keys.add("s3://" + bucket + "/" + key);
        keys.add(key.replaceAll("/{2,}", "/"));
        keys.removeIf(each -> each.isEmpty() || each.indexOf('\0') >= 0);
        return keys;
    }

    private static String decoded(String key) {
        try {
            return URLDecoder.decode(key.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return key;
        }
    }
}
