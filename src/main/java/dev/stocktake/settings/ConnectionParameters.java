package dev.stocktake.settings;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.PGProperty;

/**
 * The parameters of a database URL, from the names and values that libpq and common frameworks use to those of the
 * JDBC driver. The driver ignores what it does not know, so an unknown name is refused here: a misspelt
 * {@code sslmode} or {@code currentSchema} must not quietly mean "no TLS" or "another table".
 */
final class ConnectionParameters {
    private static final Map<String, PGProperty> DRIVER =
            Arrays.stream(PGProperty.values()).collect(Collectors.toUnmodifiableMap(PGProperty::getName, p -> p));

    private static final Map<String, String> RENAMED = Map.ofEntries(
            Map.entry("application_name", "ApplicationName"),
            Map.entry("channel_binding", "channelBinding"),
            Map.entry("gssencmode", "gssEncMode"),
            Map.entry("krbsrvname", "kerberosServerName"),
            Map.entry("require_auth", "requireAuth"),
            Map.entry("sslnegotiation", "sslNegotiation"),
            // Prisma
            Map.entry("schema", "currentSchema"),
            Map.entry("socket_timeout", "socketTimeout"),
            // drivers that send what they do not know to the server
            Map.entry("search_path", "currentSchema"));

    /** They tune other clients' pools or sockets and cannot change what is read or how safely. */
    private static final Set<String> IGNORED = Set.of(
            "charset",
            "connection_limit",
            "fallback_application_name",
            "keepalives_count",
            "keepalives_idle",
            "keepalives_interval",
            "max_idle_connection_lifetime",
            "max_connections",
            "pool_max_conns",
            "pool_size",
            "pool_timeout",
            "serverVersion",
            "sslcompression",
            "sslsni",
            "statement_cache_size",
            "supa",
            "tcp_user_timeout",
            "uselibpqcompat");

    private static final Map<String, String> SERVER_TYPES = Map.of(
            "any", "any",
            "read-write", "primary",
            "primary", "primary",
            "read-only", "secondary",
            "standby", "secondary",
            "prefer-standby", "preferSecondary");

    private static final Map<String, String> SWITCHES =
            Map.of("1", "true", "true", "true", "on", "true", "0", "false", "false", "false", "off", "false");

    private final Map<String, String> driver = new LinkedHashMap<>();
    private final boolean shown;
    private boolean systemCertificates;

    /** @param shown whether a message may show names and values: not when they may be part of a mangled password */
    ConnectionParameters(boolean shown) {
        this.shown = shown;
    }

    /** What the driver is to be given, in the order of the URL. */
    Map<String, String> driver() {
        if (systemCertificates) {
            // whatever sslmode says: any public authority's certificate would do without the host's name checked
            put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
            put("sslmode", "verify-full");
        }
        return driver;
    }

    /** @throws IllegalArgumentException when the driver has no such parameter, or not with such a value */
    void add(String name, String value) {
        switch (name) {
            case "host", "hostaddr", "port", "dbname", "PGHOST", "PGPORT", "PGDBNAME" ->
                throw new IllegalArgumentException("must have the host, the port and the database before the \"?\","
                        + " and a host that is reached by TCP, not by a Unix socket");
            case "sslpassword" ->
                throw new IllegalArgumentException("must not have the parameter sslpassword, because drivers and pools"
                        + " write URLs to their logs: use a key file without a passphrase");
            case "connect_timeout" -> put("connectTimeout", seconds(name, value));
            case "keepalives" -> put("tcpKeepAlive", mapped(name, value, SWITCHES));
            case "target_session_attrs" -> put("targetServerType", mapped(name, value, SERVER_TYPES));
            case "load_balance_hosts" ->
                put("loadBalanceHosts", mapped(name, value, Map.of("disable", "false", "random", "true")));
            case "pgbouncer" ->
                noPreparedStatements(mapped(name, value, SWITCHES).equals("true"));
            case "prepared_statements" ->
                noPreparedStatements(mapped(name, value, SWITCHES).equals("false"));
            case "client_encoding" -> mapped(name, value, Map.of("utf8", "", "utf-8", "", "unicode", "", "auto", ""));
            case "sslaccept" ->
                throw new IllegalArgumentException(
                        "must not have the parameter sslaccept: use sslmode=verify-full or sslmode=require");
            case "sslrootcert" -> {
                // libpq's word for the certificates of the system
                systemCertificates = value.equals("system");
                if (!systemCertificates) {
                    put("sslrootcert", value);
                }
            }
            default -> addByName(name, value);
        }
    }

    private void addByName(String name, String value) {
        String renamed = RENAMED.getOrDefault(name, name);
        if (DRIVER.containsKey(renamed)) {
            put(renamed, value);
        } else if (!IGNORED.contains(name)) {
            List<String> names = Stream.concat(DRIVER.keySet().stream(), RENAMED.keySet().stream())
                    .toList();
            String hint = NearestName.of(name, names, 2)
                    .map(near -> "; did you mean " + near + "?")
                    .orElse("");
            throw new IllegalArgumentException("has a parameter that the PostgreSQL driver does not know"
                    + (shown ? ": " + ShownText.quoted(name) + hint : ""));
        }
    }

    private void put(String name, String value) {
        String[] choices = DRIVER.get(name).getChoices();
        // requireAuth takes a list of its choices
        if (choices == null || name.equals("requireAuth")) {
            driver.put(name, value);
            return;
        }
        driver.put(
                name,
                Arrays.stream(choices)
                        .filter(choice -> choice.equalsIgnoreCase(value))
                        .findFirst()
                        .orElseThrow(() -> wrong(name, "one of " + String.join(", ", choices), value)));
    }

    private void noPreparedStatements(boolean unprepared) {
        if (unprepared) {
            // a pooler between transactions gives each a different connection, where the named statement is missing
            put("prepareThreshold", "0");
        }
    }

    /** libpq takes a negative time-out for none, the driver takes 0 for that. */
    private String seconds(String name, String value) {
        if (!value.matches("-?[0-9]{1,6}")) {
            throw wrong(name, "a whole number of seconds", value);
        }
        return value.startsWith("-") ? "0" : value;
    }

    private String mapped(String name, String value, Map<String, String> values) {
        Map<String, String> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        anyCase.putAll(values);
        String result = anyCase.get(value);
        if (result == null) {
            throw wrong(name, "one of " + String.join(", ", anyCase.keySet()), value);
        }
        return result;
    }

    private IllegalArgumentException wrong(String name, String right, String value) {
        return new IllegalArgumentException(
                "must have a " + name + " that is " + right + (shown ? ", not " + ShownText.quoted(value) : ""));
    }
}
