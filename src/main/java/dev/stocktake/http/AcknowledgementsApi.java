package dev.stocktake.http;

import dev.stocktake.cleanup.Acknowledgements;
import dev.stocktake.report.RunJson;
import dev.stocktake.run.Acknowledgement;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Header;

/** The answers of the HTTP API about suspicious runs that somebody answers for. */
public final class AcknowledgementsApi {
    private final RunsApi runs;
    private final Acknowledgements acknowledgements;

    public AcknowledgementsApi(RunsApi runs, Acknowledgements acknowledgements) {
        this.runs = runs;
        this.acknowledgements = acknowledgements;
    }

    /**
     * Acknowledges a run.
     *
     * @param request whose body is a JSON object with the {@code reason} and nothing else
     * @return the run as it is then
     * @throws dev.stocktake.cleanup.RefusedException where it is not one to acknowledge
     */
    public Answer acknowledge(@Header("id") String id, Exchange request) {
        JsonBody body = JsonBody.of(request, List.of("reason"));
        String reason = body.text("reason").orElse(null);
        body.refuseIfWrong();
        if (reason == null) {
            throw Problem.badRequest("The body must be {\"reason\": \"…\"} and nothing else");
        }
        Acknowledgement.objection(reason).ifPresent(objection -> {
            throw Problem.badRequest("reason " + objection);
        });
        UUID run = runs.find(id).id();
        return Answer.json(RunJson.of(acknowledgements.acknowledge(run, "http", reason)) + "\n");
    }
}
