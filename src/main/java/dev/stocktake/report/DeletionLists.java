package dev.stocktake.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stocktake.compare.Finding;
import dev.stocktake.json.Json;
import dev.stocktake.run.Run;
import dev.stocktake.run.StoredFinding;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The orphaned files of a run in the forms that other programs take to delete them, for people who would rather do that by
 * hand. Near matches are not in them, and nothing here is ever executed.
 */
public final class DeletionLists {
    /** Of S3: so many objects one DeleteObjects request may name. */
    private static final int BATCH = 1000;

    private final Reports reports;

    public DeletionLists(Reports reports) {
        this.reports = reports;
    }

    /** One key a line, for {@code rclone --files-from-raw}; keys that have a line break cannot stand in it. */
    @SuppressWarnings("JdkObsolete") // what SequenceInputStream reads from
    public InputStream filesFrom(Run run) {
        Iterator<List<StoredFinding>> batches = batches(run);
        return new SequenceInputStream(new Enumeration<InputStream>() {
            @Override
            public boolean hasMoreElements() {
                return batches.hasNext();
            }

            @Override
            public InputStream nextElement() {
                StringBuilder lines = new StringBuilder();
                batches.next().stream()
                        .map(StoredFinding::storageKey)
                        .filter(key -> key.indexOf('\n') < 0 && key.indexOf('\r') < 0)
                        .forEach(key -> lines.append(key).append('\n'));
                return new ByteArrayInputStream(lines.toString().getBytes(UTF_8));
            }
        });
    }

    /** One text for every 1,000 objects, as {@code aws s3api delete-objects --delete file://…} takes it. */
    public Iterator<String> deleteObjects(Run run) {
        Iterator<List<StoredFinding>> batches = batches(run);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return batches.hasNext();
            }

            @Override
            public String next() {
                ObjectNode request = Json.MAPPER.createObjectNode();
                ArrayNode objects = request.putArray("Objects");
                batches.next().forEach(finding -> objects.addObject().put("Key", finding.storageKey()));
                request.put("Quiet", true);
                return request + "\n";
            }
        };
    }

    private Iterator<List<StoredFinding>> batches(Run run) {
        Iterator<StoredFinding> findings = reports.findings(run);
        String file = Finding.Kind.ORPHANED_FILE.label();
        return new Iterator<>() {
            private List<StoredFinding> next = read();

            private List<StoredFinding> read() {
                List<StoredFinding> batch = new ArrayList<>();
                while (batch.size() < BATCH && findings.hasNext()) {
                    StoredFinding finding = findings.next();
                    if (finding.kind().equals(file) && finding.nearMatch() == null) {
                        batch.add(finding);
                    }
                }
                return batch;
            }

            @Override
            public boolean hasNext() {
                return !next.isEmpty();
            }

            @Override
            public List<StoredFinding> next() {
                if (next.isEmpty()) {
                    throw new NoSuchElementException();
                }
                List<StoredFinding> batch = next;
                next = read();
                return batch;
            }
        };
    }
}
