package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What few connections cost many workers, and how many are open at the peak. */
final class FewConnections implements Figure {
    private static final double LEAST = 0.95;
    private static final int BY_DEFAULT = 4;
    private static final int MANY_WORKERS = 32;
    private static final int[] PARALLELISMS = {8, 16, 32, 64};
    private static final int[] CONNECTIONS = {2, 4, 8, 32};

    /** Of the objects of the other figures, for each of the sixteen fields. */
    private static final int SHARE = 4;

    private static final double KILO = 1e3;

    @Override
    public List<Row> measure(Session session) throws InterruptedException {
        return List.of(againstAsManyAsWorkers(session), grid(session));
    }

    private static Row againstAsManyAsWorkers(Session session) throws InterruptedException {
        Layout layout = Layout.spread(session.scale().objects());
        AssetTable table = session.tables().matching(layout);
        Map<String, String> few = settings(session, table, MANY_WORKERS, BY_DEFAULT);
        session.warmUp(few, table, layout);
        session.store().delay(Scale.LATENCY);
        Samples withFew = new Samples();
        Samples withMany = new Samples();
        Samples ratios = new Samples();
        Samples peaks = new Samples();
        Samples peaksOfMany = new Samples();
        for (int run = 0; run < session.scale().runs(); run++) {
            withFew.add(seconds(session, few, table, layout, peaks));
            withMany.add(
                    seconds(session, settings(session, table, MANY_WORKERS, MANY_WORKERS), table, layout, peaksOfMany));
            // noise that lasts longer than a run is in both
            ratios.add(withMany.last() / withFew.last());
            session.tell(
                    "connections: 4 + 4 %s s, 32 + 32 %s s; ratio %s; at the peak %s and %s",
                    withFew, withMany, ratios, peaks, peaksOfMany);
        }
        return new Row(
                "throughput at 50 ms and parallelism 32 with 4 + 4 connections, versus 32 + 32",
                "at least 0.95",
                Samples.text(ratios.median()) + "; connections at the peak " + peaks + ", and " + peaksOfMany,
                Row.Outcome.of(ratios.median() >= LEAST),
                List.of("Warm, " + Scale.millions(layout.objects())
                        + " objects and as many records, both databases in one: " + withFew + " s and " + withMany
                        + " s, by turns; connections by `pg_stat_activity`."),
                List.of(
                        Row.Sample.of("4 + 4 connections", "s", withFew),
                        Row.Sample.of("32 + 32 connections", "s", withMany),
                        Row.Sample.of("ratio", "", ratios),
                        Row.Sample.of("connections at the peak, of 4 + 4", "", peaks),
                        Row.Sample.of("connections at the peak, of 32 + 32", "", peaksOfMany)));
    }

    private static Row grid(Session session) throws InterruptedException {
        long objects = Math.max(1, session.scale().objects() / SHARE);
        Layout layout = Layout.spread(objects);
        AssetTable table = session.tables().matching(layout);
        Samples[][] throughput = new Samples[PARALLELISMS.length][CONNECTIONS.length];
        session.warmUp(settings(session, table, MANY_WORKERS, BY_DEFAULT), table, layout);
        session.store().delay(Scale.LATENCY);
        for (int run = 0; run < session.scale().runs(); run++) {
            for (int p = 0; p < PARALLELISMS.length; p++) {
                for (int c = 0; c < CONNECTIONS.length; c++) {
                    if (run == 0) {
                        throughput[p][c] = new Samples();
                    }
                    double seconds = seconds(
                            session,
                            settings(session, table, PARALLELISMS[p], CONNECTIONS[c]),
                            table,
                            layout,
                            new Samples());
                    throughput[p][c].add(objects / seconds / KILO);
                }
            }
        }
        List<String> notes = new ArrayList<>();
        List<Row.Sample> samples = new ArrayList<>();
        notes.add("Thousand objects a second at 50 ms, " + Scale.millions(objects)
                + " of either side, warm; so many connections to either database.");
        for (int p = 0; p < PARALLELISMS.length; p++) {
            StringBuilder line = new StringBuilder("parallelism " + PARALLELISMS[p]);
            for (int c = 0; c < CONNECTIONS.length; c++) {
                line.append(String.format(
                        Locale.ROOT, "; %d + %d: %.1f", CONNECTIONS[c], CONNECTIONS[c], throughput[p][c].median()));
                samples.add(Row.Sample.of(
                        "parallelism " + PARALLELISMS[p] + ", connections " + CONNECTIONS[c],
                        "thousand/s",
                        throughput[p][c]));
            }
            session.tell("connections: %s", line);
            notes.add(line.append('.').toString());
        }
        return new Row(
                "50 ms, parallelism 8, 16, 32, 64 x connections 2, 4, 8, 32 to either database",
                "the whole grid",
                "see below",
                Row.Outcome.NONE,
                notes,
                samples);
    }

    private static double seconds(
            Session session, Map<String, String> settings, AssetTable table, Layout layout, Samples peaks)
            throws InterruptedException {
        table.forgetRuns();
        try (OpenConnections open = OpenConnections.watch(table)) {
            Measured measured = Expected.matched(session.warm().run(settings), layout);
            peaks.add(open.peak());
            return measured.wallSeconds();
        }
    }

    private static Map<String, String> settings(Session session, AssetTable table, int parallelism, int connections) {
        Map<String, String> settings = new HashMap<>(session.settings(table));
        settings.put("PARALLELISM", Integer.toString(parallelism));
        settings.put("DATABASE_CONNECTIONS", Integer.toString(connections));
        settings.put("RESULTS_DATABASE_CONNECTIONS", Integer.toString(connections));
        return settings;
    }
}
