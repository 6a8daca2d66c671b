package dev.stocktake.near;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One way in which two keys of an asset differ, the likeliest first. A step takes one spelling to a plainer one; two keys
 * agree by it when either is what it makes of the other, or it makes the same of both.
 *
 * <p>Who adds a step lets {@link Form} undo at least as much: keys that agree by any steps must have forms in common.
 */
public enum Step {
    BUCKET_OR_HOST_PREFIX {
        @Override
        List<String> plainer(String key, String bucket) {
            String path = pathOfUrl(key);
            return path == null ? one(withoutFolder(key, bucket), key) : pathAndRests(path, bucket + "/");
        }
    },
    QUERY_AND_FRAGMENT {
        @Override
        List<String> plainer(String key, String bucket) {
            int end = endOfPath(key);
            return end > 0 && end < key.length() ? List.of(key.substring(0, end)) : List.of();
        }
    },
    PERCENT_DECODING {
        @Override
        List<String> plainer(String key, String bucket) {
            return one(percentDecoded(key), key);
        }
    },
    PLUS_AS_SPACE {
        @Override
        List<String> plainer(String key, String bucket) {
            return one(key.replace('+', ' '), key);
        }
    },
    UNICODE_NORMALIZATION {
        @Override
        List<String> plainer(String key, String bucket) {
            return one(Normalizer.normalize(key, Normalizer.Form.NFC), key);
        }
    },
    CASE {
        @Override
        List<String> plainer(String key, String bucket) {
            return one(withoutCase(key), key);
        }
    },
    LEADING_SLASH {
        @Override
        List<String> plainer(String key, String bucket) {
            return key.length() > 1 && key.charAt(0) == '/' ? List.of(key.substring(1)) : List.of();
        }
    },
    DOUBLED_SLASH {
        @Override
        List<String> plainer(String key, String bucket) {
            return one(withSingleSlashes(key), key);
        }
    },
    SURROUNDING_SPACE {
        @Override
        List<String> plainer(String key, String bucket) {
            return one(key.strip(), key);
        }
    };

    /** More of them would let any two keys agree. */
    static final int LONGEST_CHAIN = 3;

    private static final int BITS = 4;

    private static final List<Step> LIKELIEST_FIRST = List.of(values());

    /** What the step makes of a key, all of it plainer and none of it empty; nothing where it does not apply. */
    abstract List<String> plainer(String key, String bucket);

    /** As {@code near_match_by} names it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As {@code near_match_by} names steps that are taken one after another. */
    static String labels(List<Step> chain) {
        return chain.stream().map(Step::label).collect(Collectors.joining(","));
    }

    /** As a sentence says what {@code near_match_by} holds. */
    public static String spoken(String labels) {
        return labels.replace('_', ' ').replace(",", ", ");
    }

    /** The smaller, the likelier: a shorter chain first, then the order of its steps. */
    static int rank(List<Step> chain) {
        int rank = chain.size();
        for (int i = 0; i < LONGEST_CHAIN; i++) {
            rank = (rank << BITS) + (i < chain.size() ? LIKELIEST_FIRST.indexOf(chain.get(i)) : 0);
        }
        return rank;
    }

    private static List<String> one(String plainer, String key) {
        return plainer == null || plainer.isEmpty() || plainer.equals(key) ? List.of() : List.of(plainer);
    }

    private static String withoutFolder(String key, String bucket) {
        int folder = bucket.length() + 1;
        return key.length() > folder && key.startsWith(bucket) && key.charAt(folder - 1) == '/'
                ? key.substring(folder)
                : null;
    }

    /** A path, and what is behind the bucket in it: some servers of files have it behind a path of their own. */
    private static List<String> pathAndRests(String path, String folder) {
        List<String> all = new ArrayList<>(List.of(path));
        int at = path.startsWith(folder) ? 0 : nextFolder(path, folder, 0);
        while (at >= 0) {
            if (at + folder.length() < path.length()) {
                all.add(path.substring(at + folder.length()));
            }
            at = nextFolder(path, folder, at);
        }
        return all;
    }

    /** Where a folder begins behind a place; -1 where none does. */
    static int nextFolder(String path, String folder, int from) {
        int slash = path.indexOf("/" + folder, from);
        return slash < 0 ? -1 : slash + 1;
    }

