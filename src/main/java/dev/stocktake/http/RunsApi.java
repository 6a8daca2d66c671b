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
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** The answers of the HTTP API. */
public final class RunsApi {
    private static final int MOST_RUNS = 100;
    private static final int MOST_FINDINGS = 1000;
    private static final String QUERY = Exchange.HTTP_RAW_QUERY;

    /** The class of SQL states that say that a value, not the database, is to blame. */
    private static final String WRONG_VALUE = "22";

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
                        ? Answer.text(reports.text(forClients(run)))
                        : Answer.json(reports.json(forClients(run))))
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
     * @param query may have {@code limit}, 1 to 100, 20 by default
     */
    public Answer runs(@Header(QUERY) String query) {
        String limit = QueryParameters.of(query, "limit").get("limit");
        ArrayNode list = Json.MAPPER.createArrayNode();
        runs.newest(parseLimit(limit, 20, MOST_RUNS)).forEach(run -> list.add(RunJson.of(forClients(run))));
        ObjectNode answer = Json.MAPPER.createObjectNode();
        answer.set("runs", list);
        return Answer.json(answer + "\n");
    }

    /** One run with its counts. */
    public Answer run(@Header("id") String id, @Header(QUERY) String query) {
        Run run = find(id);
        QueryParameters.of(query);
        return Answer.json(RunJson.of(forClients(run)) + "\n");
    }

    /** The text report of a run, again. */
    public Answer textReport(@Header("id") String id, @Header(QUERY) String query) {
        Run run = find(id);
        QueryParameters.of(query);
        String text = reports.text(forClients(run));
        Run after = find(id);
        boolean forgottenMeanwhile =
                run.forgotten().isEmpty() && after.forgotten().isPresent();
        return Answer.text(forgottenMeanwhile ? reports.text(forClients(after)) : text);
    }

    /**
     * A page of findings in key order, and the address of the next one; 410 where they were forgotten.
     *
     * @param query may have {@code kind}, {@code orphaned_file} or {@code orphaned_record}, both by default; {@code after},
     *     the storage key behind which the page begins; {@code after_id}, where within that storage key, as the previous page's
     *     {@code next} has it, its end by default; and {@code limit}, 1 to 1,000, 100 by default
     */
    public Answer findings(@Header("id") String id, @Header(QUERY) String query) {
        Run run = find(id);
        if (!run.isComplete()) {
            throw Problem.conflict("Run " + run.id() + " is " + run.status() + " and has no verdict"
                    + (run.failure() == null ? "." : "; GET /api/runs/" + run.id() + " says why."));
        }
        refuseForgotten(run);
        QueryParameters asked = QueryParameters.of(query, "kind", "after", "after_id", "limit");
        String kind = asked.get("kind");
        int most = parseLimit(asked.get("limit"), 100, MOST_FINDINGS);
        List<StoredFinding> page = findings.page(
                run.id(),
                kind == null ? null : parseKind(kind),
                asked.get("after"),
                asked.get("after_id") == null ? null : parseAfterId(asked.get("after_id")),
                most);
        // they may go while they are read
        refuseForgotten(find(id));
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

    private static void refuseForgotten(Run run) {
        run.forgotten().ifPresent(sentence -> {
            throw Problem.gone(sentence);
        });
    }

    /** No answer holds addresses or the words of other programs: the log, the command line and the exports have them. */
    private static Run forClients(Run run) {
        return run.withFailure(Explanation.withoutDetails(run.failure()));
    }

    /** The answer to a request that failed. */
    public Answer problem(Exception failure) {
        // Camel wraps what a bean throws
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Problem problem) {
                return problem.answer();
            }
            if (cause instanceof RunActiveException || cause instanceof RefusedException) {
                return Problem.conflict(cause.getMessage()
                                .lines()
                                .map(Explanation::withoutDetails)
                                .collect(Collectors.joining(" ")))
                        .answer();
            }
            if (cause instanceof DataAccessException || cause instanceof TransactionException) {
                LOG.error("A request failed: {}", explanation.of(cause));
                return ofDatabase(cause).answer();
            }
        }
        LOG.error("A request failed", failure);
        return new Problem(500, "Internal Server Error", "The request failed; Stocktake's log says why.").answer();
    }

    /** What the database and its driver say has addresses and more in it, which is for the log. */
    private static Problem ofDatabase(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException refusal
                    && refusal.getSQLState() != null
                    && refusal.getSQLState().startsWith(WRONG_VALUE)) {
                return Problem.badRequest("The request has a value that the results database cannot take.");
            }
        }
        return new Problem(
                503,
                "Service Unavailable",
                "The results database cannot be reached or refused the statement; Stocktake's log says why.");
    }

    /** The run of this id. */
    Run find(String id) {
        UUID uuid = Id.of(id)
                .orElseThrow(() -> Problem.notFound("There is no run with this id; GET /api/runs lists them."));
        return runs.find(uuid)
                .orElseThrow(() -> Problem.notFound("There is no run " + uuid + "; GET /api/runs lists them."));
    }

    private static Finding.Kind parseKind(String kind) {
        return Finding.Kind.of(kind)
                .orElseThrow(() -> Problem.badRequest(
                        "kind must be orphaned_file or orphaned_record, was: \"" + StrictText.shown(kind) + "\""));
    }

    private static long parseAfterId(String text) {
        return wholeNumber(text)
                .orElseThrow(() ->
                        Problem.badRequest("after_id must be a whole number, was: \"" + StrictText.shown(text) + "\""));
    }

    static int parseLimit(String text, int otherwise, int most) {
        if (text == null) {
            return otherwise;
        }
        return (int) (long) wholeNumber(text)
                .filter(limit -> limit >= 1 && limit <= most)
                .orElseThrow(() -> Problem.badRequest("limit must be a whole number from 1 to " + most + ", was: \""
                        + StrictText.shown(text) + "\""));
    }

    /** A number that is written in digits only; empty where it is not, or has more than 18 of them. */
    static Optional<Long> wholeNumber(String text) {
        return text.matches("[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }
}
