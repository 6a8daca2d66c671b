package dev.stocktake.storage;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;

/** The pages of a listing by continuation tokens, each asked for when it is wanted; a listing that does not advance fails. */
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
        token = last == null ? null : NextToken.usable(nextToken(), prefix);
        last = bucket.client()
                .listObjectsV2(bucket.listing(prefix)
                        .maxKeys(size)
                        .continuationToken(token)
                        .build());
        return last;
    }

    /** Those that are left. */
    Stream<ListObjectsV2Response> stream() {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED), false);
    }

    private String nextToken() {
        return NextToken.advancing(last, last.contents().isEmpty(), token, prefix);
    }
}
