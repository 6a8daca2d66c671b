package dev.stocktake.storage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.stocktake.compare.StoredObject;
import dev.stocktake.text.PlainTime;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The objects of a ListObjectsV2 answer in the plain form that stores write, straight from its bytes: the SDK makes a tree
 * of a page before it makes objects, which costs more than all the rest of a comparison.
 *
 * <p>Plain is less than XML, and less than the SDK reads: elements without attributes, printable ASCII, the entities of
 * quotes and markup, times in UTC, each property of an object once. Anything else, however well-formed or broken, is left
 * to the SDK, whole.
 */
final class PlainListing {
    private static final int LONGEST_HEAD = 300;
    private static final int MOST_DIGITS = 18;
    private static final int DEEPEST = 5;

    private static final Pattern HEAD =
            Pattern.compile("(?:<\\?xml version=[\"']1\\.0[\"'](?: encoding=[\"'](?:UTF-8|utf-8)[\"'])?\\s?\\?>)?\\s*"
                    + "<ListBucketResult(?: xmlns=[\"'][A-Za-z0-9:/.-]+[\"'])?>");
    private static final byte[] CONTENTS = ascii("Contents");
    private static final byte[] RESTORE_STATUS = ascii("RestoreStatus");
    private static final byte[] OBJECT = ascii("<Contents>");
    private static final byte[] END_OF_OBJECT = ascii("</Contents>");
    private static final byte[] KEY = ascii("<Key>");
    private static final byte[] END_OF_KEY = ascii("</Key>");
    private static final byte[] LAST_MODIFIED = ascii("<LastModified>");
    private static final byte[] END_OF_LAST_MODIFIED = ascii("</LastModified>");
    private static final byte[] ETAG = ascii("<ETag>");
    private static final byte[] END_OF_ETAG = ascii("</ETag>");
    private static final byte[] SIZE = ascii("<Size>");
    private static final byte[] END_OF_SIZE = ascii("</Size>");
    private static final byte[] END_OF_LISTING = ascii("</ListBucketResult>");

    private final List<StoredObject> objects;
    private final byte[] rest;

    private PlainListing(List<StoredObject> objects, byte[] rest) {
        this.objects = objects;
        this.rest = rest;
    }

    /** The listing; empty when the answer is not in the plain form. */
    static Optional<PlainListing> of(byte[] answer) {
        try {
            return Optional.of(new Reader(answer).listing());
        } catch (NotPlainException other) {
            return Optional.empty();
        }
    }

    /** In the order of the answer; with their keys as it has them, perhaps URL-encoded. */
    List<StoredObject> objects() {
        return objects;
    }

    /** The answer without its objects. */
    InputStream rest() {
        return new ByteArrayInputStream(rest);
    }

    /** The objects with their keys decoded, exactly as the SDK does it. */
    List<StoredObject> urlDecoded() {
        return objects.stream().map(PlainListing::urlDecoded).toList();
    }

