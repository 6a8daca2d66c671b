package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Throughput by latency and parallelism, with a plot. */
final class Grid implements Figure {
    private static final int[] LATENCIES = {0, 5, 50, 200};
    private static final int[] PARALLELISMS = {1, 4, 16, 64};

    /** Of the objects of the other figures: else one worker at the longest latency alone would take minutes a run. */
    private static final int SHARE = 4;

    private static final double KILO = 1e3;

    @Override
    public List<Row> measure(Session session) throws IOException {
        long objects = Math.max(1, session.scale().objects() / SHARE);
        Layout layout = Layout.spread(objects);
        AssetTable table = session.tables().matching(layout);
        Samples[][] throughput = new Samples[LATENCIES.length][PARALLELISMS.length];
        session.store().hold(layout);
        for (int p = 0; p < PARALLELISMS.length; p++) {
            Map<String, String> settings = new HashMap<>(session.settings(table));
            settings.put("PARALLELISM", Integer.toString(PARALLELISMS[p]));
            session.warmUp(settings, table, layout);
            for (int run = 0; run < session.scale().runs(); run++) {
                for (int l = 0; l < LATENCIES.length; l++) {
                    session.store().delay(Duration.ofMillis(LATENCIES[l]));
                    table.forgetRuns();
                    Measured measured = Expected.matched(session.warm().run(settings), layout);
                    if (run == 0) {
                        throughput[l][p] = new Samples();
                    }
                    throughput[l][p].add(objects / measured.wallSeconds() / KILO);
                }
            }
            for (int l = 0; l < LATENCIES.length; l++) {
                session.tell(
                        "grid: parallelism %d, %d ms: %s thousand objects a second",
                        PARALLELISMS[p], LATENCIES[l], throughput[l][p]);
            }
        }
        Files.writeString(session.folder().resolve("grid.svg"), plot(throughput).svg());
        return List.of(row(objects, throughput));
    }

    private static Row row(long objects, Samples[][] throughput) {
        List<String> notes = new ArrayList<>();
        List<Row.Sample> samples = new ArrayList<>();
        notes.add("Thousand objects a second with as many records, " + Scale.millions(objects)
                + " of either, warm; whole runs, with the" + " requests at their start that come one after the other.");
        for (int l = 0; l < LATENCIES.length; l++) {
            StringBuilder line = new StringBuilder(LATENCIES[l] + " ms");
            for (int p = 0; p < PARALLELISMS.length; p++) {
                line.append(String.format(
                        Locale.ROOT, "; parallelism %d: %.1f", PARALLELISMS[p], throughput[l][p].median()));
                samples.add(Row.Sample.of(
                        LATENCIES[l] + " ms, parallelism " + PARALLELISMS[p], "thousand/s", throughput[l][p]));
            }
            notes.add(line.append('.').toString());
        }
        return new Row(
                "0, 5, 50 and 200 ms latency x parallelism 1, 4, 16, 64",
                "the whole grid, with a plot",
                "grid.svg",
                Row.Outcome.MET,
                notes,
                samples);
    }

    private static Plot plot(Samples[][] throughput) {
        List<Plot.Line> lines = new ArrayList<>();
        for (int l = 0; l < LATENCIES.length; l++) {
            List<Double> values = new ArrayList<>();
            for (Samples samples : throughput[l]) {
                values.add(samples.median());
            }
            lines.add(new Plot.Line(LATENCIES[l] + " ms", values));
        }
        return new Plot(
                "Thousand objects a second, by latency of a list request",
                "PARALLELISM",
                List.of("1", "4", "16", "64"),
                lines);
    }
}
