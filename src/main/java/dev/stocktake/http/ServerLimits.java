package dev.stocktake.http;

import java.time.Duration;

/**
 * What a client may take of the HTTP server. Whoever may do nothing else can still open connections, so each of them ends by
 * itself, and there are not too many.
 *
 * @param wholeRequest how long a request may take to come, head and body, from its first byte or, for the first one, from the
 *     connection's opening
 * @param idle how long a connection is kept on which nothing was asked since the last answer, and how long a client may take to
 *     read a part of one
 * @param connections how many may be open
 * @param bodyBytes how long the body of a request may be
 */
public record ServerLimits(Duration wholeRequest, Duration idle, int connections, long bodyBytes) {
    /** Room for the keys of more files than a plan holds by default. */
    public static final ServerLimits USUAL =
            new ServerLimits(Duration.ofSeconds(30), Duration.ofMinutes(2), 512, 16 * 1024 * 1024);
}
