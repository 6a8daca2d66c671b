package dev.stocktake.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of the API. Its port opens when the routes are there, what it refuses by itself it says as the API does, and no
 * client can hold more of it than {@link ServerLimits} allow. Not Camel's own, which opens its port first and lets none of this be
 * set.
 */
public final class ApiServer implements AutoCloseable {
    /** Under which routes of {@code platform-http} find their router, whatever the port. */
    public static final String ROUTER = VertxPlatformHttpRouter.PLATFORM_HTTP_ROUTER_NAME_ZERO;

    private static final int STOP_SECONDS = 5;

    private static final Duration TOLD_EVERY = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);

    private final Vertx vertx = Vertx.vertx();
    private final ServerLimits limits;
    private final VertxPlatformHttpRouter router;
    private final HttpServer server;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong toldOfTooMany = new AtomicLong(System.nanoTime() - 2 * TOLD_EVERY.toNanos());
    private volatile boolean stopping;

    /**
     * A server whose port is not open yet.
     *
     * @param guard before every route, so that no edited one can drop it
     */
    public ApiServer(BearerGuard guard, ServerLimits limits) {
        this.limits = limits;
        Router routes = Router.router(vertx);
        routes.route().handler(guard);
        routes.route().handler(this::refuseWhileStopping);
        routes.route().handler(ApiServer::refuseUnreadableType);
        for (int status = 400; status < 600; status++) {
            routes.errorHandler(status, failed(status));
        }
        // by this the handler of bodies says that the client went away
        routes.errorHandler(200, failed(400));
        this.router = new VertxPlatformHttpRouter(null, vertx, routes, ROUTER) {
            @Override
            public Handler<RoutingContext> bodyHandler() {
                return BodyHandler.create(false).setMergeFormAttributes(false).setBodyLimit(limits.bodyBytes());
            }
        };
        // over HTTP/2 one connection is as many as it likes, and half a request of it is not seen
        this.server = vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                .connectionHandler(this::limit)
                .invalidRequestHandler(ApiServer::refuseMalformed)
                .requestHandler(request -> handle(request, guard));
    }

    /** For the routes, to be bound as {@link #ROUTER}. */
    public VertxPlatformHttpRouter router() {
        return router;
    }

    /**
     * Opens the port, once the routes have started.
     *
     * @param port 0 for any free one
     * @throws IOException when it cannot be opened
     */
    public void listen(String host, int port) throws IOException {
        answerUnknownPaths();
        try {
            server.listen(port, host).toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException refused) {
            throw new IOException(refused.getCause().getMessage(), refused.getCause());
        }
    }

    /** That is open. */
    public int port() {
        return server.actualPort();
    }

    /** Refuses whatever comes from now on, while the answers under way are still given. */
    public void stop() {
        stopping = true;
    }

    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException failure) {
            LOG.warn("The HTTP server did not stop in time");
        }
    }

    private void limit(HttpConnection connection) {
        Channel channel = ((HttpServerConnection) connection).channel();
        int open = connections.incrementAndGet();
        connection.closeHandler(closed -> connections.decrementAndGet());
        if (open > limits.connections()) {
            tellOfTooMany();
            var unused = connection.close();
        } else {
            MalformedRequests.refuse(channel.pipeline());
            RequestDeadline.watch(channel, limits);
        }
    }

    /** Now and then: whoever opens them could fill the log with it. */
    private void tellOfTooMany() {
        long now = System.nanoTime();
        long before = toldOfTooMany.get();
        if (now - before > TOLD_EVERY.toNanos() && toldOfTooMany.compareAndSet(before, now)) {
            LOG.warn("{} connections are open, as many as may be: others are closed at once", limits.connections());
        }
    }

    private void handle(HttpServerRequest request, BearerGuard guard) {
        List<String> codings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
        if (request.headers().getAll(HttpHeaders.HOST).size() > 1) {
            closeAfterwards(request);
            Problem.end(request, 400, "Send one header Host.");
        } else if (!codings.isEmpty() && !(codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked"))) {
            closeAfterwards(request);
            Problem.end(request, 501, "Transfer-Encoding may be chunked, and nothing else.");
        } else if (request.uri().startsWith("/")) {
            router.handle(request);
        } else {
            // the router would answer it by itself
            guard.refuse(request);
        }
    }

    private static void closeAfterwards(HttpServerRequest request) {
        request.response().endHandler(sent -> request.connection().close());
    }

    private void refuseWhileStopping(RoutingContext context) {
        if (stopping) {
            context.response().putHeader(HttpHeaders.RETRY_AFTER, "10");
            Problem.end(context.request(), 503, "Stocktake is stopping; ask again in a while.");
        } else {
            context.next();
        }
    }

    /** Of a type that Vert.x cannot take apart it would say that it failed itself. */
    private static void refuseUnreadableType(RoutingContext context) {
        try {
            var unused = context.parsedHeaders().contentType().parameter("charset");
        } catch (RuntimeException unreadable) {
            Problem.end(context.request(), 400, "The header Content-Type cannot be read.");
            return;
        }
        context.next();
    }

    /** What could not be read as a request at all, so that what follows on the connection cannot be either. */
    private static void refuseMalformed(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        closeAfterwards(request);
        if (cause instanceof TooLongHttpLineException) {
            Problem.end(request, 414, "The first line of a request may have 4096 bytes.");
        } else if (cause instanceof TooLongHttpHeaderException) {
            Problem.end(request, 431, "The headers of a request may have 8192 bytes.");
        } else {
            Problem.end(request, 400, "This is no request of HTTP/1.1.");
        }
    }

    /** What a handler before the routes, or a route that answers nothing, failed with. */
    private Handler<RoutingContext> failed(int status) {
        return context -> {
            if (status >= 500) {
                LOG.error("A request failed", context.failure());
            }
            if (context.response().ended() || context.response().closed()) {
                return;
            }
            String detail = switch (status) {
                case 413 -> "The body of a request may have " + limits.bodyBytes() + " bytes.";
                default ->
                    status < 500
                            ? "The request is not one that HTTP/1.1 and this server allow."
                            : "The request failed; Stocktake's log says why.";
            };
            Problem.end(context.request(), status, detail);
        };
    }

    private void answerUnknownPaths() {
        Map<String, Set<String>> methodsByPath = new TreeMap<>();
        List<String> anyMethod = new ArrayList<>();
        for (Route route : router.getRoutes()) {
            String path = route.getPath() + (route.isExactPath() ? "" : "*");
            if (route.getPath() != null && route.methods() != null) {
                Set<String> methods = methodsByPath.computeIfAbsent(path, first -> new TreeSet<>());
                route.methods().forEach(method -> methods.add(method.name()));
            } else if (route.getPath() != null) {
                anyMethod.add(path);
            }
        }
        String all = all(methodsByPath, anyMethod);
        methodsByPath.forEach((path, methods) -> router.route(path)
                .order(Integer.MAX_VALUE - 1)
                .handler(context -> {
                    String allowed = String.join(", ", methods);
                    context.response().putHeader(HttpHeaders.ALLOW, allowed);
                    Problem.end(context.request(), 405, "This path can only be asked with " + allowed + ".");
                }));
        router.route()
                .order(Integer.MAX_VALUE)
                .handler(context ->
                        Problem.end(context.request(), 404, "There is nothing at this path; the API has " + all + "."));
    }

    /** For people: all that can be asked, its parameters as the route files write them. */
    private static String all(Map<String, Set<String>> methodsByPath, List<String> anyMethod) {
        Map<String, String> asked = new TreeMap<>();
        methodsByPath.forEach((path, methods) -> asked.put(path, String.join(" or ", methods) + " " + path));
        anyMethod.forEach(path -> asked.putIfAbsent(path, path));
        return asked.values().stream()
                .map(each -> each.replaceAll(":([^/]+)", "{$1}"))
                .collect(Collectors.joining(", "));
    }
}
