package dev.stocktake.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/**
 * The JSON object that a request brings, read strictly: what a client did not mean must not be taken for what it did. What is
 * wrong with its members is gathered, and refused together.
 */
final class JsonBody {
    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private static final Pattern JSON = Pattern.compile("(?i)application/json *(?:; *charset=\"?utf-8\"? *)?");

    private final Map<String, JsonNode> members = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private JsonBody() {}

    /**
     * Reads the body of a request; none at all counts as an object without members.
     *
     * @param known the names of the members that it may have
     * @throws Problem when it is not one JSON object in UTF-8
     */
    static JsonBody of(Exchange request, List<String> known) {
        String type = request.getMessage().getHeader(Exchange.CONTENT_TYPE, String.class);
        if (type != null && !JSON.matcher(type.strip()).matches()) {
            throw new Problem(
                    415,
                    "Unsupported Media Type",
                    "Send the body as Content-Type: application/json, was: " + StrictText.shown(type));
        }
        if (request.getMessage().getHeader(Exchange.CONTENT_ENCODING) != null) {
            throw new Problem(415, "Unsupported Media Type", "Send the body as it is, without Content-Encoding.");
        }
        byte[] bytes = request.getMessage().getBody(byte[].class);
        String text = StrictText.of(ByteBuffer.wrap(bytes == null ? new byte[0] : bytes))
                .orElseThrow(() -> Problem.badRequest("The body must be JSON in UTF-8"));
        JsonBody body = new JsonBody();
        if (!text.isBlank()) {
            body.read(text, known);
        }
        return body;
    }

    private void read(String text, List<String> known) {
        try (JsonParser parser = STRICT.createParser(text)) {
            boolean isObject = parser.nextToken() == JsonToken.START_OBJECT;
            while (isObject && parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                JsonNode value = value(parser, name);
                if (!known.contains(name)) {
                    problems.add("the body may have " + String.join(", ", known) + ", and had: \""
                            + StrictText.shown(name) + "\"");
                } else if (members.put(name, value) != null) {
                    problems.add(name + " must be given once");
                } else if (!isStorable(value)) {
                    problems.add(name + " must be text without U+0000 and without half of a surrogate pair");
                    members.put(name, null);
                }
            }
            if (isObject && parser.nextToken() == null) {
                return;
            }
        } catch (IOException malformed) {
            // refused below, with everything else that is no object
        }
        throw Problem.badRequest(
                "The body must be a JSON object, and nothing behind it; it may have " + String.join(", ", known));
    }

    private static JsonNode value(JsonParser parser, String name) throws IOException {
        try {
            return parser.readValueAsTree();
        } catch (MismatchedInputException twice) {
            throw Problem.badRequest(StrictText.shown(name) + " must not have a name twice");
        } catch (StreamConstraintsException excessive) {
            throw Problem.badRequest(
                    StrictText.shown(name) + " is too large a number, too long or too deep to be read");
        }
    }

    /** In all that it holds, at any depth. */
    private static boolean isStorable(JsonNode value) {
        if (value.isTextual()) {
            return StrictText.isStorable(value.textValue());
        }
        for (JsonNode each : value) {
            if (!isStorable(each)) {
                return false;
            }
        }
        for (Map.Entry<String, JsonNode> member : value.properties()) {
            if (!StrictText.isStorable(member.getKey())) {
                return false;
            }
        }
        return true;
    }

    /**
     * What a member says; empty where there is none, or where it is wrong.
     *
     * @param read its value, or null where it is not what it must be
     * @param must what it must be, for people
     */
    <T> Optional<T> member(String name, Function<JsonNode, T> read, String must) {
        JsonNode value = members.get(name);
        if (value == null) {
            return Optional.empty();
        }
        T said = read.apply(value);
        if (said == null) {
            problems.add(name + " must be " + must + ", was: " + StrictText.shown(value.toString()));
        }
        return Optional.ofNullable(said);
    }

    /** Text. */
    Optional<String> text(String name) {
        return member(name, JsonNode::textValue, "a string");
    }

    /**
     * Ends the reading.
     *
     * @throws Problem that names everything that was wrong
     */
    void refuseIfWrong() {
        if (!problems.isEmpty()) {
            throw Problem.badRequest(String.join("; ", problems));
        }
    }
}
