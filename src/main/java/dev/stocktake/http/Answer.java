package dev.stocktake.http;

/**
 * What an HTTP client gets.
 *
 * @param location null for none
 */
public record Answer(int status, String contentType, String location, String content) {
    static Answer json(String content) {
        return new Answer(200, "application/json", null, content);
    }

    static Answer text(String content) {
        return new Answer(200, "text/plain; charset=utf-8", null, content);
    }
}
