package dev.stocktake.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stocktake.cleanup.Actions;
import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.FindingName;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.PlanItem;
import dev.stocktake.cleanup.PlanOrder;
import dev.stocktake.cleanup.PlannedAction;
import dev.stocktake.cleanup.Plans;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.failure.Explanation;
import dev.stocktake.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConstants;

/** The answers of the HTTP API about cleanups. */
public final class PlansApi {
    private static final List<String> ORDER =
            List.of("run", "kind", "prefix", "keys", "expected_count", "accept_unconditional");
    private static final List<String> CONFIRMATION = List.of("hash", "bucket", "claim");

    private static final String USER = VertxPlatformHttpConstants.AUTHENTICATED_USER;
    private static final String QUERY = Exchange.HTTP_RAW_QUERY;

    private static final int MOST_ITEMS = 1000;

    private final Plans plans;
    private final Actions actions;
    private final String bucket;

    /**
     * About the cleanups of one bucket.
     *
     * @param bucket that is compared
     */
    public PlansApi(Plans plans, Actions actions, String bucket) {
        this.plans = plans;
        this.actions = actions;
        this.bucket = bucket;
    }

    /**
     * The plan that a client asks for.
     *
     * @param request whose body is a JSON object with {@code run}, {@code kind}, {@code prefix}, {@code keys},
     *     {@code expected_count} and {@code accept_unconditional} (the bucket's name), all optional; empty for none
     * @throws Problem when it is not to be understood
     */
    public PlanOrder order(Exchange request) {
        QueryParameters.of(query(request));
        JsonBody body = JsonBody.of(request, ORDER);
        Optional<UUID> run =
                body.member("run", id -> id.isTextual() ? Id.of(id.textValue()).orElse(null) : null, "the id of a run");
        Kind kind = body.member(
                        "kind", label -> Kind.of(label.textValue()).orElse(null), "orphaned_file or orphaned_record")
                .orElse(Kind.ORPHANED_FILE);
        Optional<String> prefix = body.text("prefix");
        Optional<List<FindingName>> names = body.member(
                "keys",
                list -> names(list, kind),
                kind == Kind.ORPHANED_FILE
                        ? "a list of storage keys"
                        : "a list of objects with storage_key and record_id, and nothing else");
        Optional<Long> count = body.member(
                "expected_count",
                number -> number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0
                        ? number.longValue()
                        : null,
                "a whole number from 0 to " + Long.MAX_VALUE);
        Optional<String> accepted = body.member(
                "accept_unconditional",
                name -> bucket.equals(name.textValue()) ? bucket : null,
                "the name of the bucket, \"" + bucket + "\"");
        body.refuseIfWrong();
        return new PlanOrder(
                run,
                kind,
                false,
                prefix.orElse(""),
                names,
                count.map(OptionalLong::of).orElse(OptionalLong.empty()),
                false,
                accepted.isPresent(),
                Optional.empty(),
                "http");
    }

    /** The answer about a plan that was made. */
    public Answer made(MadePlan made) {
        ObjectNode answer = json(made.plan());
        ObjectNode leftOut = answer.putObject("left_out");
        leftOut.put("near_matches", made.nearMatches());
        leftOut.put("too_young", made.tooYoung());
        leftOut.put("too_few_sightings", made.tooFewSightings());
        leftOut.put("no_room", made.noRoom());
        return new Answer(201, "application/json", "/api/plans/" + made.plan().id(), answer + "\n");
    }

    /**
     * A plan, and what became of it so far; its hash only for those who may have it executed.
     *
     * @param user whom the guard took the client for; null for whoever has the bearer secret
     */
    public Answer plan(@Header("id") String id, @Header(USER) Object user, @Header(QUERY) String query) {
        Plan plan = find(id);
        QueryParameters.of(query);
        CleanupResult result = actions.result(plan, null);
        ObjectNode answer = json(plan);
        if (!BearerGuard.mayCleanUp(user)) {
            answer.remove("hash");
        }
        answer.put("confirmed", actions.isBegun(plan));
        answer.put("ended", actions.isEnded(plan));
        answer.put("done", result.done());
        answer.put("skipped", result.skipped());
        answer.put("failed", result.failed());
        Map<String, Long> reasons = new TreeMap<>();
        result.reasons()
                .forEach((reason, items) -> reasons.merge(Explanation.withoutDetails(reason), items, Long::sum));
        answer.set("reasons", Json.MAPPER.valueToTree(reasons));
        answer.put("brought_back", result.broughtBack());
        answer.put("purged", result.purged());
        ArrayNode failures = answer.putArray("failures");
        result.failures()
                .forEach(failure -> failures.addObject()
                        .put("storage_key", failure.storageKey())
                        .put("now", failure.now())
                        .put("reason", Explanation.withoutDetails(failure.reason())));
        answer.set("audit_head", Json.MAPPER.valueToTree(actions.head().orElse(null)));
        return Answer.json(answer + "\n");
    }

