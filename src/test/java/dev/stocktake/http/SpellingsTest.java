package dev.stocktake.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.settings.Purpose;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guard decides about a request is about the very request that the router runs, however its path is written. */
class SpellingsTest {
    private static final String BEARER = "Authorization: Bearer " + StartedStocktake.SECRET + "\r\n";
    private static final String CLEANUP_SECRET = "a-secret-for-cleanups";
    private static final String BOTH = BEARER + "Cleanup-Secret: " + CLEANUP_SECRET + "\r\n";

    /** Where the routes say what they do: before that, the request is noted, and nothing is done. */
    private static final Pattern FIRST_STEP =
            Pattern.compile("(uri: platform-http:(?:(?!\\n {6}steps:).)*\\n {6}steps:\\n)", Pattern.DOTALL);

    private static final String NOTE = """
            - script:
                expression:
                  simple: ${bean:type:dev.stocktake.http.Reached?method=by(${header.Spelling}, ${routeId})}
            - removeHeaders:
                pattern: "*"
            - setBody:
                expression:
                  constant: reached
            - stop: {}
            """.indent(8);

    private static StartedStocktake stocktake;
    private static int port;

    @BeforeAll
    static void serve(@TempDir Path folder) throws IOException {
        EditedRoutes.in(folder).add("extra.camel.yaml", """
                - route:
                    id: takes-any-method
                    from:
                      uri: platform-http:/open
                      steps:
                        - setBody:
                            constant: done
                - route:
                    id: takes-all-below
                    from:
                      uri: platform-http:/below
                      parameters:
                        matchOnUriPrefix: true
                      steps:
                        - setBody:
                            constant: done
                - route:
                    id: writes-by-several-methods
                    from:
                      uri: platform-http:/assets/{key}/Owner
                      parameters:
                        httpMethodRestrict: PUT,DELETE
                      steps:
                        - setBody:
                            constant: done
                """);
        for (String file : List.of(
                "http.camel.yaml", "http-plans.camel.yaml", "http-acknowledge.camel.yaml", "extra.camel.yaml")) {
            Path path = folder.resolve(file);
            Files.writeString(
                    path,
                    FIRST_STEP
                            .matcher(Files.readString(path))
                            .replaceAll(from -> Matcher.quoteReplacement(from.group(1) + NOTE)));
        }
        Map<String, String> environment = Assets.empty().environment();
        environment.put("CLEANUP_SECRET", CLEANUP_SECRET);
        stocktake = StartedStocktake.start(environment, folder, Purpose.SERVE, Clock.systemUTC());
        port = stocktake.port();
    }

    @AfterAll
    static void stop() {
        stocktake.close();
    }

    /** What the router has, as it says itself where it has nothing else to say. */
    private record Known(Set<String> methods, String path) {
        static List<Known> all() throws IOException {
            String list = new Connection()
                    .ask("GET /nothing HTTP/1.1\r\nHost: x\r\n" + BEARER + "\r\n")
                    .body();
            Matcher each = Pattern.compile("(?:([A-Z]+(?: or [A-Z]+)*) )?(/[^ ,\"]+)[,.]")
                    .matcher(list.substring(list.indexOf("the API has ")));
            List<Known> all = new ArrayList<>();
            while (each.find()) {
                all.add(new Known(
                        each.group(1) == null ? Set.of() : Set.of(each.group(1).split(" or ", -1)), each.group(2)));
            }
            return all;
        }

        boolean takes(String method, String normal) {
            return (methods.isEmpty() || methods.contains(method)) && isAt(normal);
        }

        private boolean isAt(String normal) {
            String[] wanted = path.split("/", -1);
            String[] sent = normal.split("/", -1);
            boolean all = path.endsWith("*");
            if (all ? sent.length < wanted.length : sent.length != wanted.length) {
                return false;
            }
            for (int i = 0; i < wanted.length; i++) {
                boolean fits = wanted[i].startsWith("{")
                        ? !sent[i].isEmpty()
                        : wanted[i].endsWith("*")
                                ? sent[i].startsWith(wanted[i].substring(0, wanted[i].length() - 1))
                                : wanted[i].equals(sent[i]);
                if (!fits) {
                    return false;
                }
            }
            return true;
        }
    }

