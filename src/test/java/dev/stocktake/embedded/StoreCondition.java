package dev.stocktake.embedded;

/** What a request may ask for that not every store minds. */
public enum StoreCondition {
    /** {@code If-Match} of DELETE: only the object of this content. */
    DELETE_IF_MATCH,
    /** {@code x-amz-copy-source-if-match} of COPY: only an object of this content. */
    COPY_SOURCE_IF_MATCH,
    /** {@code If-None-Match: *} of COPY: not over an object. */
    COPY_IF_NONE_MATCH
}
