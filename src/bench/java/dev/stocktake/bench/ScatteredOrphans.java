package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a thousand orphaned files among the others add to a run, in time and in requests; warm, and by a whole process. */
final class ScatteredOrphans implements Figure {
    private static final int ORPHANS = 1000;

    /** The default of SETTLE_PERIOD, and the second that may be added to it. */
    private static final double MOST_SECONDS_MORE = 5 + 1;

    private static final double MOST_FOR_OBJECTS = 1.03 / ListingStore.MAX_KEYS;
    private static final int MOST_FOR_RANGES = 4;

    @Override
    public List<Row> measure(Session session) throws IOException, InterruptedException {
        Layout layout = Layout.spread(session.scale().objects());
        long orphans = Math.min(ORPHANS, layout.objects());
        AssetTable matching = session.tables().matching(layout);
        AssetTable lacking = session.tables().lacking(layout, orphans);
        session.warmUp(session.settings(lacking), lacking, layout);
        session.store().delay(Scale.LATENCY);
        Samples without = new Samples();
        Samples with = new Samples();
        Samples more = new Samples();
        Samples coldWithout = new Samples();
        Samples coldWith = new Samples();
        Samples coldMore = new Samples();
        Samples lists = new Samples();
        Samples heads = new Samples();
        Samples overMost = new Samples();
        BuiltJar jar = new BuiltJar(session.folder());
        for (int run = 0; run < session.scale().runs(); run++) {
            matching.forgetRuns();
            without.add(Expected.matched(session.warm().run(session.settings(matching)), layout)
                    .wallSeconds());
            lacking.forgetRuns();
            ListingStore.Requests before = session.store().requests();
            Measured measured = Expected.lacking(session.warm().run(session.settings(lacking)), layout, orphans);
            ListingStore.Requests asked = session.store().requests().since(before);
            with.add(measured.wallSeconds());
            more.add(with.last() - without.last());
            lists.add((double) asked.lists());
            heads.add((double) asked.heads());
            overMost.add(asked.lists() / (MOST_FOR_OBJECTS * layout.objects() + MOST_FOR_RANGES * measured.ranges()));
            matching.forgetRuns();
            coldWithout.add(cold(jar, session.settings(matching), layout.objects()));
            lacking.forgetRuns();
            coldWith.add(cold(jar, session.settings(lacking), layout.objects() - orphans));
            coldMore.add(coldWith.last() - coldWithout.last());
            session.tell(
                    "scattered: %s s, without orphans %s s; whole process %s s and %s s; %s list and %s HEAD requests",
                    with, without, coldWith, coldWithout, lists, heads);
        }
        List<Row> rows = new ArrayList<>();
        rows.add(time("warm", with, without, more));
        rows.add(time("whole process, plain `java -jar`", coldWith, coldWithout, coldMore));
        rows.add(new Row(
                "list requests with 1,000 scattered orphans",
                "at most 1.03 x objects / 1,000 + 4 a range",
                Samples.text(overMost.median()) + " of that: " + lists + ", and " + heads + " HEAD requests",
                Row.Outcome.of(overMost.median() <= 1),
                List.of(),
                List.of(Row.Sample.of("list requests", "", lists), Row.Sample.of("HEAD requests", "", heads))));
        return rows;
    }

    private static Row time(String how, Samples with, Samples without, Samples more) {
        return new Row(
                "what 1,000 scattered orphans add to a run at 50 ms, " + how,
                "at most SETTLE_PERIOD (5 s) + 1 s",
                Samples.text(more.median()) + " s: " + with + " s, without them " + without + " s",
                Row.Outcome.of(more.median() <= MOST_SECONDS_MORE),
                List.of(),
                List.of(
                        Row.Sample.of(how + ", with orphans", "s", with),
                        Row.Sample.of(how + ", without", "s", without)));
    }

    private static double cold(BuiltJar jar, Map<String, String> settings, long matched)
            throws IOException, InterruptedException {
        BuiltJar.Comparison comparison = jar.compare(settings);
        if (comparison.matched() != matched) {
            throw new IllegalStateException("The run did not find what there is: " + comparison);
        }
        return comparison.usage().wallSeconds();
    }
}
