package dev.stocktake.http;

import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.http.base.HttpHeaderFilterStrategy;

/**
 * Keeps headers, query and forms of a request from standing in for a parameter of its path, which a route finds among the headers
 * as well.
 */
public final class PathParameters extends HttpHeaderFilterStrategy {
    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return super.applyFilterToExternalHeaders(name, value, exchange)
                || (exchange.getFromEndpoint() instanceof PlatformHttpEndpoint endpoint
                        && has(endpoint.getPath(), name));
    }

    private static boolean has(String path, String name) {
        for (int open = path.indexOf('{'); open >= 0; open = path.indexOf('{', open + 1)) {
            if (path.regionMatches(true, open + 1, name + "}", 0, name.length() + 1)) {
                return true;
            }
        }
        return false;
    }
}
