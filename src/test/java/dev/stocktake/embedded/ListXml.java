package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;

/**
 * Writes the documents of a listing straight into bytes: at thousands of pages a second, this is most of what a
 * synthetic store does.
 */
final class ListXml {
    private static final DateTimeFormatter MILLISECONDS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String XML_DECLARATION = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    private static final byte[] OBJECT = ascii("<Contents><Key>");
    private static final byte[] LAST_MODIFIED = ascii("</Key><LastModified>");
    private static final byte[] ETAG = ascii("</LastModified><ETag>&quot;");
    private static final byte[] SIZE = ascii("&quot;</ETag><Size>");
    private static final byte[] END_OF_OBJECT = ascii("</Size><StorageClass>STANDARD</StorageClass></Contents>");
    private static final byte[] HEX_DIGITS = ascii("0123456789ABCDEF");
    private static final boolean[] PLAIN_IN_XML = plain(" !\"#$%'()*+,-./:;=?@[\\]^_`{|}~");
    private static final boolean[] PLAIN_IN_URL = plain("-._*/");
    private static final int BYTES_PER_OBJECT = 256;

    private final boolean urlEncoded;
    private byte[] bytes;
    private int length;
    private Instant lastTime = Instant.EPOCH;
    private byte[] lastTimeText = ascii(MILLISECONDS.format(lastTime));

    private ListXml(boolean urlEncoded, int capacity) {
        this.urlEncoded = urlEncoded;
        this.bytes = new byte[capacity];
    }

    static ByteBuffer of(String bucket, ListRequest request, Answer.Page page, boolean rawEcho) {
        ListXml xml = new ListXml(
                request.urlEncoded(), BYTES_PER_OBJECT * (page.entries().size() + 8));
        xml.raw(ascii(XML_DECLARATION + "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"));
        xml.element("Name", bucket);
        if (rawEcho) {
            xml.element("Prefix", request.prefix());
        } else {
            xml.keyElement("Prefix", request.prefix());
        }
        xml.element("MaxKeys", Integer.toString(request.maxKeys()));
        xml.element(
                "KeyCount",
                Integer.toString(page.entries().size() + page.commonPrefixes().size()));
        xml.element("IsTruncated", Boolean.toString(page.truncated()));
        if (request.urlEncoded()) {
            xml.element("EncodingType", "url");
        }
        if (!request.delimiter().isEmpty()) {
            xml.keyElement("Delimiter", request.delimiter());
        }
        if (!request.startAfter().isEmpty()) {
            if (rawEcho) {
                xml.element("StartAfter", request.startAfter());
            } else {
                xml.keyElement("StartAfter", request.startAfter());
            }
        }
        if (!request.continuationToken().isEmpty()) {
            xml.element("ContinuationToken", request.continuationToken());
        }
        if (!page.nextToken().isEmpty()) {
            if (rawEcho) {
                xml.raw(ascii("<NextContinuationToken>" + page.nextToken() + "</NextContinuationToken>"));
            } else {
                xml.element("NextContinuationToken", page.nextToken());
            }
        }
        page.entries().forEach(xml::object);
        for (String prefix : page.commonPrefixes()) {
            xml.raw(ascii("<CommonPrefixes>"));
            xml.keyElement("Prefix", prefix);
            xml.raw(ascii("</CommonPrefixes>"));
        }
        xml.raw(ascii("</ListBucketResult>"));
        return xml.buffer();
    }

    static ByteBuffer of(Answer.Failure failure) {
        ListXml xml = new ListXml(false, BYTES_PER_OBJECT);
        xml.raw(ascii(XML_DECLARATION + "<Error>"));
        xml.element("Code", failure.code());
        xml.element("Message", failure.message());
        xml.element("RequestId", "SYNTHETIC");
        xml.raw(ascii("</Error>"));
        return xml.buffer();
    }

    private void object(ObjectEntry entry) {
        raw(OBJECT);
        key(entry.key());
        raw(LAST_MODIFIED);
        raw(time(entry.lastModified()));
        raw(ETAG);
        escaped(entry.etag());
        raw(SIZE);
        escaped(Long.toString(entry.size()));
        raw(END_OF_OBJECT);
    }

    private void keyElement(String name, String key) {
        raw(ascii("<" + name + ">"));
        key(key);
        raw(ascii("</" + name + ">"));
    }

    private void element(String name, String text) {
        raw(ascii("<" + name + ">"));
        escaped(text);
        raw(ascii("</" + name + ">"));
    }

    private void key(String key) {
        if (urlEncoded) {
            percentEncoded(key);
        } else {
            escaped(key);
        }
    }

    /** As S3 encodes: a space is a plus. */
    private void percentEncoded(String text) {
        ensure(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isIn(PLAIN_IN_URL, c)) {
                single(c);
            } else if (c == ' ') {
                single('+');
            } else {
                int end = text.offsetByCodePoints(i, 1);
                for (byte b : text.substring(i, end).getBytes(UTF_8)) {
                    single('%');
                    single(HEX_DIGITS[(b >> 4) & 0xf]);
                    single(HEX_DIGITS[b & 0xf]);
                }
                i = end - 1;
            }
        }
    }

    /** What XML 1.0 cannot hold is written all the same, as S3 does: the client asks for keys URL-encoded, or fails. */
    private void escaped(String text) {
        ensure(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isIn(PLAIN_IN_XML, c)) {
                single(c);
            } else if (c < 0x80) {
                raw(ascii("&#" + (int) c + ";"));
            } else {
                int end = text.offsetByCodePoints(i, 1);
                raw(text.substring(i, end).getBytes(UTF_8));
                i = end - 1;
            }
        }
    }

    private byte[] time(Instant time) {
        if (!time.equals(lastTime)) {
            lastTime = time;
            lastTimeText = ascii(MILLISECONDS.format(time));
        }
        return lastTimeText;
    }

    private void raw(byte[] more) {
        ensure(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
    }

    private void single(int b) {
        ensure(1);
        bytes[length++] = (byte) b;
    }

    private void ensure(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    private static boolean isIn(boolean[] set, char c) {
        return c < set.length && set[c];
    }

    private static boolean[] plain(String punctuation) {
        boolean[] set = new boolean[0x80];
        for (char c = 0; c < set.length; c++) {
            set[c] = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || punctuation.indexOf(c) >= 0;
        }
        return set;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
