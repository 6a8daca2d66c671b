package dev.stocktake.storage;

import dev.stocktake.compare.KeyOrder;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The pages of a listing by continuation tokens, each asked for when it is wanted; behind the last key where a token cannot be
 * read and the page is in byte order. A listing that does not advance fails.
 */
final class ListingPages implements Iterator<ListObjectsV2Response> {
    private final Bucket bucket;
    private final String prefix;
    private final int size;
    private ListObjectsV2Response last;
    private String token;

    /**
     * Before the first page.
     *
     * @param size of a page, at the most
     */
    ListingPages(Bucket bucket, String prefix, int size) {
        this.bucket = bucket;
        this.prefix = prefix;
        this.size = size;
    }

    @Override
    public boolean hasNext() {
        return last == null || nextToken() != null;
    }

    @Override
    public ListObjectsV2Response next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        token = last == null ? null : nextToken();
        String behind = NextToken.isUnreadable(token) ? lastKey() : null;
        token = behind == null ? token : null;
        last = bucket.client()
                .listObjectsV2(bucket.listing(prefix)
                        .maxKeys(size)
                        .continuationToken(token)
                        .startAfter(behind)
                        .build());
        if (behind != null
                && !last.contents().isEmpty()
                && KeyOrder.UTF_8.compare(last.contents().get(0).key(), behind) <= 0) {
            throw NextToken.unreadable(behind);
        }
        return last;
    }

    private String lastKey() {
        List<String> keys = last.contents().stream().map(S3Object::key).toList();
        if (keys.isEmpty()) {
            throw NextToken.unreadable(prefix);
        }
        String end = keys.get(keys.size() - 1);
        if (!keys.stream().sorted(KeyOrder.UTF_8).toList().equals(keys)) {
            throw NextToken.unreadable(end);
        }
        return end;
    }

    /** Those that are left. */
    Stream<ListObjectsV2Response> stream() {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED), false);
    }

    private String nextToken() {
        return NextToken.advancing(last, last.contents().isEmpty(), token, prefix);
    }
}
