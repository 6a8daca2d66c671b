package dev.stocktake.http;

import dev.stocktake.settings.Secret;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets a request to any path through only with the bearer secret, and one that could change anything only with the secret of
 * cleanups as well: whatever is not GET or HEAD, on whatever path, for only the router knows which path that is. It stands in the
 * HTTP server before every route, so that no edited route can drop it, and takes the secrets off the request, so that none can
 * print them.
 */
public final class BearerGuard implements Handler<RoutingContext> {
    private static final Pattern BEARER = Pattern.compile("(?i:Bearer) +(\\S+) *");

    private static final String CLEANUP_SECRET = "Cleanup-Secret";

    private static final String GOES_WITHOUT = " GET and HEAD go without.";

    /** The name that routes know a client by who may clean up; no part of a request can say it. */
    private static final String MAY_CLEAN_UP = "may_clean_up";

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

    /**
     * Whether the client gave the secret of cleanups.
     *
     * @param user the header {@code CamelVertxPlatformHttpAuthenticatedUser} of a request that a route got
     */
    static boolean mayCleanUp(Object user) {
        return user instanceof User guarded && guarded.principal().containsKey(MAY_CLEAN_UP);
    }

    /** Lets a request on to its route, or answers why not. */
    @Override
    @SuppressWarnings("deprecation") // what stands in its place in Vert.x 4.5 cannot be set
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        boolean mayCleanUp = request.headers().contains(CLEANUP_SECRET);
        if (isAllowed(request) && isNormal(request, context)) {
            if (mayCleanUp) {
                context.setUser(User.create(new JsonObject().put(MAY_CLEAN_UP, true)));
            }
            context.next();
        }
    }

    /** Answers a request whose target is no path at all, so that there is no route to let it on to. */
    void refuse(HttpServerRequest request) {
        if (isAllowed(request)) {
            refusePath(request);
        }
    }

    /** Whether it has the secrets that it needs, which are taken off; a header of the second one has to be right in any case. */
    private boolean isAllowed(HttpServerRequest request) {
        List<String> authorizations = request.headers().getAll(HttpHeaders.AUTHORIZATION);
        Matcher bearer = BEARER.matcher(authorizations.size() == 1 ? authorizations.get(0) : "");
        if (!bearer.matches() || !secret.matches(bearer.group(1))) {
            request.response().putHeader("WWW-Authenticate", "Bearer");
            Problem.end(request, 401, "Send the header Authorization: Bearer followed by the CRON_SECRET.");
            return false;
        }
        boolean looks =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        List<String> given = request.headers().getAll(CLEANUP_SECRET);
        request.headers().remove(HttpHeaders.AUTHORIZATION).remove(CLEANUP_SECRET);
        if (looks && given.isEmpty()) {
            return true;
        }
        if (cleanupSecret.isEmpty()) {
            Problem.end(
                    request, 403, "CLEANUP_SECRET is not set, so that nobody can clean up over HTTP." + GOES_WITHOUT);
            return false;
        }
        if (given.size() != 1 || !cleanupSecret.get().matches(given.get(0))) {
            Problem.end(
                    request,
                    403,
                    looks
                            ? "The header Cleanup-Secret is not the CLEANUP_SECRET." + GOES_WITHOUT
                            : "Send the header Cleanup-Secret with the CLEANUP_SECRET.");
            return false;
        }
        return true;
    }

    /** Whether the router reads the path that was sent, and no route can read it in another way. */
    private static boolean isNormal(HttpServerRequest request, RoutingContext context) {
        String target = request.uri();
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        if (NormalPath.matches(path) && path.equals(context.normalizedPath())) {
            return true;
        }
        refusePath(request);
        return false;
    }

    private static void refusePath(HttpServerRequest request) {
        Problem.end(
                request,
                400,
                "Write the path in its normal form: from its first slash, without //, /./, /../, a backslash or a semicolon,"
                        + " and percent-encoded, as UTF-8, only what has to be.");
    }
}
