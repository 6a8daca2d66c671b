package dev.stocktake.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures the figures, prints the table and saves it in {@code target/bench}. */
public final class Benchmark {
    private static final Path FOLDER = Path.of("target", "bench");

    private Benchmark() {}

    public static void main(String[] args) throws IOException {
        Scale scale = Scale.of(System.getProperties());
        Map<String, Figure> figures = figures();
        if (!figures.keySet().containsAll(scale.only())) {
            System.err.println("bench.only takes " + figures.keySet() + ", was: " + scale.only());
            System.exit(2);
        }
        Files.createDirectories(FOLDER);
        List<Row> rows = new ArrayList<>();
        try (Session session = new Session(scale, FOLDER)) {
            for (Map.Entry<String, Figure> figure : figures.entrySet()) {
                if (scale.only().isEmpty() || scale.only().contains(figure.getKey())) {
                    session.tell("%s ...", figure.getKey());
                    rows.addAll(rows(figure.getKey(), figure.getValue(), session));
                }
            }
            Table table = Table.of(session, rows);
            table.save(FOLDER);
            System.out.println(table.markdown());
        }
        System.exit(0);
    }

    /** One that fails does not take the others with it. */
    private static List<Row> rows(String name, Figure figure, Session session) {
        try {
            return figure.measure(session);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        } catch (Exception failure) {
            session.tell("%s: %s", name, failure);
            return List.of(Row.notMeasured(name, "", "failed: " + failure.getMessage()));
        }
    }

    /** By name, the longest last. */
    private static Map<String, Figure> figures() {
        Map<String, Figure> figures = new LinkedHashMap<>();
        figures.put("start", new Start());
        figures.put("tools", new AgainstTools());
        figures.put("serial", new AgainstSerialLoop());
        figures.put("listing", new AgainstListing());
        figures.put("skew", new Skew());
        figures.put("scattered", new ScatteredOrphans());
        figures.put("grid", new Grid());
        figures.put("connections", new FewConnections());
        figures.put("findings", new FindingsWritten());
        // not before others that are warm: its profile makes the JVM compile anew
        figures.put("cpu", new WarmCpu());
        figures.put("cleanup", new FilesMoved());
        figures.put("jmh", new Micro());
        figures.put("growth", new Growth());
        return figures;
    }
}
