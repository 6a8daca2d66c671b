package dev.stocktake.report;

import dev.stocktake.compare.Finding;
import dev.stocktake.run.Run;
import dev.stocktake.run.StoredFinding;
import java.util.Iterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log line of each finding; {@code {storage_key}} and {@code {record_id}} in it stand for those of the finding. Here
 * rather than in steps of a route, which would cost an exchange a finding.
 */
public final class FindingLines {
    private static final Logger LOG = LoggerFactory.getLogger("stocktake.findings");

    private String orphanedFile;
    private String orphanedRecord;

    /** The line of an orphaned file. */
    public void setOrphanedFile(String line) {
        orphanedFile = line;
    }

    /** The line of an orphaned record. */
    public void setOrphanedRecord(String line) {
        orphanedRecord = line;
    }

    /** Logs every finding of a complete run, as a warning; none of an incomplete one. */
    public void log(Run run, Reports reports) {
        if (!LOG.isWarnEnabled()) {
            return;
        }
        String files = Finding.Kind.ORPHANED_FILE.label();
        for (Iterator<StoredFinding> findings = reports.findings(run); findings.hasNext(); ) {
            StoredFinding finding = findings.next();
            LOG.warn((finding.kind().equals(files) ? orphanedFile : orphanedRecord)
                    .replace("{record_id}", finding.visibleRecordId())
                    .replace("{storage_key}", finding.visibleKey()));
        }
    }
}
