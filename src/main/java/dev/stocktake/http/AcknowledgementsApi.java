package dev.stocktake.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.stocktake.cleanup.Acknowledgements;
import dev.stocktake.json.Json;
import dev.stocktake.report.RunJson;
import dev.stocktake.run.Acknowledgement;
import org.apache.camel.Body;
import org.apache.camel.Header;

/** The answers of the HTTP API about suspicious runs that somebody answers for. */
public final class AcknowledgementsApi {
    /** Nothing said twice, and nothing behind it. */
    private static final ObjectReader STRICT = Json.MAPPER
            .readerFor(JsonNode.class)
            .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final RunsApi runs;
    private final Acknowledgements acknowledgements;

    public AcknowledgementsApi(RunsApi runs, Acknowledgements acknowledgements) {
        this.runs = runs;
        this.acknowledgements = acknowledgements;
    }

    /**
     * Acknowledges a run.
     *
     * @param body a JSON object with its {@code reason} and nothing else
     * @return the run as it is then
     * @throws dev.stocktake.cleanup.RefusedException where it is not one to acknowledge
     */
    public Answer acknowledge(@Header("id") String id, @Body String body) {
        String reason = reason(body);
        return Answer.json(RunJson.of(acknowledgements.acknowledge(runs.find(id).id(), "http", reason)) + "\n");
    }

    private static String reason(String body) {
        JsonNode reason = parse(body).path("reason");
        if (!reason.isTextual()) {
            throw Problem.badRequest("reason must be a text that says why");
        }
        Acknowledgement.objection(reason.textValue()).ifPresent(objection -> {
            throw Problem.badRequest("reason " + objection);
        });
        return reason.textValue();
    }

    private static JsonNode parse(String body) {
        try {
            JsonNode json = STRICT.readTree(body == null ? "" : body);
            if (json.isObject() && json.size() == 1 && json.has("reason")) {
                return json;
            }
        } catch (JsonProcessingException malformed) {
            // refused below, with everything else that is not what it must be
        }
        throw Problem.badRequest("The body must be {\"reason\": \"…\"} and nothing else");
    }
}
