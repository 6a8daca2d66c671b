package dev.stocktake.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a PostgreSQL database is and who connects to it.
 *
 * @param jdbcUrl what the JDBC driver is given; without user and password, so that it can be logged
 * @param user decoded; empty when the URL names none, and the driver takes the operating system's user
 * @param password decoded; empty when the URL has none
 */
public record DatabaseUrl(String jdbcUrl, Optional<String> user, Optional<Secret> password) {
    private static final Pattern FORM = Pattern.compile(
            "(?<scheme>postgres(?:ql)?:|jdbc:postgresql:)//(?<authority>[^/?]*)(?<path>/[^?]*)?(?:\\?(?<query>.*))?");
    private static final Pattern JDBC_WITHOUT_HOST = Pattern.compile("^jdbc:postgresql:(?!//)/?(.*)");
    private static final Pattern HOST =
            Pattern.compile("(?<name>[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::(?<port>[0-9]{1,5}))?");

    /** A URL of which it is certain which part is the password; any other is not shown at all. */
    private static final Pattern SHOWABLE = Pattern.compile("(?<scheme>[A-Za-z][A-Za-z0-9+.:-]*://)"
            + "(?:(?<user>[^:@/?#]*)(?<password>:[^@/?#]*)?@)?(?<place>[^@/?#]*(?:/[^@?#]*)?)(?<query>\\?[^@#]*)?");

    private static final String ENCODE = "must have special characters in the user name and the password"
            + " percent-encoded: @ as %40, / as %2F, # as %23, ? as %3F, % as %25";

    /**
     * Reads {@code postgres://user:password@host:port,host2:port2/database?parameters}, the same with
     * {@code postgresql:}, or the driver's {@code jdbc:postgresql:} form, where user and password may be parameters.
     * Parameters that go by other names in libpq or in common frameworks are translated.
     *
     * @throws IllegalArgumentException when it is not such a URL; the message is one line that reads on after the
     *     setting's name, and shows the URL without its password or not at all
     */
    public static DatabaseUrl parse(String url) {
        try {
            return parsed(url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + was(url), e);
        }
    }

    /** The same database for another user or with another password, where one is given. */
    public DatabaseUrl as(Optional<String> otherUser, Optional<Secret> otherPassword) {
        return new DatabaseUrl(jdbcUrl, otherUser.or(() -> user), otherPassword.or(() -> password));
    }

    /** For messages: {@code host:port/database}. */
    public String display() {
        String place = jdbcUrl.substring("jdbc:postgresql://".length());
        int query = place.indexOf('?');
        return query < 0 ? place : place.substring(0, query);
    }

    private static DatabaseUrl parsed(String text) {
        if (text.chars().anyMatch(character -> character <= ' ' || character == 0x7F)) {
            throw new IllegalArgumentException("must not contain spaces or control characters: percent-encode them");
        }
        String url = JDBC_WITHOUT_HOST.matcher(text).replaceFirst("jdbc:postgresql://localhost/$1");
        Matcher parts = FORM.matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException("must begin with postgres://, postgresql:// or jdbc:postgresql://");
        }
        boolean jdbc = parts.group("scheme").startsWith("jdbc:");
        String authority = parts.group("authority");
        String path = Optional.ofNullable(parts.group("path")).orElse("");
        String query = Optional.ofNullable(parts.group("query")).orElse("");
        int at = authority.indexOf('@');
        if (url.indexOf('#') >= 0 || at != authority.lastIndexOf('@') || path.indexOf('@') >= 0) {
            throw new IllegalArgumentException(ENCODE);
        }
        // an @ in the query may end a password that has a raw "?" in it
        ConnectionParameters parameters = new ConnectionParameters(query.indexOf('@') < 0);
        Map<String, String> credentials = new LinkedHashMap<>();
        if (at >= 0) {
            String[] userInfo = authority.substring(0, at).split(":", 2);
            credentials.put("user", PercentEncoding.decode(userInfo[0]));
            credentials.put("password", userInfo.length < 2 ? "" : PercentEncoding.decode(userInfo[1]));
        }
        String place = hosts(authority.substring(at + 1)) + "/" + database(path, jdbc);
        for (String parameter : query.split("&", -1)) {
            String[] pair = parameter.split("=", 2);
            String name = decoded(pair[0], jdbc);
            String value = pair.length < 2 ? "" : decoded(pair[1], jdbc);
            if (name.equals("user") || name.equals("password")) {
                credentials.put(name, value);
            } else if (!parameter.isEmpty()) {
                parameters.add(name, value);
            }
        }
        return new DatabaseUrl(
                "jdbc:postgresql://" + place + query(parameters.driver()),
                given(credentials.get("user")),
                given(credentials.get("password")).map(Secret::of));
    }

    private static String hosts(String text) {
        List<String> hosts = new ArrayList<>();
        for (String each : text.split(",", -1)) {
            Matcher host = HOST.matcher(each);
            if (each.startsWith("%2F") || each.startsWith("%2f")) {
                throw new IllegalArgumentException("must name a host that is reached by TCP, not by a Unix socket");
            }
            // the wrong text is not shown: it may be a piece of a password
            if (!host.matches()) {
                throw new IllegalArgumentException("must have host or host:port after \"//\" or \"@\", a literal IPv6"
                        + " address in brackets; " + ENCODE);
            }
            int port = Integer.parseInt(Optional.ofNullable(host.group("port")).orElse("5432"));
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("must have a port from 1 to 65535");
            }
            hosts.add(host.group("name") + ":" + port);
        }
        return String.join(",", hosts);
    }

    private static String database(String path, boolean jdbc) {
        if (path.length() < 2) {
            throw new IllegalArgumentException("must name a database, as in postgres://user:password@host:5432/db");
        }
        if (path.indexOf('/', 1) >= 0) {
            throw new IllegalArgumentException(
                    "must have one name after the host: write a / in a database's name as %2F");
        }
        return PercentEncoding.encode(decoded(path.substring(1), jdbc));
    }

    private static String query(Map<String, String> parameters) {
        return parameters.isEmpty()
                ? ""
                : parameters.entrySet().stream()
                        .map(each ->
                                PercentEncoding.encode(each.getKey()) + "=" + PercentEncoding.encode(each.getValue()))
                        .collect(Collectors.joining("&", "?", ""));
    }

    /** The JDBC driver reads a + as a space, libpq reads it as a plus. */
    private static String decoded(String text, boolean jdbc) {
        return PercentEncoding.decode(jdbc ? text.replace("+", "%20") : text);
    }

    private static Optional<String> given(String value) {
        return Optional.ofNullable(value).filter(text -> !text.isEmpty());
    }

    private static String was(String url) {
        Matcher parts = SHOWABLE.matcher(url);
        if (!parts.matches()) {
            return "";
        }
        if (parts.group("user") == null) {
            // what looks like host:port may be a user and a password whose @host was forgotten
            return ShownText.was(parts.group("scheme") + "…");
        }
        String password = parts.group("password") == null ? "" : ":***";
        String query = parts.group("query") == null ? "" : "?…";
        return ShownText.was(
                parts.group("scheme") + parts.group("user") + password + "@" + parts.group("place") + query);
    }
}
