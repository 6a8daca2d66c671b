package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How fast findings get into the table and the export: by how much they make a run longer. */
final class FindingsWritten implements Figure {
    private static final double LEAST = 50_000;

    @Override
    public List<Row> measure(Session session) throws IOException {
        Scale scale = session.scale();
        AssetTable table = session.tables().empty();
        Path export = Files.createDirectories(session.folder().resolve("export"));
        Map<String, String> settings = new HashMap<>(session.settings(table));
        settings.put("SETTLE_PERIOD", "0s");
        settings.put("EXPORT_DIR", export.toAbsolutePath().toString());
        session.store().delay(Duration.ZERO);
        Samples without = new Samples();
        Samples with = new Samples();
        // the first time is for the compiler
        for (int i = 0; i <= scale.runs(); i++) {
            Layout young = new Layout(scale.objects(), Layout.MANY_FOLDERS, Instant.now());
            session.store().hold(young);
            table.forgetRuns();
            Measured none = Expected.tooRecent(session.warm().run(settings), young);

            Layout old = Layout.spread(scale.objects());
            session.store().hold(old);
            table.forgetRuns();
            clear(export);
            Measured all = Expected.orphaned(session.warm().run(settings), old);
            refuseUnlessExported(export, scale.objects());
            clear(export);
            session.tell("findings: %.1f s, without any %.1f s", all.wallSeconds(), none.wallSeconds());
            if (i > 0) {
                without.add(none.wallSeconds());
                with.add(all.wallSeconds());
            }
        }
        table.forgetRuns();
        double rate = scale.objects() / (with.median() - without.median());
        return List.of(new Row(
                "findings: " + Scale.millions(scale.objects()) + " written to the table and the export",
                "at least 50,000 a second",
                String.format(java.util.Locale.ROOT, "%,.0f a second", rate),
                Row.Outcome.of(rate >= LEAST),
                List.of("By how much a warm run becomes longer when every object is an orphan, " + with
                        + " s, rather than too recent, " + without + " s: to suspect and verify them, to store them, to"
                        + " log them and to write NDJSON and CSV. No latency, SETTLE_PERIOD 0s, fsync on."),
                List.of(Row.Sample.of("all orphans", "s", with), Row.Sample.of("all too recent", "s", without))));
    }

    private static void refuseUnlessExported(Path export, long findings) throws IOException {
        try (Stream<Path> files = Files.list(export)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".ndjson")).toList()) {
                try (Stream<String> lines = Files.lines(file)) {
                    long exported = lines.count();
                    if (exported == findings) {
                        return;
                    }
                }
            }
        }
        throw new IllegalStateException("No export has " + findings + " findings in " + export);
    }

    private static void clear(Path export) throws IOException {
        try (Stream<Path> files = Files.list(export)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }
}
