package dev.stocktake.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stocktake.json.Json;

/** A refusal, as RFC 9457 writes it. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String title;

    Problem(int status, String title, String detail) {
        super(detail);
        this.status = status;
        this.title = title;
    }

    static Problem badRequest(String detail) {
        return new Problem(400, "Bad Request", detail);
    }

    static Problem notFound(String detail) {
        return new Problem(404, "Not Found", detail);
    }

    static Problem conflict(String detail) {
        return new Problem(409, "Conflict", detail);
    }

    Answer answer() {
        return new Answer(status, "application/problem+json", null, content(status, title, getMessage()));
    }

    static String content(int status, String title, String detail) {
        ObjectNode problem = Json.MAPPER.createObjectNode();
        problem.put("type", "about:blank");
        problem.put("title", title);
        problem.put("status", status);
        problem.put("detail", detail);
        return problem + "\n";
    }
}
