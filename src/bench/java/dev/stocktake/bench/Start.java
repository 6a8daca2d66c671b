package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The whole process with nothing to compare: what is left is its start and its end. */
final class Start implements Figure {
    private static final double MOST = 4;

    @Override
    public List<Row> measure(Session session) throws Exception {
        Layout nothing = Layout.spread(0);
        AssetTable empty = session.tables().empty();
        session.store().hold(nothing);
        session.store().delay(Duration.ZERO);
        List<Row> rows = new ArrayList<>();
        // makes the schema, once and for all
        new BuiltJar(session.folder()).compare(session.settings(empty));
        for (WayToStart way : WayToStart.ALL) {
            Samples wall = new Samples();
            Samples cpu = new Samples();
            for (int i = 0; i < session.scale().runs(); i++) {
                empty.forgetRuns();
                BuiltJar.Comparison comparison = Expected.matched(
                        new BuiltJar(session.folder(), way.options()).compare(session.settings(empty)), nothing);
                wall.add(comparison.usage().wallSeconds());
                comparison.usage().cpuSeconds().ifPresent(cpu::add);
            }
            session.tell("start: %s: %s s", way.name(), wall);
            rows.add(new Row(
                    "dry run of an empty bucket, whole process; " + way.name(),
                    "at most 4 s",
                    wall + " s",
                    Row.Outcome.of(wall.median() <= MOST),
                    List.of("CPU " + cpu.orNotMeasured() + " s."),
                    List.of(Row.Sample.of("wall", "s", wall), Row.Sample.of("CPU", "s", cpu))));
        }
        return rows;
    }
}
