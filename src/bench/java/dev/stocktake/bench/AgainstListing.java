package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Warm, against listing alone, and how many list requests it takes. */
final class AgainstListing implements Figure {
    private static final double LEAST = 0.85;
    private static final double MOST_FOR_OBJECTS = 1.03 / ListingStore.MAX_KEYS;
    private static final int MOST_FOR_RANGES = 4;

    @Override
    public List<Row> measure(Session session) {
        Scale scale = session.scale();
        Layout layout = Layout.spread(scale.objects());
        AssetTable table = session.tables().matching(layout);
        Map<String, String> settings = session.settings(table);
        session.warmUp(settings, table, layout);
        session.store().delay(Scale.LATENCY);
        Samples ours = new Samples();
        Samples listings = new Samples();
        Samples requests = new Samples();
        Samples ranges = new Samples();
        Samples overMost = new Samples();
        for (int i = 0; i < scale.runs(); i++) {
            table.forgetRuns();
            ListingStore.Requests before = session.store().requests();
            Measured run = Expected.matched(session.warm().run(settings), layout);
            long lists = session.store().requests().since(before).lists();
            ours.add(run.wallSeconds());
            requests.add((double) lists);
            ranges.add(run.ranges());
            overMost.add((double) lists / (MOST_FOR_OBJECTS * layout.objects() + MOST_FOR_RANGES * run.ranges()));
            Measured listing =
                    session.warm().obey(new Order(Order.Task.LIST, settings, cuts(layout, Math.max(1, run.ranges()))));
            Expected.listed(listing, layout);
            listings.add(listing.wallSeconds());
            session.tell("listing: %s s, listing only %s s; %s requests", ours, listings, requests);
        }
        double ratio = listings.median() / ours.median();
        return List.of(
                new Row(
                        "warm throughput, versus listing only with the same SDK, ranges and parallelism, no database",
                        "at least 0.85",
                        Samples.text(ratio),
                        Row.Outcome.of(ratio >= LEAST),
                        List.of("50 ms, parallelism " + Session.PARALLELISM + ": Stocktake " + ours
                                + " s, listing only " + listings + " s, in as many ranges (" + ranges
                                + ") that hold equally many of the " + Scale.millions(layout.objects()) + " objects."),
                        List.of(Row.Sample.of("Stocktake", "s", ours), Row.Sample.of("listing only", "s", listings))),
                new Row(
                        "list requests",
                        "at most 1.03 x objects / 1,000 + 4 per range",
                        Samples.text(overMost.median()) + " of that: " + requests,
                        Row.Outcome.of(overMost.median() <= 1),
                        List.of(),
                        List.of(Row.Sample.of("list requests", "", requests), Row.Sample.of("ranges", "", ranges))));
    }

    /** As {@link Order} wants them. */
    private static List<String> cuts(Layout layout, int ranges) {
        List<String> cuts = new ArrayList<>();
        for (int i = 1; i < ranges; i++) {
            cuts.add(layout.key(layout.objects() * i / ranges - 1));
        }
        return cuts;
    }
}