    /**
     * A page of the items of a plan in key order, and the address of the next one.
     *
     * @param query may have {@code after}, the number of the item behind which the page begins, and {@code limit}, 1 to
     *     1,000, 100 by default
     */
    public Answer items(@Header("id") String id, @Header(QUERY) String query) {
        Plan plan = find(id);
        QueryParameters asked = QueryParameters.of(query, "after", "limit");
        int most = RunsApi.parseLimit(asked.get("limit"), 100, MOST_ITEMS);
        List<PlanItem> page = plans.items(plan.id(), parseAfter(asked.get("after")), most);
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
        if (number == null) {
            return 0;
        }
        return RunsApi.wholeNumber(number)
                .orElseThrow(() -> Problem.badRequest(
                        "after must be the number of an item, was: \"" + StrictText.shown(number) + "\""));
    }

    /**
     * The plan, confirmed.
     *
     * @param request whose body is a JSON object with its {@code hash}; with its {@code bucket} as well, where it deletes for
     *     good; what it says of the claim is asked by {@link #claimed}
     */
    public Plan confirmed(@Header("id") String id, Exchange request) {
        Plan plan = find(id);
        QueryParameters.of(query(request));
        JsonBody body = JsonBody.of(request, CONFIRMATION);
        Optional<String> hash = body.text("hash");
        Optional<String> bucket = body.text("bucket");
        body.refuseIfWrong();
        if (!hash.equals(Optional.of(plan.hash()))) {
            throw Problem.conflict(
                    "The body must be {\"hash\": \"…\"} with the hash of this very plan, which was in the"
                            + " answer that made it.");
        }
        if (isPermanent(plan) && bucket.isEmpty()) {
            throw Problem.conflict("This plan deletes " + plan.items() + " files of the bucket \"" + plan.bucket()
                    + "\" for good, and nothing brings them back: the body must have \"bucket\": \"" + plan.bucket()
                    + "\" beside the hash.");
        }
        if (bucket.isPresent() && !bucket.get().equals(plan.bucket())) {
            throw Problem.conflict(
                    "This plan " + (isPermanent(plan) ? "deletes for good files" : "is") + " of the bucket \""
                            + plan.bucket() + "\", and bucket was: \"" + StrictText.shown(bucket.get()) + "\".");
        }
        return plan;
    }

    /**
     * The name by which the client claims the bucket; null where it does not.
     *
     * @param request whose body confirms a plan
     */
    public String claimed(Exchange request) {
        JsonBody body = JsonBody.of(request, CONFIRMATION);
        Optional<String> claim = body.text("claim");
        body.refuseIfWrong();
        return claim.orElse(null);
    }

    private static ObjectNode json(Plan plan) {
        ObjectNode json = Json.MAPPER.valueToTree(plan);
        json.put("permanent", isPermanent(plan));
        // an address, which no answer holds
        json.remove("store");
        return json;
    }

    /** Whether nothing brings back what it does. */
    private static boolean isPermanent(Plan plan) {
        return plan.action() == PlannedAction.DELETE;
    }

    /** Where to look for what becomes of a plan. */
    public Answer begun(Plan plan) {
        return new Answer(202, "application/json", "/api/plans/" + plan.id(), json(plan) + "\n");
    }

    private Plan find(String id) {
        UUID uuid = Id.of(id)
                .orElseThrow(() -> Problem.notFound("There is no plan with this id; POST /api/plans makes one."));
        return plans.find(uuid)
                .orElseThrow(() -> Problem.notFound("There is no plan " + uuid + "; POST /api/plans makes one."));
    }

    /** Of files their keys; of records findings as the API has them, for a key alone may name several. */
    private static List<FindingName> names(JsonNode list, Kind kind) {
        if (!list.isArray()) {
            return null;
        }
        List<FindingName> names = new ArrayList<>();
        for (JsonNode each : list) {
            FindingName name = kind == Kind.ORPHANED_FILE ? file(each) : record(each);
            if (name == null || name.storageKey().isEmpty()) {
                return null;
            }
            names.add(name);
        }
        return names;
    }

    private static FindingName file(JsonNode key) {
        return key.isTextual() ? FindingName.ofFile(key.textValue()) : null;
    }

    private static FindingName record(JsonNode name) {
        JsonNode key = name.path("storage_key");
        JsonNode id = name.path("record_id");
        return name.size() == 2 && key.isTextual() && id.isTextual()
                ? new FindingName(key.textValue(), id.textValue())
                : null;
    }

    private static String query(Exchange request) {
        return request.getMessage().getHeader(Exchange.HTTP_RAW_QUERY, String.class);
    }
}
