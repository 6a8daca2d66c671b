package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The whole process against the programs that one would put together for the same purpose. */
final class AgainstTools implements Figure {
    private static final String NAME = "whole process, 50 ms per list request, versus `rclone lsf -R --fast-list` +"
            + " `psql` export + `LC_ALL=C sort` + `comm`";
    private static final double LEAST = 8;
    private static final String TARGET = "at least 8 times faster";
    private static final List<String> PROGRAMS = List.of("sh", "rclone", "psql", "sort", "comm");

    private static final String SCRIPT = """
            set -e
            rclone lsf -R --fast-list --files-only --config '' --s3-provider Other --s3-list-version 2 \\
              --s3-endpoint "$ENDPOINT" --s3-access-key-id any --s3-secret-access-key any ":s3:$BUCKET" \\
              | LC_ALL=C sort > bucket.txt
            psql "$DATABASE" -qAtc 'COPY (SELECT storage_key FROM assets) TO STDOUT' | LC_ALL=C sort > table.txt
            LC_ALL=C comm -3 bucket.txt table.txt > differences.txt
            """;

    @Override
    public List<Row> measure(Session session) throws Exception {
        List<String> missing =
                PROGRAMS.stream().filter(program -> !isThere(program)).toList();
        if (!missing.isEmpty()) {
            return List.of(Row.notMeasured(NAME, TARGET, "not there: " + String.join(", ", missing)));
        }
        Scale scale = session.scale();
        Layout layout = Layout.spread(scale.objects());
        AssetTable table = session.tables().matching(layout);
        session.store().hold(layout);
        session.store().delay(Scale.LATENCY);
        List<Ours> all = WayToStart.ALL.stream().map(Ours::new).toList();
        Samples theirs = new Samples();
        Samples theirCpu = new Samples();
        for (int i = 0; i < scale.runs(); i++) {
            for (Ours ours : all) {
                table.forgetRuns();
                ours.add(Expected.matched(
                        new BuiltJar(session.folder(), ours.way.options()).compare(session.settings(table)), layout));
                session.tell("tools: %s: %s s", ours.way.name(), ours.wall);
            }
            WholeProcess.Usage tools = tools(session, table, layout);
            theirs.add(tools.wallSeconds());
            tools.cpuSeconds().ifPresent(theirCpu::add);
            session.tell("tools: the others %s s", theirs);
        }
        return all.stream().map(ours -> ours.against(theirs, theirCpu)).toList();
    }

    /** Stocktake, started in one way. */
    private static final class Ours {
        private final WayToStart way;
        private final Samples wall = new Samples();
        private final Samples cpu = new Samples();
        private final Samples peak = new Samples();

        Ours(WayToStart way) {
            this.way = way;
        }

        void add(BuiltJar.Comparison comparison) {
            wall.add(comparison.usage().wallSeconds());
            comparison.usage().cpuSeconds().ifPresent(cpu::add);
            comparison.usage().peakKilobytes().ifPresent(kilobytes -> peak.add(kilobytes / 1024.0));
        }

        Row against(Samples theirs, Samples theirCpu) {
            double ratio = theirs.median() / wall.median();
            return new Row(
                    NAME + "; " + way.name(),
                    TARGET,
                    Samples.text(ratio) + " times",
                    Row.Outcome.of(ratio >= LEAST),
                    List.of("Stocktake " + wall + " s wall and " + cpu.orNotMeasured()
                            + " s CPU with its start, at most " + peak.orNotMeasured()
                            + " MiB resident; the others " + theirs + " s wall and " + theirCpu.orNotMeasured()
                            + " s CPU."),
                    List.of(
                            Row.Sample.of("Stocktake", "s", wall),
                            Row.Sample.of("the others", "s", theirs),
                            Row.Sample.of("CPU of Stocktake", "s", cpu),
                            Row.Sample.of("CPU of the others", "s", theirCpu),
                            Row.Sample.of("peak resident memory of Stocktake", "MiB", peak)));
        }
    }

    private static WholeProcess.Usage tools(Session session, AssetTable table, Layout layout)
            throws IOException, InterruptedException {
        Path folder = Files.createDirectories(session.folder().resolve("tools"));
        Path errors = folder.resolve("errors.txt");
        WholeProcess.Usage usage = WholeProcess.run(
                List.of("sh", "-c", "cd '" + folder.toAbsolutePath() + "'\n" + SCRIPT),
                Map.of(
                        "ENDPOINT", session.store().endpoint().toString(),
                        "BUCKET", ListingStore.BUCKET,
                        "DATABASE", table.url()),
                ProcessBuilder.Redirect.DISCARD,
                ProcessBuilder.Redirect.to(errors.toFile()));
        long listed = lines(folder.resolve("bucket.txt"));
        long exported = lines(folder.resolve("table.txt"));
        if (usage.exitStatus() != 0
                || listed != layout.objects()
                || exported != layout.objects()
                || Files.size(folder.resolve("differences.txt")) > 0) {
            throw new IllegalStateException("The other programs listed " + listed + " objects and exported " + exported
                    + " records: " + Files.readString(errors));
        }
        return usage;
    }

    private static long lines(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        }
    }

    private static boolean isThere(String program) {
        return Arrays.stream(System.getenv("PATH").split(java.io.File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
