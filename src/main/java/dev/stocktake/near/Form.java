package dev.stocktake.near;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.text.Normalizer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is left of a key when everything is undone that a {@link Step} undoes, and a little more, so that the order of the
 * steps makes no difference. Keys that agree by steps agree in a form, and few others do: the {@link Pairing} tells. Of a
 * query or fragment one of the two keys is rid at most, because names that differ by it alone are different names.
 *
 * @param whole with its query and fragment
 * @param paths without; one for each level of percent-encoding that they may be written at, so that few keys have any
 */
record Form(String whole, List<String> paths) {
    /** As often as a chain of steps can decode a key before it takes off its query, and once for not at all. */
    private static final int LEVELS = Step.LONGEST_CHAIN;

    private static final long[] NONE = {};

    static Form of(String key, Bucket bucket) {
        Set<String> paths = new LinkedHashSet<>();
        addPaths(key, bucket, paths);
        if (!Normalizer.isNormalized(key, Normalizer.Form.NFC)) {
            // a hexadecimal digit that an accent joins escapes nothing any more
            addPaths(Normalizer.normalize(key, Normalizer.Form.NFC), bucket, paths);
        }
        return new Form(plainest(key, bucket), List.copyOf(paths));
    }

    private static void addPaths(String key, Bucket bucket, Set<String> paths) {
        String level = key;
        for (int i = 0; i < LEVELS; i++) {
            int end = Step.endOfPath(level);
            if (end > 0 && end < level.length()) {
                paths.add(plainest(level.substring(0, end), bucket));
            }
            String next = decoded(level);
            if (next.equals(level)) {
                return;
            }
            level = next;
        }
    }

    /** The name of a bucket, and how keys of plain form have it in front. */
    record Bucket(String name, String folder) {
        static Bucket of(String name) {
            return new Bucket(name, withoutSpelling(name).replace('+', ' ') + "/");
        }
    }

    private static String plainest(String key, Bucket bucket) {
        String before = key;
        for (; ; ) {
            String plainer = withoutSpelling(allDecoded(before)).replace('+', ' ');
            plainer = withoutPrefix(Step.withSingleSlashes(plainer), bucket.folder());
            if (plainer.equals(before)) {
                return plainer;
            }
            before = plainer;
        }
    }

    /** Composed and decomposed letters alike, whatever their case. */
    private static String withoutSpelling(String key) {
        String plainer = Step.withoutCase(Normalizer.normalize(key, Normalizer.Form.NFD));
        return Normalizer.normalize(plainer, Normalizer.Form.NFD);
    }

    private static String withoutPrefix(String key, String folder) {
        String plainer = key.startsWith("/") ? key.substring(1) : key;
        if (plainer.startsWith(folder)) {
            return plainer.substring(folder.length());
        }
        int scheme = plainer.indexOf(":/");
        if (scheme < 1 || !isScheme(plainer, scheme)) {
            return plainer;
        }
        int host = plainer.indexOf('/', scheme + 2);
        return host < 0 ? plainer : plainer.substring(host + 1);
    }

    /** With a space for what was a plus sign. */
    private static boolean isScheme(String key, int end) {
        for (int i = 0; i < end; i++) {
            char at = key.charAt(i);
            boolean letter = at >= 'a' && at <= 'z';
            boolean other = (at >= '0' && at <= '9') || at == ' ' || at == '-' || at == '.';
            if (!letter && (i == 0 || !other)) {
                return false;
            }
        }
        return true;
    }

    private static String allDecoded(String key) {
        String before = key;
        for (; ; ) {
            String next = decoded(before);
            if (next.equals(before)) {
                return next;
            }
            before = next;
        }
    }

    /** Each character that is written in percent-encoding and can be in a key, whatever else the key holds. */
    private static String decoded(String key) {
        if (key.indexOf('%') < 0) {
            return key;
        }
        byte[] bytes = key.getBytes(UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; ) {
            byte[] character = characterAt(bytes, i);
            if (character.length == 0) {
                decoded.write(bytes[i]);
                i++;
            } else {
                decoded.writeBytes(character);
                i += 3 * character.length;
            }
        }
        return decoded.toString(UTF_8);
    }

    private static byte[] characterAt(byte[] bytes, int at) {
        int first = Step.escapedAt(bytes, at);
        int length = first <= 0 ? 0 : first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        byte[] character = new byte[length];
        for (int i = 0; i < length; i++) {
            int escaped = Step.escapedAt(bytes, at + 3 * i);
            if (escaped < 0) {
                return new byte[0];
            }
            character[i] = (byte) escaped;
        }
        return Step.text(character) == null ? new byte[0] : character;
    }

    /** Of {@link #whole}, in few bits; two forms of one hash cost a comparison and nothing else. */
    long hash() {
        return hash(whole);
    }

    /** Of each of {@link #paths}. */
    long[] pathHashes() {
        return paths.isEmpty() ? NONE : paths.stream().mapToLong(Form::hash).toArray();
    }

    private static long hash(String form) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < form.length(); i++) {
            hash = (hash ^ form.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        return hash ^ (hash >>> 33);
    }

    /** Tells the hash of a path from that of a whole key. */
    static long ofPath(long hash) {
        return Long.rotateLeft(hash, 17) ^ 0x9e3779b97f4a7c15L;
    }
}
