package dev.stocktake.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.ContextualSerializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.stocktake.json.Json;
import dev.stocktake.run.Run;
import dev.stocktake.run.StoredFinding;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** All findings of a run as files, made while they are read, so that memory does not grow with them. */
public final class Exports {
    private static final int BATCH = 1000;
    private static final ObjectWriter NDJSON = Json.MAPPER
            .rebuild()
            .addModule(new SimpleModule().addSerializer(OffsetDateTime.class, new RepeatedTime()))
            .build()
            .writerFor(StoredFinding.class)
            .withRootValueSeparator("\n");
    private static final CsvMapper CSV_MAPPER = csvMapper();
    private static final ObjectWriter CSV_ROWS = CSV_MAPPER.writer(CSV_MAPPER.schemaFor(StoredFinding.class));
    private static final ObjectWriter CSV_WITH_HEADER =
            CSV_MAPPER.writer(CSV_MAPPER.schemaFor(StoredFinding.class).withHeader());

    private final Reports reports;

    public Exports(Reports reports) {
        this.reports = reports;
    }

    /** One JSON object a line. */
    public InputStream ndjson(Run run) {
        return new SequenceInputStream(new Batches(reports.findings(run)) {
            @Override
            ObjectWriter writer(boolean first) {
                return NDJSON;
            }

            @Override
            void endLine(ByteArrayOutputStream bytes) {
                bytes.write('\n');
            }
        });
    }

    /**
     * With a header line. A cell that a spreadsheet would run as a formula, and one that begins with an apostrophe, has an
     * apostrophe before it; whoever reads the file back takes one leading apostrophe off.
     */
    public InputStream csv(Run run) {
        return new SequenceInputStream(new Batches(reports.findings(run)) {
            @Override
            ObjectWriter writer(boolean first) {
                return first ? CSV_WITH_HEADER : CSV_ROWS;
            }

            @Override
            void endLine(ByteArrayOutputStream bytes) {}
        });
    }

    private static CsvMapper csvMapper() {
        SimpleModule cells = new SimpleModule()
                .addSerializer(String.class, new SafeCell())
                .addSerializer(OffsetDateTime.class, new RepeatedTime());
        return CsvMapper.csvBuilder()
                .addModule(new JavaTimeModule())
                .addModule(cells)
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .build();
    }

    private static final class SafeCell extends StdSerializer<String> {
        private static final long serialVersionUID = 1;

        SafeCell() {
            super(String.class);
        }

        @Override
        public void serialize(String cell, JsonGenerator json, SerializerProvider provider) throws IOException {
            boolean unsafe = !cell.isEmpty() && "=+-@\t\r'".indexOf(cell.charAt(0)) >= 0;
            json.writeString(unsafe ? "'" + cell : cell);
        }
    }

    /** A column of times: neighbours are mostly alike, and to write one out costs as much as the rest of a line. */
    private static final class RepeatedTime extends StdSerializer<OffsetDateTime> implements ContextualSerializer {
        private static final long serialVersionUID = 1;

        private transient Written last;

        RepeatedTime() {
            super(OffsetDateTime.class);
        }

        @Override
        public JsonSerializer<?> createContextual(SerializerProvider provider, BeanProperty column) {
            return new RepeatedTime();
        }

        @Override
        public void serialize(OffsetDateTime time, JsonGenerator json, SerializerProvider provider) throws IOException {
            Written written = last;
            if (written == null || !written.time.equals(time)) {
                written = new Written(time, DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time));
                last = written;
            }
            json.writeString(written.text);
        }

        private record Written(OffsetDateTime time, String text) {}
    }

    /** The findings, a batch of bytes at a time. */
    @SuppressWarnings("JdkObsolete") // what SequenceInputStream reads from
    private abstract static class Batches implements Enumeration<InputStream> {
        private final Iterator<StoredFinding> findings;
        private boolean first = true;

        Batches(Iterator<StoredFinding> findings) {
            this.findings = findings;
        }

        abstract ObjectWriter writer(boolean first);

        abstract void endLine(ByteArrayOutputStream bytes);

        @Override
        public boolean hasMoreElements() {
            return first || findings.hasNext();
        }

        @Override
        public InputStream nextElement() {
            if (!hasMoreElements()) {
                throw new NoSuchElementException();
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (SequenceWriter writer = writer(first).writeValues(bytes)) {
                int written = 0;
                while (written < BATCH && findings.hasNext()) {
                    writer.write(findings.next());
                    written++;
                }
                writer.flush();
                if (written > 0) {
                    endLine(bytes);
                }
            } catch (IOException impossibleInMemory) {
                throw new UncheckedIOException(impossibleInMemory);
            }
            first = false;
            return new ByteArrayInputStream(bytes.toByteArray());
        }
    }
}
