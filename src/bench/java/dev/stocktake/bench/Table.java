package dev.stocktake.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * All that was measured, and on what.
 *
 * @param machine by name, in the order in which it is shown
 */
record Table(Map<String, String> machine, List<Row> rows) {
    private static final double GIB = 1L << 30;

    static Table of(Session session, List<Row> rows) {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        machine.put("processors", Runtime.getRuntime().availableProcessors() + " " + processorModel());
        machine.put("memory", memory());
        machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("Java", System.getProperty("java.vm.version"));
        machine.put("PostgreSQL", session.tables().version());
        machine.put("objects", Scale.millions(session.scale().objects()));
        machine.put("runs", Integer.toString(session.scale().runs()));
        return new Table(machine, rows);
    }

    String markdown() {
        StringBuilder text = new StringBuilder("| figure | target | measured | |\n|---|---|---|---|\n");
        for (Row row : rows) {
            text.append(String.format(
                    "| %s | %s | %s | %s |%n", row.figure(), row.target(), row.measured(), row.outcome()));
        }
        text.append('\n');
        for (Row row : rows) {
            if (!row.notes().isEmpty()) {
                text.append("- ").append(row.figure()).append('\n');
                row.notes().forEach(note -> text.append("  - ").append(note).append('\n'));
            }
        }
        text.append('\n');
        machine.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("; "));
        return text.append('\n').toString();
    }

    /** As {@code benchmark.md} and {@code benchmark.json}. */
    void save(Path folder) throws IOException {
        Files.writeString(folder.resolve("benchmark.md"), markdown());
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(folder.resolve("benchmark.json").toFile(), this);
    }

    private static String processorModel() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException elsewhere) {
            return System.getProperty("os.arch");
        }
    }

    private static String memory() {
        return java.lang.management.ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? String.format(Locale.ROOT, "%.0f GiB", system.getTotalMemorySize() / GIB)
                : "";
    }
}