    private static StoredObject urlDecoded(StoredObject object) {
        String key = object.key();
        return key.indexOf('%') < 0 && key.indexOf('+') < 0
                ? object
                : new StoredObject(
                        URLDecoder.decode(key, StandardCharsets.UTF_8),
                        object.size(),
                        object.etag(),
                        object.lastModified());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    /** Goes through the bytes once; stands at the next one to read. */
    private static final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        PlainListing listing() throws NotPlainException {
            Matcher head = HEAD.matcher(new String(bytes, 0, Math.min(bytes.length, LONGEST_HEAD), ISO_8859_1));
            if (!head.lookingAt()) {
                throw new NotPlainException();
            }
            at = head.end();
            List<StoredObject> objects = new ArrayList<>();
            ByteArrayOutputStream rest = new ByteArrayOutputStream();
            int kept = 0;
            skipBlanks();
            while (!skip(END_OF_LISTING)) {
                int start = at;
                if (skip(OBJECT)) {
                    objects.add(object());
                    rest.write(bytes, kept, start - kept);
                    kept = at;
                } else {
                    skipElement(1);
                }
                skipBlanks();
            }
            skipBlanks();
            refuseUnless(at == bytes.length);
            rest.write(bytes, kept, at - kept);
            return new PlainListing(objects, rest.toByteArray());
        }

        private StoredObject object() throws NotPlainException {
            String key = null;
            Instant lastModified = null;
            String etag = null;
            String size = null;
            skipBlanks();
            while (!skip(END_OF_OBJECT)) {
                if (skip(KEY)) {
                    refuseUnless(key == null);
                    key = text(END_OF_KEY);
                } else if (skip(LAST_MODIFIED)) {
                    refuseUnless(lastModified == null);
                    lastModified = time(text(END_OF_LAST_MODIFIED));
                } else if (skip(ETAG)) {
                    refuseUnless(etag == null);
                    etag = text(END_OF_ETAG);
                } else if (skip(SIZE)) {
                    refuseUnless(size == null);
                    size = text(END_OF_SIZE);
                } else {
                    skipElement(2);
                }
                skipBlanks();
            }
            refuseUnless(key != null && lastModified != null && size != null);
            return new StoredObject(key, number(size), Bucket.withoutQuotes(etag), lastModified);
        }

        private static long number(String digits) throws NotPlainException {
            refuseUnless(digits.length() <= MOST_DIGITS);
            long number = 0;
            for (int i = 0; i < digits.length(); i++) {
                char digit = digits.charAt(i);
                refuseUnless(digit >= '0' && digit <= '9');
                number = number * 10 + (digit - '0');
            }
            return number;
        }

        private static Instant time(String text) throws NotPlainException {
            Instant time = text.endsWith("Z") ? PlainTime.of(text, 'T') : null;
            refuseUnless(time != null);
            return time;
        }

        /** An element of any name that stands for nothing here, with what is in it. */
        private void skipElement(int depth) throws NotPlainException {
            refuseUnless(depth < DEEPEST && skip('<'));
            int name = at;
            while (isLetter(peek())) {
                at++;
            }
            int length = at - name;
            // those of which the SDK makes more than a text
            refuseUnless(length > 0 && !isNamed(name, length, CONTENTS) && !isNamed(name, length, RESTORE_STATUS));
            if (skip('/')) {
                refuseUnless(skip('>'));
                return;
            }
            refuseUnless(skip('>'));
            text();
            while (peek() == '<' && at + 1 < bytes.length && bytes[at + 1] != '/') {
                skipElement(depth + 1);
                text();
            }
            refuseUnless(skip('<') && skip('/'));
            int end = at + length;
            refuseUnless(end <= bytes.length && Arrays.equals(bytes, name, name + length, bytes, at, end));
            at = end;
            refuseUnless(skip('>'));
        }

        private boolean isNamed(int at, int length, byte[] name) {
            return Arrays.equals(bytes, at, at + length, name, 0, name.length);
        }

        private String text(byte[] end) throws NotPlainException {
            String text = text();
            refuseUnless(!text.isEmpty() && skip(end));
            return text;
        }

        /** What stands before the next element; perhaps nothing. */
        private String text() throws NotPlainException {
            int start = at;
            boolean hasEntities = false;
            while (at < bytes.length && bytes[at] != '<') {
                byte b = bytes[at++];
                // not what ends a CDATA section either, which cannot stand alone
                refuseUnless(b < 0x7F && b != '>' && (b >= ' ' || b == '\n' || b == '\t'));
                hasEntities |= b == '&';
            }
            String text = new String(bytes, start, at - start, ISO_8859_1);
            return hasEntities ? resolved(text) : text;
        }

        private static String resolved(String text) throws NotPlainException {
            StringBuilder resolved = new StringBuilder(text.length());
            int done = 0;
            for (int at = text.indexOf('&'); at >= 0; at = text.indexOf('&', done)) {
                Entity entity = Entity.at(at, text);
                resolved.append(text, done, at).append(entity.character);
                done = at + entity.written.length();
            }
            return resolved.append(text, done, text.length()).toString();
        }

        private void skipBlanks() {
            while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') {
                at++;
            }
        }

        private boolean skip(byte[] expected) {
            if (at + expected.length > bytes.length) {
                return false;
            }
            for (int i = 0; i < expected.length; i++) {
                if (bytes[at + i] != expected[i]) {
                    return false;
                }
            }
            at += expected.length;
            return true;
        }

        private boolean skip(char expected) {
            if (peek() != expected) {
                return false;
            }
            at++;
            return true;
        }

        /** The next byte; -1 at the end. */
        private int peek() {
            return at < bytes.length ? bytes[at] : -1;
        }

        private static boolean isLetter(int b) {
            return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
        }

        private static void refuseUnless(boolean plain) throws NotPlainException {
            if (!plain) {
                throw new NotPlainException();
            }
        }
    }

    /** Those that stores write, the likeliest first. */
    private enum Entity {
        QUOT("&quot;", '"'),
        QUOT_BY_NUMBER("&#34;", '"'),
        AMP("&amp;", '&'),
        AMP_BY_NUMBER("&#38;", '&'),
        APOS("&apos;", '\''),
        APOS_BY_NUMBER("&#39;", '\''),
        LT("&lt;", '<'),
        LT_BY_NUMBER("&#60;", '<'),
        GT("&gt;", '>'),
        GT_BY_NUMBER("&#62;", '>');

        private static final List<Entity> ALL = List.of(values());

        private final String written;
        private final char character;

        Entity(String written, char character) {
            this.written = written;
            this.character = character;
        }

        static Entity at(int at, String text) throws NotPlainException {
            for (Entity entity : ALL) {
                if (text.startsWith(entity.written, at)) {
                    return entity;
                }
            }
            throw new NotPlainException();
        }
    }

    /** Not in the plain form, which is no failure. */
    private static final class NotPlainException extends Exception {
        private static final long serialVersionUID = 1;

        NotPlainException() {
            super(null, null, false, false);
        }
    }
}
