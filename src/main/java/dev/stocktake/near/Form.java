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
 * @param wholes with its query and fragment: all of the key first, then what is behind the bucket or host in it, so that few
 *     keys have more than one
 * @param paths without; one for each level of percent-encoding that they may be written at, so that few keys have any
 */
record Form(List<String> wholes, List<String> paths) {
    /** As often as a chain of steps can decode a key before it takes off its query, and once for not at all. */
    private static final int LEVELS = Step.LONGEST_CHAIN;

    /** In longer ones the bucket is not looked for, because each that is found costs as much as the whole key. */
    private static final int LONGEST_URL = 16_384;

    private static final long[] NONE = {};

    static Form of(String key, Bucket bucket) {
        Shorter shorter = new Shorter(bucket, new LinkedHashSet<>(), new LinkedHashSet<>());
        shorter.addOf(key);
        if (!Normalizer.isNormalized(key, Normalizer.Form.NFC)) {
            // a hexadecimal digit that an accent joins escapes nothing any more
            shorter.addOf(Normalizer.normalize(key, Normalizer.Form.NFC));
        }
        String whole = plainest(key, bucket);
        if (shorter.rests.isEmpty()) {
            return new Form(List.of(whole), List.copyOf(shorter.paths));
        }
        Set<String> wholes = new LinkedHashSet<>(List.of(whole));
        wholes.addAll(shorter.rests);
        return new Form(List.copyOf(wholes), List.copyOf(shorter.paths));
    }

    /**
     * What is left when a part of a key is taken off.
     *
     * @param paths null where none are wanted
     */
    private record Shorter(Bucket bucket, Set<String> rests, Set<String> paths) {
        void addOf(String key) {
            String level = key;
            for (int i = 0; i < LEVELS; i++) {
                addPath(level);
                addRestsOf(level);
                String next = decoded(level);
                if (next.equals(level)) {
                    return;
                }
                level = next;
            }
        }

        private void addPath(String key) {
            int end = Step.endOfPath(key);
            if (paths != null && end > 0 && end < key.length()) {
                String path = key.substring(0, end);
                paths.add(plainest(path, bucket));
                // a query of the path itself stays with it, whatever it is written like
                Shorter ofPath = new Shorter(bucket, new LinkedHashSet<>(), null);
                String level = path;
                for (int i = 0; i < LEVELS; i++) {
                    ofPath.addRestsOf(level);
                    level = decoded(level);
                }
                paths.addAll(ofPath.rests);
            }
        }

        private void addRestsOf(String key) {
            if (key.contains("//") && key.length() <= LONGEST_URL) {
                addRests(withoutSpelling(key).replace('+', ' '));
            }
        }

        /** Wherever in the key the URL begins, because steps may take off what is before it. */
        private void addRests(String key) {
            int url = key.indexOf("://");
            for (int at = key.indexOf("//"); at >= 0; at = key.indexOf("//", at + 1)) {
                if (at == 0 || key.charAt(at - 1) != ':') {
                    int end = key.indexOf('/', at + 2);
                    if (end >= 0 && Step.isHost(key, at + 2, end)) {
                        addRest(key.substring(end + 1));
                        url = url < 0 ? at : Math.min(url, at);
                    }
                }
            }
            for (int at = url; at >= 0; at = Step.nextFolder(key, bucket.folder(), at)) {
                if (at > url) {
                    addRest(key.substring(at + bucket.folder().length()));
                }
            }
        }

        private void addRest(String key) {
            rests.add(plainest(key, bucket));
            addPath(key);
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
            String plainer =
                    withoutSpelling(allDecoded(before)).replace('+', ' ').strip();
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

    /** Of each of {@link #wholes}, in few bits; two forms of one hash cost a comparison and nothing else. */
    long[] hashes() {
        return hashes(wholes);
    }

    /** Of each of {@link #paths}. */
    long[] pathHashes() {
        return hashes(paths);
    }

    private static long[] hashes(List<String> forms) {
        if (forms.isEmpty()) {
            return NONE;
        }
        long[] hashes = new long[forms.size()];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = hash(forms.get(i));
        }
        return hashes;
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
