package dev.stocktake.embedded;

/**
 * One ListObjectsV2 request; what it did not give is an empty string.
 *
 * @param number 1 for the first listing since the behaviour was set
 * @param maxKeys at most 1,000, and 1,000 when it was not given
 * @param urlEncoded whether keys are to be answered with {@code encoding-type=url}
 */
public record ListRequest(
        int number,
        String prefix,
        String delimiter,
        String startAfter,
        String continuationToken,
        int maxKeys,
        boolean urlEncoded) {

    /** The same request for another number of keys. */
    public ListRequest withMaxKeys(int keys) {
        return new ListRequest(number, prefix, delimiter, startAfter, continuationToken, keys, urlEncoded);
    }

    /** The same request for what comes behind another key; none when empty. */
    public ListRequest withStartAfter(String key) {
        return new ListRequest(number, prefix, delimiter, key, continuationToken, maxKeys, urlEncoded);
    }

    /** The same request from another position, as if by token. */
    ListRequest withToken(Position position) {
        return new ListRequest(number, prefix, delimiter, startAfter, position.token(), maxKeys, urlEncoded);
    }

    /** Where the page begins; the token wins over the key, as in S3. */
    Position start() {
        if (!continuationToken.isEmpty()) {
            return Position.ofToken(continuationToken);
        }
        return startAfter.isEmpty() ? Position.START : Position.after(startAfter);
    }
}
