package dev.stocktake.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.compare.Finding;
import dev.stocktake.failure.Explanation;
import dev.stocktake.json.Json;
import dev.stocktake.report.Reports;
import dev.stocktake.report.RunJson;
import dev.stocktake.run.Findings;
import dev.stocktake.run.Run;
import dev.stocktake.run.RunActiveException;
import dev.stocktake.run.RunInProgress;
import dev.stocktake.run.Runs;
import dev.stocktake.run.StoredFinding;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** The answers of the HTTP API. */
public final class RunsApi {
    private static final int MOST_RUNS = 100;
    private static final int MOST_FINDINGS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(RunsApi.class);

    private final Runs runs;
    private final Findings findings;
    private final Reports reports;
    private final Explanation explanation;

    public RunsApi(Runs runs, Findings findings, Reports reports, Explanation explanation) {
        this.runs = runs;
        this.findings = findings;
        this.reports = reports;
        this.explanation = explanation;
    }

    /**
     * Waits for the end of a run.
     *
     * @param millis how long at the most
     * @param accept the client's {@code Accept} header; JSON unless it asks for text
     * @return its report, or where to look for it when it goes on
     */
    public Answer await(RunInProgress running, long millis, String accept) throws InterruptedException {
        return running.await(Duration.ofMillis(millis))
                .map(run -> new Accept(accept).prefersText()
                        ? Answer.text(reports.text(run))
                        : Answer.json(reports.json(run)))
                .orElseGet(() -> new Answer(
                        202, "application/json", "/api/runs/" + running.id(), RunJson.of(running.run()) + "\n"));
    }

    /**
     * Lets whoever waits for a run go on.
     *
     * @param run null when it ended without one
     */
    public void ended(RunInProgress running, Run run) {
        running.ended(run);
    }

    /**
     * The runs, newest first.
     *
     * @param limit 1 to 100 as text; null for 20
     */
    public Answer runs(@Header("limit") String limit) {
        ArrayNode list = Json.MAPPER.createArrayNode();
        runs.newest(parseLimit(limit, 20, MOST_RUNS)).forEach(run -> list.add(RunJson.of(run)));
        ObjectNode answer = Json.MAPPER.createObjectNode();
        answer.set("runs", list);
        return Answer.json(answer + "\n");
    }

    /** One run with its counts. */
    public Answer run(@Header("id") String id) {
        return Answer.json(RunJson.of(find(id)) + "\n");
    }

    /** The text report of a run, again. */
    public Answer textReport(@Header("id") String id) {
        return Answer.text(reports.text(find(id)));
    }

    /**
     * A page of findings in key order, and the address of the next one.
     *
     * @param kind {@code orphaned_file}, {@code orphaned_record}, or null for both
     * @param after the storage key behind which the page begins; null for the start
     * @param afterId where within that storage key, as the previous page's {@code next} has it; null for its end
     * @param limit 1 to 1,000 as text; null for 100
     */
    public Answer findings(
            @Header("id") String id,
            @Header("kind") String kind,
            @Header("after") String after,
            @Header("after_id") String afterId,
            @Header("limit") String limit) {
        Run run = find(id);
        if (!run.isComplete()) {
            throw Problem.conflict("Run " + run.id() + " is " + run.status() + " and has no verdict"
                    + (run.failure() == null ? "." : ": " + run.failure()));
        }
        if (after != null && after.indexOf('\0') >= 0) {
            throw Problem.badRequest("after must be a storage key without U+0000, which no finding has");
        }
        int most = parseLimit(limit, 100, MOST_FINDINGS);
        Long withinKey = afterId == null ? null : parseAfterId(afterId);
        List<StoredFinding> page =
                findings.page(run.id(), kind == null ? null : parseKind(kind), after, withinKey, most);
        ObjectNode answer = Json.MAPPER.createObjectNode();
        answer.set("findings", Json.MAPPER.valueToTree(page));
        if (page.size() < most) {
            answer.putNull("next");
        } else {
            StoredFinding last = page.get(page.size() - 1);
            answer.put(
                    "next",
                    "/api/runs/" + run.id() + "/findings?" + (kind == null ? "" : "kind=" + kind + "&") + "after="
                            + URLEncoder.encode(last.storageKey(), StandardCharsets.UTF_8) + "&after_id=" + last.id()
                            + "&limit=" + most);
        }
        return Answer.json(answer + "\n");
    }

    /** The answer to a request that failed. */
    public Answer problem(Exception failure) {
        // Camel wraps what a bean throws
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Problem problem) {
                return problem.answer();
            }
            if (cause instanceof RunActiveException || cause instanceof RefusedException) {
                return Problem.conflict(cause.getMessage().replace('\n', ' ')).answer();
            }
            if (cause instanceof DataAccessException || cause instanceof TransactionException) {
                String reason = explanation.of(cause);
                LOG.error("A request failed: {}", reason);
                return new Problem(503, "Service Unavailable", reason).answer();
            }
        }
        LOG.error("A request failed", failure);
        return new Problem(500, "Internal Server Error", "The request failed; Stocktake's log says why.").answer();
    }

    /** The run of this id. */
    Run find(String id) {
        UUID uuid;
        try {
            uuid = UUID.fromString(id);
        } catch (IllegalArgumentException malformed) {
            throw Problem.notFound("There is no run with this id; GET /api/runs lists them.");
        }
        return runs.find(uuid)
                .orElseThrow(() -> Problem.notFound("There is no run " + uuid + "; GET /api/runs lists them."));
    }

    static Finding.Kind parseKind(String kind) {
        return Finding.Kind.of(kind)
                .orElseThrow(() ->
                        Problem.badRequest("kind must be orphaned_file or orphaned_record, was: \"" + kind + "\""));
    }

    private static long parseAfterId(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            throw Problem.badRequest("after_id must be a whole number, was: \"" + text + "\"");
        }
    }

    static int parseLimit(String text, int otherwise, int most) {
        if (text == null) {
            return otherwise;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= most) {
                return limit;
            }
        } catch (NumberFormatException notANumber) {
            // refused below, with every other wrong value
        }
        throw Problem.badRequest("limit must be a whole number from 1 to " + most + ", was: \"" + text + "\"");
    }
}
