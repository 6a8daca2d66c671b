package dev.stocktake.report;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stocktake.json.Json;
import dev.stocktake.run.Acknowledgement;
import dev.stocktake.run.Run;
import dev.stocktake.run.Usage;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/** A run as JSON, by the names of the columns of {@code stocktake.run}. */
public final class RunJson {
    private static final PropertyNamingStrategies.NamingBase SNAKE_CASE_NAMES =
            new PropertyNamingStrategies.SnakeCaseStrategy();

    private RunJson() {}

    public static ObjectNode of(Run run) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("id", run.id().toString());
        json.put("trigger", run.trigger().label());
        json.put("status", run.status().name());
        json.set("started_at", Json.MAPPER.valueToTree(run.startedAt()));
        json.set("finished_at", Json.MAPPER.valueToTree(run.finishedAt()));
        json.put("bucket", run.bucket());
        json.put("prefix", run.prefix());
        putAll(json, run.counts(), Run.Counts.class);
        putAll(json, run.usage(), Usage.class);
        json.put("suspicious", run.suspicious());
        json.put("failure", run.failure());
        json.put("remarks", run.remarks());
        json.set(
                "proof",
                run.proof() == null ? null : Json.MAPPER.valueToTree(run.proof().lines()));
        json.put("trusted", run.isTrusted());
        Acknowledgement acknowledgement = run.acknowledgement();
        json.set("acknowledged_at", acknowledgement == null ? null : Json.MAPPER.valueToTree(acknowledgement.at()));
        json.put("acknowledged_by", acknowledgement == null ? null : acknowledgement.by());
        json.put("acknowledged_reason", acknowledgement == null ? null : acknowledgement.reason());
        json.set(
                "foreign_folders",
                run.foreignFolders().isEmpty() ? null : Json.MAPPER.valueToTree(run.foreignFolders()));
        json.set("findings_forgotten_at", Json.MAPPER.valueToTree(run.findingsForgottenAt()));
        return json;
    }

    /** All by name, and all null where it is. */
    private static <T extends Record> void putAll(ObjectNode json, T values, Class<T> type) {
        if (values == null) {
            Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getName)
                    .map(SNAKE_CASE_NAMES::translate)
                    .forEach(json::putNull);
        } else {
            json.setAll(Json.MAPPER.<ObjectNode>valueToTree(values));
        }
    }
}
