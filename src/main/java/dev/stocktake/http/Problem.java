package dev.stocktake.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stocktake.json.Json;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

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

    /** It was there once. */
    static Problem gone(String detail) {
        return new Problem(410, "Gone", detail);
    }

    Answer answer() {
        return new Answer(status, "application/problem+json", null, content(status, title, getMessage()));
    }

    /** Answers a request that no route gets. */
    static void end(HttpServerRequest request, int status, String detail) {
        String title = HttpResponseStatus.valueOf(status).reasonPhrase();
        var unused = request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                .end(request.method().equals(HttpMethod.HEAD) ? "" : content(status, title, detail));
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