    @Test
    void whatTheGuardDecidesIsAboutWhatTheRouterRuns() throws IOException {
        List<Known> known = Known.all();
        assertThat(known)
                .extracting(Known::path)
                .contains("/api/plans", "/api/plans/{id}/execute", "/open", "/assets/{key}/Owner");
        Connection connection = new Connection();
        int requests = 0;
        int reached = 0;
        List<String> different = new ArrayList<>();
        for (Known one : known) {
            Set<String> methods = new LinkedHashSet<>(one.methods());
            methods.addAll(List.of("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PROBE", "post", "Get"));
            for (String spelling :
                    spellings(one.path().replaceAll("\\{[^}]*}", "K1").replace("*", ""))) {
                for (String method : methods) {
                    // all methods of the route itself, and of the others one in turn: each pair, over all the spellings
                    if (!one.methods().contains(method) && (requests + method.length()) % 3 != 0) {
                        continue;
                    }
                    for (String secrets : List.of(BEARER, BOTH)) {
                        String number = Integer.toString(++requests);
                        Answer answer =
                                connection.ask(method + " " + spelling + " HTTP/1.1\r\nHost: 127.0.0.1\r\nSpelling: "
                                        + number + "\r\nContent-Length: 0\r\n" + secrets + "\r\n");
                        boolean looks = method.equals("GET") || method.equals("HEAD");
                        String path = spelling.replaceFirst("\\?.*", "");
                        boolean expected = (looks || secrets.equals(BOTH))
                                && isNormal(path)
                                && known.stream()
                                        .anyMatch(route -> route.takes(
                                                method,
                                                path.length() > 1 && path.endsWith("/")
                                                        ? path.substring(0, path.length() - 1)
                                                        : path));
                        boolean ran = Reached.route(number) != null;
                        reached += ran ? 1 : 0;
                        if (ran != expected || !isConsistent(answer.status(), ran, looks || secrets.equals(BOTH))) {
                            different.add(method + " " + spelling + (secrets.equals(BOTH) ? " with both secrets" : "")
                                    + ": " + answer.status() + ", reached " + Reached.route(number));
                        }
                    }
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "Spellings of %d routes: %d requests, %d reached a route, %d decisions differ%n",
                known.size(),
                requests,
                reached,
                different.size());
        assertThat(different).isEmpty();
        assertThat(reached).isGreaterThan(known.size());
    }

    /** Whether the status is one that goes with what happened. */
    private static boolean isConsistent(int status, boolean ran, boolean allowed) {
        if (ran) {
            return status == 200;
        }
        return allowed
                ? List.of(400, 404, 405).contains(status)
                : List.of(400, 403).contains(status);
    }

    /** Written anew here, in another way than the guard's. */
    private static boolean isNormal(String path) {
        if (!path.startsWith("/") || path.matches(".*[^!-~].*")) {
            return false;
        }
        String[] segments = path.substring(1).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            String segment = segments[i];
            boolean last = i == segments.length - 1;
            if ((segment.isEmpty() && !last)
                    || segment.equals(".")
                    || segment.equals("..")
                    || segment.matches(".*[;\\\\#\\[\\]|^`{}<>\"].*")
                    || segment.matches("(?i).*%(?:2[DEF]|3[0-9B]|[46][1-9A-F]|[57][0-9A]|5[CF]|7[EF]|[01].|C0|FF).*")
                    || segment.matches(".*%(?![0-9A-Fa-f]{2}).*")) {
                return false;
            }
        }
        return true;
    }

    private static List<String> spellings(String path) {
        Set<String> all = new LinkedHashSet<>(List.of(
                path,
                path + "/",
                path + "//",
                path + "?x=1",
                path + "/?x=//../",
                path + "?",
                path + "/.",
                path + "/..",
                path + "/x/..",
                path + "/%2e",
                path + "/%2E%2E",
                path + ";a=b",
                path + ";",
                path + "#x",
                path + "%20",
                path + "%09",
                path + "%00",
                path + "%23",
                path + "%3F",
                path + "%3f",
                path + ".json",
                path + "%C0%AF",
                path + "/%ff",
                path + "%EF%BC%8F",
                path + "\\",
                path + "%",
                path + "%zz",
                path.substring(1),
                "/" + path,
                "//" + path,
                "/." + path,
                "/.." + path,
                "/x/.." + path,
                "/;" + path,
                "/%2f" + path,
                "/%2e%2e" + path,
                "\\" + path,
                "." + path,
                "*",
                "*" + path,
                "//127.0.0.1" + path,
                "http:" + path,
                "http://127.0.0.1" + path,
                "http://127.0.0.1:" + port + path,
                "https://elsewhere.example" + path,
                "http://user@elsewhere.example" + path + "?x=1",
                "http://127.0.0.1/x/.." + path,
                path.toUpperCase(Locale.ROOT),
                path.toLowerCase(Locale.ROOT)));
        for (int i = 0; i < path.length(); i++) {
            String before = path.substring(0, i);
            String after = path.substring(i + 1);
            char character = path.charAt(i);
            String hex = String.format(Locale.ROOT, "%02x", (int) character);
            all.add(before + "%" + hex + after);
            all.add(before + "%" + hex.toUpperCase(Locale.ROOT) + after);
            all.add(before + "%25" + hex + after);
            all.add(before + "%u00" + hex + after);
            if (Character.isLetter(character)) {
                all.add(before + (char) (character ^ 0x20) + after);
            }
            if (character == '/') {
                for (String slash : List.of(
                        "//",
                        "///",
                        "/./",
                        "/x/../",
                        "/..//",
                        "\\",
                        "/\\",
                        "/;/",
                        ";/",
                        ";a=b/",
                        "%5c",
                        "%2F/",
                        "/%2e/",
                        "/.%2E/",
                        "?/",
                        "%EF%BC%8F",
                        "%C0%AF")) {
                    all.add(before + slash + after);
                }
            }
        }
        return List.copyOf(all);
    }

    private record Answer(int status, String body) {}

    /** One connection after another, each as long as the server keeps it. */
    private static final class Connection {
        private Socket socket;
        private InputStream input;

        Answer ask(String request) throws IOException {
            for (int attempt = 0; ; attempt++) {
                if (socket == null) {
                    socket = new Socket(InetAddress.getLoopbackAddress(), port);
                    socket.setSoTimeout(60_000);
                    socket.setTcpNoDelay(true);
                    input = new BufferedInputStream(socket.getInputStream());
                }
                try {
                    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                    return answer(request.startsWith("HEAD "));
                } catch (IOException closed) {
                    socket.close();
                    socket = null;
                    // that the server has closed a connection after the answer before is seen only now
                    if (attempt > 0) {
                        throw closed;
                    }
                }
            }
        }

        private Answer answer(boolean head) throws IOException {
            String status = line();
            int length = 0;
            boolean chunked = false;
            for (String header = line(); !header.isEmpty(); header = line()) {
                String lower = header.toLowerCase(Locale.ROOT);
                length = lower.startsWith("content-length:")
                        ? Integer.parseInt(lower.substring(15).strip())
                        : length;
                chunked |= lower.startsWith("transfer-encoding:");
            }
            StringBuilder body = new StringBuilder();
            if (!head && chunked) {
                for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
                    body.append(new String(input.readNBytes(size), StandardCharsets.UTF_8));
                    line();
                }
                line();
            } else if (!head) {
                body.append(new String(input.readNBytes(length), StandardCharsets.UTF_8));
            }
            return new Answer(Integer.parseInt(status.split(" ", -1)[1]), body.toString());
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next = input.read(); next != '\n'; next = input.read()) {
                if (next < 0) {
                    throw new IOException("closed");
                }
                line.append((char) next);
            }
            return line.toString().strip();
        }
    }
}
