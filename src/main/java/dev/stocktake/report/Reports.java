package dev.stocktake.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stocktake.compare.Finding;
import dev.stocktake.database.PageByPage;
import dev.stocktake.json.Json;
import dev.stocktake.run.Findings;
import dev.stocktake.run.Run;
import dev.stocktake.run.StoredFinding;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The reports of runs, in the forms in which they are read. */
public final class Reports {
    private static final int PAGE = 1000;

    /** JSON escapes control characters only in part: not those above U+007F, nor what turns the direction of text. */
    private static final ObjectWriter FOR_A_TERMINAL =
            Json.MAPPER.writerWithDefaultPrettyPrinter().with(JsonWriteFeature.ESCAPE_NON_ASCII);

    private final Findings findings;
    private final TextReport textReport;

    public Reports(Findings findings) {
        this.findings = findings;
        this.textReport = new TextReport(findings);
    }

    /** For people. */
    public String text(Run run) {
        return textReport.of(run);
    }

    /**
     * For programs: the run and its newest findings, at most 100 of each kind; {@code findings_omitted} says how many
     * more there are. Without a verdict, {@code findings} is null and so is every count; it is null, too, where the findings
     * were forgotten.
     */
    public String json(Run run) {
        ObjectNode report = RunJson.of(run);
        if (run.isComplete() && run.forgotten().isEmpty()) {
            List<StoredFinding> shown = new ArrayList<>();
            for (Finding.Kind kind : Finding.Kind.values()) {
                shown.addAll(findings.newest(run.id(), kind, TextReport.LONGEST_LIST));
            }
            long total = run.counts().orphanedFiles() + run.counts().orphanedRecords();
            report.set("findings", Json.MAPPER.valueToTree(shown));
            report.put("findings_omitted", total - shown.size());
        } else {
            report.putNull("findings");
            report.putNull("findings_omitted");
        }
        try {
            return FOR_A_TERMINAL.writeValueAsString(report) + "\n";
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Every finding of a complete run in key order, page by page as it is read; none of an incomplete one.
     *
     * @throws IllegalStateException with a sentence, where they were forgotten
     */
    public Iterator<StoredFinding> findings(Run run) {
        run.forgotten().ifPresent(sentence -> {
            throw new IllegalStateException(sentence);
        });
        return run.isComplete()
                ? new PageByPage<>(
                        PAGE,
                        last -> last == null
                                ? findings.page(run.id(), null, null, null, PAGE)
                                : findings.page(run.id(), null, last.storageKey(), last.id(), PAGE))
                : List.<StoredFinding>of().iterator();
    }
}
