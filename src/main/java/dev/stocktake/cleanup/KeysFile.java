package dev.stocktake.cleanup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.json.Json;
import dev.stocktake.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The findings of an export, which somebody has reviewed and from which they took out what is to stay. */
public final class KeysFile {
    private static final ObjectReader CSV = new CsvMapper()
            .readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader());

    private KeysFile() {}

    /**
     * Reads an export.
     *
     * @param file NDJSON, or CSV with a header line where its name ends in {@code .csv}
     * @param kind of the findings that are wanted of it
     * @return what they are called, in the order of the file
     * @throws SettingsException when it cannot be read
     */
    public static List<FindingName> read(Path file, Kind kind) {
        List<FindingName> names = new ArrayList<>();
        String wanted = kind.label();
        LineOfExport line = (lineKind, storageKey, recordId) -> {
            if (lineKind == null || storageKey == null) {
                throw new IllegalArgumentException("a line has no kind or no storage_key");
            }
            if (lineKind.equals(wanted)) {
                names.add(new FindingName(storageKey, recordId == null ? "" : recordId));
            }
        };
        try {
            if (file.toString().endsWith(".csv")) {
                ofCsv(file, line);
            } else {
                ofNdjson(file, line);
            }
            return names;
        } catch (IOException | RuntimeException unreadable) {
            throw new SettingsException(
                    List.of("--keys-from must be a reviewed export, NDJSON or CSV, whose lines have a"
                            + " kind and a storage_key, was: \"" + file + "\" ("
                            + String.valueOf(unreadable.getMessage())
                                    .lines()
                                    .findFirst()
                                    .orElse("") + ")"));
        }
    }

    private interface LineOfExport {
        void read(String kind, String storageKey, String recordId);
    }

    private static void ofNdjson(Path file, LineOfExport line) throws IOException {
        try (MappingIterator<JsonNode> lines =
                Json.MAPPER.readerFor(JsonNode.class).readValues(file.toFile())) {
            while (lines.hasNext()) {
                JsonNode next = lines.next();
                line.read(
                        next.path("kind").asText(null),
                        next.path("storage_key").asText(null),
                        next.path("record_id").asText(null));
            }
        }
    }

    private static void ofCsv(Path file, LineOfExport line) throws IOException {
        try (MappingIterator<Map<String, String>> rows = CSV.readValues(Files.newBufferedReader(file))) {
            while (rows.hasNext()) {
                Map<String, String> row = rows.next();
                line.read(row.get("kind"), unprotected(row.get("storage_key")), unprotected(row.get("record_id")));
            }
        }
    }

    /** The export protects cells from spreadsheets. */
    private static String unprotected(String cell) {
        return cell != null && cell.startsWith("'") ? cell.substring(1) : cell;
    }
}