    /**
     * What is behind {@code scheme://host/}, or {@code //host/} for a host with a dot or a port; null where that is not how
     * the key begins, or nothing is behind it.
     */
    private static String pathOfUrl(String key) {
        int scheme = key.indexOf("://");
        boolean isRelative = key.startsWith("//");
        if (!isRelative && (scheme < 1 || !isScheme(key, scheme))) {
            return null;
        }
        int host = isRelative ? 2 : scheme + 3;
        for (int end = host; end < key.length(); end++) {
            switch (key.charAt(end)) {
                case '/' -> {
                    boolean behindHost = end > host && (!isRelative || isHost(key, host, end));
                    return behindHost && end + 1 < key.length() ? key.substring(end + 1) : null;
                }
                // of no host: what is behind them is not the path, or not yet
                case '?', '#', '%' -> {
                    return null;
                }
                default -> {}
            }
        }
        return null;
    }

    /** Whether it can hardly be the name of a folder. */
    static boolean isHost(String key, int from, int end) {
        int dot = key.indexOf('.', from);
        int port = key.indexOf(':', from);
        return (dot >= from && dot < end) || (port >= from && port < end);
    }

    private static boolean isScheme(String key, int end) {
        for (int i = 0; i < end; i++) {
            char at = key.charAt(i);
            boolean letter = (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z');
            boolean other = (at >= '0' && at <= '9') || at == '+' || at == '-' || at == '.';
            if (!letter && (i == 0 || !other)) {
                return false;
            }
        }
        return true;
    }

    /** Where a query or a fragment begins; the length of the key where none does. */
    static int endOfPath(String key) {
        int query = key.indexOf('?');
        int fragment = key.indexOf('#');
        int first = query < 0 || (fragment >= 0 && fragment < query) ? fragment : query;
        return first < 0 ? key.length() : first;
    }

    static String withSingleSlashes(String key) {
        if (!key.contains("//")) {
            return key;
        }
        StringBuilder plainer = new StringBuilder(key.length());
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) != '/' || i == 0 || key.charAt(i - 1) != '/') {
                plainer.append(key.charAt(i));
            }
        }
        return plainer.toString();
    }

    /** Without the case of any script; by way of upper case, because some letters have two lower ones. */
    static String withoutCase(String key) {
        int from = 0;
        while (from < key.length() && isPlain(key.charAt(from))) {
            from++;
        }
        if (from == key.length()) {
            return key;
        }
        StringBuilder plainer = new StringBuilder(key.length() + 8).append(key, 0, from);
        for (int at = from; at < key.length(); at += Character.charCount(key.codePointAt(at))) {
            int character = key.codePointAt(at);
            if (character < 0x80) {
                plainer.append((char) (character >= 'A' && character <= 'Z' ? character + 32 : character));
            } else if (character == '\u0130') {
                // what it is to normalization, too
                plainer.append("i\u0307");
            } else if (Character.getType(character) == Character.NON_SPACING_MARK) {
                plainer.appendCodePoint(character);
            } else {
                plainer.appendCodePoint(Character.toLowerCase(Character.toUpperCase(character)));
            }
        }
        return plainer.toString();
    }

    private static boolean isPlain(char at) {
        return at < 0x80 && !(at >= 'A' && at <= 'Z');
    }

    /** A percent sign without two hexadecimal digits stays; null for what no key can be. */
    private static String percentDecoded(String key) {
        if (key.indexOf('%') < 0) {
            return key;
        }
        byte[] bytes = key.getBytes(UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            int escaped = escapedAt(bytes, i);
            if (escaped == 0) {
                return null;
            }
            decoded.write(escaped < 0 ? bytes[i] : escaped);
            i += escaped < 0 ? 0 : 2;
        }
        return text(decoded.toByteArray());
    }

    /** The byte that is written as a percent sign and two hexadecimal digits at a place; -1 for none. */
    static int escapedAt(byte[] bytes, int at) {
        if (at + 2 >= bytes.length || bytes[at] != '%') {
            return -1;
        }
        int high = Character.digit(bytes[at + 1], 16);
        int low = Character.digit(bytes[at + 2], 16);
        return high < 0 || low < 0 ? -1 : 16 * high + low;
    }

    /** Null for bytes that are not UTF-8. */
    static String text(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException none) {
            return null;
        }
    }
}
