package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Ten times as much, in time and in memory, by the whole process with little heap. */
final class Growth implements Figure {
    private static final int TIMES = 10;
    private static final double MOST_TIME = 10.5;
    private static final double MOST_MEMORY = 1.10;
    private static final String HEAP = "-Xmx192m";
    private static final double KILO = 1024;

    @Override
    public List<Row> measure(Session session) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        session.store().delay(Scale.LATENCY);
        rows.addAll(matched(session));
        rows.add(orphaned(session));
        return rows;
    }

    private static List<Row> matched(Session session) throws IOException, InterruptedException {
        Layout small = Layout.spread(session.scale().objects());
        Layout large = Layout.spread(session.scale().objects() * TIMES);
        AssetTable smallTable = session.tables().matching(small);
        AssetTable largeTable = session.tables().matching(large);
        Pair pair = new Pair(session);
        for (int i = 0; i < session.scale().runs(); i++) {
            pair.small(Expected.matched(run(session, small, smallTable), small));
            pair.large(Expected.matched(run(session, large, largeTable), large));
        }
        session.tables().drop(largeTable);
        double ratio = pair.largeWall.median() / pair.smallWall.median();
        return List.of(
                new Row(
                        "growth: time for " + Scale.millions(large.objects()) + " over time for "
                                + Scale.millions(small.objects()) + ", same settings",
                        "at most 10.5",
                        Samples.text(ratio),
                        Row.Outcome.of(ratio <= MOST_TIME),
                        List.of("Whole process, 50 ms, parallelism " + Session.PARALLELISM + ", `" + HEAP + "`: "
                                + pair.largeWall + " s over " + pair.smallWall + " s."),
                        List.of(
                                Row.Sample.of("small", "s", pair.smallWall),
                                Row.Sample.of("large", "s", pair.largeWall))),
                pair.memory("all matched", large, small));
    }

    /** Once: what writes ten million findings takes its time, and memory varies little. */
    private static Row orphaned(Session session) throws IOException, InterruptedException {
        Layout small = Layout.spread(session.scale().objects());
        Layout large = Layout.spread(session.scale().objects() * TIMES);
        AssetTable empty = session.tables().empty();
        Pair pair = new Pair(session);
        pair.small(Expected.orphaned(run(session, small, empty), small));
        pair.large(Expected.orphaned(run(session, large, empty), large));
        empty.forgetRuns();
        return pair.memory("all orphans, one run each", large, small);
    }

    private static BuiltJar.Comparison run(Session session, Layout layout, AssetTable table)
            throws IOException, InterruptedException {
        Map<String, String> settings = new HashMap<>(session.settings(table));
        settings.put("SETTLE_PERIOD", "0s");
        session.store().hold(layout);
        table.forgetRuns();
        return new BuiltJar(session.folder(), List.of(HEAP)).compare(settings);
    }

    /** What runs of either size took. */
    private static final class Pair {
        private final Session session;
        private final Samples smallWall = new Samples();
        private final Samples largeWall = new Samples();
        private final Samples smallPeak = new Samples();
        private final Samples largePeak = new Samples();

        Pair(Session session) {
            this.session = session;
        }

        void small(BuiltJar.Comparison run) {
            add(run, smallWall, smallPeak);
        }

        void large(BuiltJar.Comparison run) {
            add(run, largeWall, largePeak);
        }

        private void add(BuiltJar.Comparison run, Samples wall, Samples peak) {
            wall.add(run.usage().wallSeconds());
            run.usage().peakKilobytes().ifPresent(kilobytes -> peak.add(kilobytes / KILO));
            session.tell("growth: %s: %s s, %s MiB", Scale.millions(run.objects()), wall, peak.orNotMeasured());
        }

        Row memory(String kind, Layout large, Layout small) {
            String figure = "memory: peak resident with `" + HEAP + "`, " + Scale.millions(large.objects()) + " over "
                    + Scale.millions(small.objects()) + ", " + kind;
            String target = "at most 1.10";
            if (largePeak.isEmpty()) {
                return Row.notMeasured(figure, target, "not measured on this system");
            }
            double ratio = largePeak.median() / smallPeak.median();
            return new Row(
                    figure,
                    target,
                    Samples.text(ratio),
                    Row.Outcome.of(ratio <= MOST_MEMORY),
                    List.of(largePeak + " MiB over " + smallPeak + " MiB; " + largeWall + " s and " + smallWall
                            + " s."),
                    List.of(Row.Sample.of("small", "MiB", smallPeak), Row.Sample.of("large", "MiB", largePeak)));
        }
    }
}
