package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.util.List;
import java.util.Map;

/** Warm, against the loop that one writes first, in the same JVM. */
final class AgainstSerialLoop implements Figure {
    private static final double LEAST = 12;

    @Override
    public List<Row> measure(Session session) {
        Scale scale = session.scale();
        Layout layout = Layout.spread(scale.objects());
        AssetTable table = session.tables().matching(layout);
        Map<String, String> settings = session.settings(table);
        session.warmUp(settings, table, layout);
        session.store().delay(Scale.LATENCY);
        Samples ours = new Samples();
        Samples loops = new Samples();
        for (int i = 0; i < scale.runs(); i++) {
            table.forgetRuns();
            ours.add(Expected.matched(session.warm().run(settings), layout).wallSeconds());
            Measured loop = session.warm().obey(new Order(Order.Task.SERIAL_LOOP, settings, List.of()));
            loops.add(Expected.matched(loop, layout).wallSeconds());
            session.tell("serial: %s s, the loop %s s", ours, loops);
        }
        double ratio = loops.median() / ours.median();
        return List.of(new Row(
                "same, versus a plain serial loop (ListObjectsV2 paginator + one query per page) in the same JVM, warm",
                "at least 12 times faster at 50 ms",
                Samples.text(ratio) + " times",
                Row.Outcome.of(ratio >= LEAST),
                List.of("Stocktake " + ours + " s, the loop " + loops + " s; " + Scale.millions(layout.objects())
                        + " objects and records."),
                List.of(Row.Sample.of("Stocktake", "s", ours), Row.Sample.of("the loop", "s", loops))));
    }
}
