package dev.stocktake.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which requests came as far as a route, by the number in their header {@code Spelling}. */
public final class Reached {
    private static final Map<String, String> ROUTES = new ConcurrentHashMap<>();

    private Reached() {}

    /** Called by the routes under test. */
    public static void by(String spelling, String route) {
        ROUTES.put(spelling, route);
    }

    /** The id of the route; null for none. */
    static String route(String spelling) {
        return ROUTES.get(spelling);
    }
}
