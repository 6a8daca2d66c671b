package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** CPU seconds for a million objects and as many records, and where they go. */
final class WarmCpu implements Figure {
    private static final double MOST = 8;
    private static final double MILLION = 1e6;
    private static final double MILLIS = 1e3;
    private static final double PERCENT = 100;

    @Override
    public List<Row> measure(Session session) {
        Scale scale = session.scale();
        Layout layout = Layout.spread(scale.objects());
        AssetTable table = session.tables().matching(layout);
        Map<String, String> settings = session.settings(table);
        Samples cpu = new Samples();
        Samples wall = new Samples();
        Samples rest = new Samples();
        session.warmUp(settings, table, layout);
        long pagesBefore = session.store().requests().lists();
        double storeBefore = session.store().cpuSeconds();
        for (int i = 0; i < scale.runs(); i++) {
            table.forgetRuns();
            Measured run = Expected.matched(session.warm().run(settings), layout);
            double millions = run.objects() / MILLION;
            cpu.add(run.cpuSeconds() / millions);
            wall.add(run.wallSeconds() / millions);
            rest.add(run.collectorSeconds() / millions);
            session.tell(
                    "cpu: %.2f CPU s a million, of it %.2f collector and compiler; %.2f s wall a million",
                    run.cpuSeconds() / millions, run.collectorSeconds() / millions, run.wallSeconds() / millions);
        }
        double storeMillis = MILLIS
                * (session.store().cpuSeconds() - storeBefore)
                / (session.store().requests().lists() - pagesBefore);
        table.forgetRuns();
        Measured profiled = session.warm().obey(new Order(Order.Task.PROFILED_RUN, settings, List.of()));
        List<String> notes = new ArrayList<>();
        notes.add(String.format(
                Locale.ROOT,
                "No latency, parallelism %d, %s + %s; %s s wall a million; collector and compiler took %s of the CPU s;"
                        + " the store, another process, %.2f ms CPU a request.",
                Session.PARALLELISM,
                Scale.millions(layout.objects()),
                Scale.millions(layout.objects()),
                Samples.text(wall.median()),
                Samples.text(rest.median()),
                storeMillis));
        notes.add("Samples of Java code: " + shares(profiled.profile()) + ".");
        return List.of(new Row(
                "CPU seconds per million objects + million records, warm, our process only",
                "at most 8",
                cpu.toString(),
                Row.Outcome.of(cpu.median() <= MOST),
                notes,
                List.of(
                        Row.Sample.of("CPU", "s/million", cpu),
                        Row.Sample.of("wall", "s/million", wall),
                        Row.Sample.of("collector and compiler", "s/million", rest))));
    }

    private static String shares(Map<String, Long> profile) {
        long all = profile.values().stream().mapToLong(Long::longValue).sum();
        List<String> shares = new ArrayList<>();
        profile.forEach(
                (area, samples) -> shares.add(String.format(Locale.ROOT, "%s %.0f %%", area, PERCENT * samples / all)));
        return String.join(", ", shares);
    }
}
