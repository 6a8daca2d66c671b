package dev.stocktake.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stocktake.cleanup.Actions;
import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Cleanups;
import dev.stocktake.cleanup.FindingName;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.PlanItem;
import dev.stocktake.cleanup.PlanOrder;
import dev.stocktake.cleanup.Plans;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.json.Json;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.apache.camel.Body;
import org.apache.camel.Header;

/** The answers of the HTTP API about cleanups. */
public final class PlansApi {
    private static final Set<String> ORDER = Set.of("run", "kind", "prefix", "keys", "expected_count");

    private static final int MOST_ITEMS = 1000;

    private final Cleanups cleanups;
    private final Plans plans;
    private final Actions actions;

    public PlansApi(Cleanups cleanups, Plans plans, Actions actions) {
        this.cleanups = cleanups;
        this.plans = plans;
        this.actions = actions;
    }

    /**
     * Makes a plan.
     *
     * @param body a JSON object with {@code run}, {@code kind}, {@code prefix}, {@code keys} and {@code expected_count}, all
     *     optional; empty for none
     * @throws dev.stocktake.cleanup.RefusedException with every reason against it
     */
    public Answer make(@Body String body) {
        MadePlan made = cleanups.plan(order(body));
        ObjectNode answer = Json.MAPPER.valueToTree(made.plan());
        ObjectNode leftOut = answer.putObject("left_out");
        leftOut.put("near_matches", made.nearMatches());
        leftOut.put("too_young", made.tooYoung());
        leftOut.put("too_few_sightings", made.tooFewSightings());
        return new Answer(201, "application/json", "/api/plans/" + made.plan().id(), answer + "\n");
    }

    /** A plan, what became of it so far, and the last of all actions. */
    public Answer plan(@Header("id") String id) {
        Plan plan = find(id);
        CleanupResult result = actions.result(plan, null);
        ObjectNode answer = Json.MAPPER.valueToTree(plan);
        answer.put("confirmed", actions.isBegun(plan));
        answer.put("ended", actions.isEnded(plan));
        answer.put("done", result.done());
        answer.put("skipped", result.skipped());
        answer.put("failed", result.failed());
        answer.set("reasons", Json.MAPPER.valueToTree(result.reasons()));
        answer.set("audit_head", Json.MAPPER.valueToTree(actions.head().orElse(null)));
        return Answer.json(answer + "\n");
    }

    /**
     * A page of the items of a plan in key order, and the address of the next one.
     *
     * @param after the number of the item behind which the page begins, as text; null for the start
     * @param limit 1 to 1,000 as text; null for 100
     */
    public Answer items(@Header("id") String id, @Header("after") String after, @Header("limit") String limit) {
        Plan plan = find(id);
        int most = RunsApi.parseLimit(limit, 100, MOST_ITEMS);
        List<PlanItem> page = plans.items(plan.id(), parseAfter(after), most);
        ObjectNode answer = Json.MAPPER.createObjectNode();
        answer.set("items", Json.MAPPER.valueToTree(page));
        answer.put(
                "next",
                page.size() < most
                        ? null
                        : "/api/plans/" + plan.id() + "/items?after="
                                + page.get(page.size() - 1).number() + "&limit=" + most);
        return Answer.json(answer + "\n");
    }

    private static long parseAfter(String number) {
        try {
            return number == null ? 0 : Long.parseLong(number);
        } catch (NumberFormatException notANumber) {
            throw Problem.badRequest("after must be the number of an item, was: \"" + number + "\"");
        }
    }

    /**
     * The plan, confirmed.
     *
     * @param body a JSON object with its {@code hash}
     */
    public Plan confirmed(@Header("id") String id, @Body String body) {
        Plan plan = find(id);
        if (!plan.hash().equals(parse(body).path("hash").asText(null))) {
            throw Problem.conflict(
                    "The body must be {\"hash\": \"…\"} with the hash of this very plan, which was in the"
                            + " answer that made it.");
        }
        return plan;
    }

    /** Where to look for what becomes of a plan. */
    public Answer begun(Plan plan) {
        return new Answer(202, "application/json", "/api/plans/" + plan.id(), Json.write(plan) + "\n");
    }

    private Plan find(String id) {
        UUID uuid;
        try {
            uuid = UUID.fromString(id);
        } catch (IllegalArgumentException malformed) {
            throw Problem.notFound("There is no plan with this id; POST /api/plans makes one.");
        }
        return plans.find(uuid)
                .orElseThrow(() -> Problem.notFound("There is no plan " + uuid + "; POST /api/plans makes one."));
    }

    private static PlanOrder order(String body) {
        JsonNode order = parse(body);
        for (Iterator<String> names = order.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!ORDER.contains(name)) {
                throw Problem.badRequest(
                        "The body may have run, kind, prefix, keys and expected_count, and had: \"" + name + "\"");
            }
        }
        Kind kind = RunsApi.parseKind(order.path("kind").asText(Kind.ORPHANED_FILE.label()));
        return new PlanOrder(
                Optional.ofNullable(order.path("run").asText(null)).map(PlansApi::runId),
                kind,
                false,
                order.path("prefix").asText(""),
                order.has("keys") ? Optional.of(names(order.path("keys"), kind)) : Optional.empty(),
                order.has("expected_count")
                        ? OptionalLong.of(count(order.path("expected_count")))
                        : OptionalLong.empty(),
                false,
                false,
                Optional.empty(),
                "http");
    }

    /** Of files their keys; of records findings as the API has them, for a key alone may name several. */
    private static List<FindingName> names(JsonNode list, Kind kind) {
        List<FindingName> names = new ArrayList<>();
        list.forEach(each -> names.add(
                kind == Kind.ORPHANED_FILE
                        ? FindingName.ofFile(each.asText())
                        : new FindingName(
                                each.path("storage_key").asText(""),
                                each.path("record_id").asText(""))));
        if (!list.isArray() || names.stream().anyMatch(PlansApi::isNone)) {
            throw Problem.badRequest(
                    "keys must be a list of storage keys; for orphaned_record of objects with storage_key"
                            + " and record_id");
        }
        return names;
    }

    private static boolean isNone(FindingName name) {
        return name.storageKey().isEmpty() || (name.storageKey() + name.recordId()).indexOf('\0') >= 0;
    }

    private static long count(JsonNode number) {
        if (!number.isIntegralNumber()) {
            throw Problem.badRequest("expected_count must be a whole number, was: " + number);
        }
        return number.asLong();
    }

    private static UUID runId(String id) {
        try {
            return UUID.fromString(id);
        } catch (IllegalArgumentException malformed) {
            throw Problem.badRequest("run must be the id of a run, was: \"" + id + "\"");
        }
    }

    private static JsonNode parse(String body) {
        try {
            JsonNode json = Json.MAPPER.readTree(body == null || body.isBlank() ? "{}" : body);
            if (json.isObject()) {
                return json;
            }
        } catch (JsonProcessingException malformed) {
            // refused below, with everything else that is no object
        }
        throw Problem.badRequest("The body must be a JSON object");
    }
}
