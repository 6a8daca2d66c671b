package dev.stocktake.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parameters of a request's query: each known, and given once. */
final class QueryParameters {
    private final Map<String, String> values = new HashMap<>();

    private QueryParameters() {}

    /**
     * Reads a query.
     *
     * @param query as it was sent; null for none
     * @param known the names that it may have
     * @throws Problem that names every parameter that is wrong
     */
    static QueryParameters of(String query, String... known) {
        QueryParameters parameters = new QueryParameters();
        List<String> problems = new ArrayList<>();
        for (String pair : query == null || query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String sent = equals < 0 ? pair : pair.substring(0, equals);
            Optional<String> name = decoded(sent);
            Optional<String> value = decoded(equals < 0 ? "" : pair.substring(equals + 1));
            if (name.isEmpty() || !List.of(known).contains(name.get())) {
                problems.add((known.length == 0
                                ? "there are no parameters here"
                                : "the parameters here are " + String.join(", ", known))
                        + ", was: \"" + StrictText.shown(name.orElse(sent)) + "\"");
            } else if (value.isEmpty() || !StrictText.isStorable(value.get())) {
                problems.add(name.get() + " must be percent-encoded UTF-8 without U+0000");
            } else if (parameters.values.put(name.get(), value.get()) != null) {
                problems.add(name.get() + " must be given once");
            }
        }
        if (!problems.isEmpty()) {
            throw Problem.badRequest(String.join("; ", problems));
        }
        return parameters;
    }

    /** The value of a parameter; null where it is not given. */
    String get(String name) {
        return values.get(name);
    }

    /** As browsers write forms: a plus sign is a space. */
    private static Optional<String> decoded(String sent) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(sent.length());
        for (int at = 0; at < sent.length(); at++) {
            char character = sent.charAt(at);
            if (character != '%') {
                // the server reads a request line byte by byte
                bytes.write(character == '+' ? ' ' : character);
            } else if (at + 2 < sent.length() && isHex(sent.charAt(at + 1)) && isHex(sent.charAt(at + 2))) {
                bytes.write(Integer.parseInt(sent.substring(at + 1, at + 3), 16));
                at += 2;
            } else {
                return Optional.empty();
            }
        }
        return StrictText.of(ByteBuffer.wrap(bytes.toByteArray()));
    }

    private static boolean isHex(char character) {
        return "0123456789abcdefABCDEF".indexOf(character) >= 0;
    }
}
