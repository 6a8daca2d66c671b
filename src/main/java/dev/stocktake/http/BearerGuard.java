package dev.stocktake.http;

import dev.stocktake.settings.Secret;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.auth.authentication.AuthenticationProvider;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.AuthenticationHandler;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.component.platform.http.main.MainHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.auth.AuthenticationConfig;
import org.apache.camel.component.platform.http.vertx.auth.AuthenticationConfig.AuthenticationConfigEntry;
import org.apache.camel.component.platform.http.vertx.auth.AuthenticationConfig.AuthenticationHandlerFactory;

/**
 * Lets a request to any path through only with the bearer secret. It stands in the HTTP server before every route, so
 * that no edited route can drop it, and takes the secret off the request, so that none can print it.
 */
public final class BearerGuard implements AuthenticationHandler {
    private static final Pattern BEARER = Pattern.compile("(?i:Bearer) +(\\S+) *");

    private static final String CLEANUP_SECRET = "Cleanup-Secret";

    private final Secret secret;
    private final Optional<Secret> cleanupSecret;

    /**
     * Guards with these secrets.
     *
     * @param cleanupSecret what it takes besides to plan and execute cleanups; empty where nobody can
     */
    public BearerGuard(Secret secret, Optional<Secret> cleanupSecret) {
        this.secret = secret;
        this.cleanupSecret = cleanupSecret;
    }

    /** Puts the guard before every route of a server that has not started. */
    public void protect(MainHttpServer server) {
        AuthenticationConfigEntry everything = new AuthenticationConfigEntry();
        everything.setPath("/*");
        everything.setAuthenticationProviderFactory(vertx -> null);
        everything.setAuthenticationHandlerFactory(new AuthenticationHandlerFactory() {
            @Override
            public <T extends AuthenticationProvider> AuthenticationHandler createAuthenticationHandler(T unused) {
                return BearerGuard.this;
            }
        });
        AuthenticationConfig authentication = server.getConfiguration().getAuthenticationConfig();
        authentication.getEntries().add(everything);
        authentication.setEnabled(true);
    }

    /** Answers what no route knows, once the routes have started. */
    public static void answerUnknownPaths(VertxPlatformHttpRouter router) {
        Map<String, Set<String>> methodsByPath = new TreeMap<>();
        for (Route route : router.getRoutes()) {
            if (route.getPath() != null && route.methods() != null) {
                Set<String> methods = methodsByPath.computeIfAbsent(route.getPath(), path -> new TreeSet<>());
                route.methods().forEach(method -> methods.add(method.name()));
            }
        }
        methodsByPath.forEach((path, methods) -> router.route(path)
                .order(Integer.MAX_VALUE - 1)
                .handler(context -> {
                    String allowed = String.join(", ", methods);
                    context.response().putHeader(HttpHeaders.ALLOW, allowed);
                    end(context, 405, "Method Not Allowed", "This path can only be asked with " + allowed + ".");
                }));
        router.route()
                .order(Integer.MAX_VALUE)
                .handler(
                        context -> end(
                                context,
                                404,
                                "Not Found",
                                "There is nothing at this path; the API has GET /api/cron/maintenance, GET /api/runs,"
                                        + " GET /api/runs/{id}, GET /api/runs/{id}/findings, GET /api/runs/{id}/report.txt,"
                                        + " POST /api/runs/{id}/acknowledge, POST /api/plans, GET /api/plans/{id} and POST /api/plans/{id}/execute."));
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        List<String> authorizations = request.headers().getAll(HttpHeaders.AUTHORIZATION);
        Matcher bearer = BEARER.matcher(authorizations.size() == 1 ? authorizations.get(0) : "");
        if (bearer.matches() && secret.matches(bearer.group(1))) {
            request.headers().remove(HttpHeaders.AUTHORIZATION);
            letThroughIfAllowed(context);
        } else {
            context.response().putHeader("WWW-Authenticate", "Bearer");
            end(context, 401, "Unauthorized", "Send the header Authorization: Bearer followed by the CRON_SECRET.");
        }
    }

    private void letThroughIfAllowed(RoutingContext context) {
        HttpServerRequest request = context.request();
        boolean looks = !request.path().startsWith("/api/plans")
                || request.method().equals(HttpMethod.GET)
                || request.method().equals(HttpMethod.HEAD);
        List<String> given = request.headers().getAll(CLEANUP_SECRET);
        request.headers().remove(CLEANUP_SECRET);
        if (looks) {
            context.next();
        } else if (cleanupSecret.isEmpty()) {
            end(context, 403, "Forbidden", "CLEANUP_SECRET is not set, so that nobody can clean up over HTTP.");
        } else if (given.size() == 1 && cleanupSecret.get().matches(given.get(0))) {
            context.next();
        } else {
            end(context, 403, "Forbidden", "Send the header Cleanup-Secret with the CLEANUP_SECRET.");
        }
    }

    private static void end(RoutingContext context, int status, String title, String detail) {
        HttpServerResponse response = context.response();
        response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json");
        String content =
                context.request().method().equals(HttpMethod.HEAD) ? "" : Problem.content(status, title, detail);
        var unused = response.end(content);
    }
}
