package dev.stocktake.storage;

import dev.stocktake.compare.PageException;
import dev.stocktake.compare.StoredObject;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.S3Object;

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

    /**
     * An object as a listing has it.
     *
     * @throws PageException when the listing leaves out what it must say of each object
     */
    static StoredObject object(S3Object listed) {
        if (listed.key() == null) {
            throw new PageException("The listing has an object without its key");
        }
        if (listed.size() == null || listed.lastModified() == null) {
            throw new PageException("The listing gives no " + (listed.size() == null ? "size" : "time")
                    + " for the key \"" + listed.key() + "\"");
        }
        return new StoredObject(listed.key(), listed.size(), withoutQuotes(listed.eTag()), listed.lastModified());
    }

    /**
     * A folder as a listing has it.
     *
     * @throws PageException when the listing leaves out its name
     */
    static String folder(CommonPrefix listed) {
        if (listed.prefix() == null) {
            throw new PageException("The listing has a folder without its name");
        }
        return listed.prefix();
    }

    static String withoutQuotes(String etag) {
        return etag == null ? null : etag.replace("\"", "");
    }
}
