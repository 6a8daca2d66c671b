package dev.stocktake.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Writes pages of a listing by copying one that is full and putting in the digits that differ: the machine is there for
 * what is measured.
 */
final class PageXml {
    /** Bytes of every object. */
    static final long SIZE = 48_213;

    private static final DateTimeFormatter MILLISECONDS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String BEFORE_KEY = "<Contents><Key>";
    private static final String BEFORE_ETAG_DIGITS = "<ETag>&quot;9b2cf535f27731c974343d";

    private final Layout layout;
    private final byte[] entry;
    private final byte[] fullPage;
    private final int keyAt = BEFORE_KEY.length();
    private final int etagAt;

    PageXml(Layout layout) {
        this.layout = layout;
        String text = BEFORE_KEY + layout.key(0) + "</Key><LastModified>" + MILLISECONDS.format(layout.lastModified())
                + "</LastModified>" + BEFORE_ETAG_DIGITS + "0".repeat(Layout.NUMBER_DIGITS) + "&quot;</ETag><Size>"
                + SIZE + "</Size><StorageClass>STANDARD</StorageClass></Contents>";
        entry = text.getBytes(UTF_8);
        etagAt = text.indexOf(BEFORE_ETAG_DIGITS) + BEFORE_ETAG_DIGITS.length();
        fullPage = text.repeat(ListingStore.MAX_KEYS).getBytes(UTF_8);
    }

    /** As it stands in the XML. */
    String etag(long number) {
        byte[] digits = new byte[Layout.NUMBER_DIGITS];
        Layout.digits(number, digits.length, digits, 0);
        return BEFORE_ETAG_DIGITS.substring("<ETag>&quot;".length()) + new String(digits, UTF_8);
    }

    /**
     * A page.
     *
     * @param head everything before the objects
     * @param first number of the objects, which follow one another
     */
    byte[] page(String head, long first, int objects, List<String> commonPrefixes) {
        StringBuilder tail = new StringBuilder();
        commonPrefixes.forEach(
                prefix -> tail.append("<CommonPrefixes><Prefix>").append(prefix).append("</Prefix></CommonPrefixes>"));
        byte[] before = head.getBytes(UTF_8);
        byte[] after = tail.append("</ListBucketResult>").toString().getBytes(UTF_8);
        int length = objects * entry.length;
        byte[] page = Arrays.copyOf(before, before.length + length + after.length);
        System.arraycopy(fullPage, 0, page, before.length, length);
        for (int i = 0; i < objects; i++) {
            int at = before.length + i * entry.length;
            layout.writeKey(first + i, page, at + keyAt);
            Layout.digits(first + i, Layout.NUMBER_DIGITS, page, at + etagAt);
        }
        System.arraycopy(after, 0, page, before.length + length, after.length);
        return page;
    }
}
