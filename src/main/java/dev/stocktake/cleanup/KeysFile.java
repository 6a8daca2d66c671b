package dev.stocktake.cleanup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.stocktake.json.Json;
import dev.stocktake.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The storage keys of an export, which somebody has reviewed and from which they took out what is to stay. */
public final class KeysFile {
    private static final ObjectReader CSV = new CsvMapper()
            .readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader());

    private KeysFile() {}

    /**
     * Reads an export.
     *
     * @param file NDJSON, or CSV with a header line where its name ends in {@code .csv}
     * @return the keys of its orphaned files, in the order of the file
     * @throws SettingsException when it cannot be read
     */
    public static List<String> read(Path file) {
        try {
            return file.toString().endsWith(".csv") ? ofCsv(file) : ofNdjson(file);
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

    private static List<String> ofNdjson(Path file) throws IOException {
        List<String> keys = new ArrayList<>();
        try (MappingIterator<JsonNode> lines =
                Json.MAPPER.readerFor(JsonNode.class).readValues(file.toFile())) {
            while (lines.hasNext()) {
                JsonNode line = lines.next();
                add(
                        keys,
                        line.path("kind").asText(null),
                        line.path("storage_key").asText(null));
            }
        }
        return keys;
    }

    private static List<String> ofCsv(Path file) throws IOException {
        List<String> keys = new ArrayList<>();
        try (MappingIterator<Map<String, String>> rows = CSV.readValues(Files.newBufferedReader(file))) {
            while (rows.hasNext()) {
                Map<String, String> row = rows.next();
                String key = row.get("storage_key");
                // as the export protects cells from spreadsheets
                add(keys, row.get("kind"), key != null && key.startsWith("'") ? key.substring(1) : key);
            }
        }
        return keys;
    }

    private static void add(List<String> keys, String kind, String key) {
        if (kind == null || key == null) {
            throw new IllegalArgumentException("a line has no kind or no storage_key");
        }
        if (kind.equals("orphaned_file")) {
            keys.add(key);
        }
    }
}
