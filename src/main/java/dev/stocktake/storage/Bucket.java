package dev.stocktake.storage;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;

/**
 * The bucket that is compared, and the client to ask about it.
 *
 * @param name of the bucket
 */
record Bucket(S3Client client, String name) {
    /** S3 gives no more objects at once. */
    static final int LARGEST_PAGE = 1000;

    /** A list request for the keys with this prefix; the empty prefix asks for all. */
    ListObjectsV2Request.Builder listing(String prefix) {
        ListObjectsV2Request.Builder request = ListObjectsV2Request.builder()
                .bucket(name)
                // XML cannot hold every character of a key, and its parsers turn a carriage return into a line feed
                .encodingType(EncodingType.URL);
        return prefix.isEmpty() ? request : request.prefix(prefix);
    }

    /** The store's clock; null when the answer does not tell it. */
    static Instant clock(SdkHttpResponse answer) {
        return answer.firstMatchingHeader("Date").map(Bucket::parseHttpDate).orElse(null);
    }

    private static Instant parseHttpDate(String date) {
        try {
            return DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from);
        } catch (DateTimeParseException unreadable) {
            return null;
        }
    }

    static String withoutQuotes(String etag) {
        return etag == null ? null : etag.replace("\"", "");
    }
}
