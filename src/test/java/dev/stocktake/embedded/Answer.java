package dev.stocktake.embedded;

import java.time.Instant;
import java.util.List;

/** What {@link SyntheticStore} answers to a listing. */
public sealed interface Answer {

    /**
     * A page.
     *
     * @param truncated whether it says that there is more
     * @param nextToken the continuation token; none when empty
     */
    record Page(List<ObjectEntry> entries, List<String> commonPrefixes, boolean truncated, String nextToken)
            implements Answer {
        /** The same page with other objects. */
        public Page withEntries(List<ObjectEntry> others) {
            return new Page(others, commonPrefixes, truncated, nextToken);
        }

        /** The same page with other common prefixes. */
        public Page withCommonPrefixes(List<String> others) {
            return new Page(entries, others, truncated, nextToken);
        }
    }

    /**
     * An S3 error.
     *
     * @param status of HTTP
     * @param code of S3, such as {@code SlowDown}
     */
    record Failure(int status, String code, String message) implements Answer {}

    /** The first half of an answer, after which the connection is closed. */
    record Cut(Answer whole) implements Answer {}

    /** The first half of an answer, as if it were all of it. */
    record Malformed(Answer whole) implements Answer {}

    /** An answer with this {@code Date}, in place of the time it is given. */
    record Dated(Answer whole, Instant date) implements Answer {}

    /** An answer without {@code Date}. */
    record Undated(Answer whole) implements Answer {}

    /** An answer that holds prefix, first key and token as they are, although encoding was asked for. */
    record RawEcho(Answer whole) implements Answer {}
}
