package dev.stocktake.bench;

import dev.stocktake.bench.AssetTables.AssetTable;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One prefix that holds all objects and of which no record knows, against the same number spread and recorded. */
final class Skew implements Figure {
    private static final double LEAST = 0.7;

    @Override
    public List<Row> measure(Session session) {
        Scale scale = session.scale();
        Layout spread = Layout.spread(scale.objects());
        AssetTable matching = session.tables().matching(spread);
        AssetTable empty = session.tables().empty();
        Map<String, String> settings = session.settings(matching);
        Map<String, String> unrecorded = new HashMap<>(session.settings(empty));
        unrecorded.put("SETTLE_PERIOD", "0s");
        session.warmUp(settings, matching, spread);
        session.store().delay(Scale.LATENCY);
        Samples even = new Samples();
        Samples compared = new Samples();
        Samples reported = new Samples();
        for (int i = 0; i < scale.runs(); i++) {
            session.store().hold(spread);
            matching.forgetRuns();
            even.add(Expected.matched(session.warm().run(settings), spread).wallSeconds());

            Layout young = new Layout(scale.objects(), 1, Instant.now());
            session.store().hold(young);
            empty.forgetRuns();
            compared.add(
                    Expected.tooRecent(session.warm().run(unrecorded), young).wallSeconds());

            Layout old = new Layout(scale.objects(), 1, Layout.LONG_AGO);
            session.store().hold(old);
            empty.forgetRuns();
            reported.add(Expected.orphaned(session.warm().run(unrecorded), old).wallSeconds());
            session.tell("skew: spread %s s, one prefix %s s, reported %s s", even, compared, reported);
        }
        String figure = "skew: " + Scale.millions(scale.objects())
                + " objects under one prefix with no record, versus evenly spread and matched";
        double ratio = even.median() / compared.median();
        double ratioReported = even.median() / reported.median();
        return List.of(
                new Row(
                        figure + ", all too recent",
                        "at least 0.7 of the throughput",
                        Samples.text(ratio),
                        Row.Outcome.of(ratio >= LEAST),
                        List.of("50 ms, parallelism " + Session.PARALLELISM + ", warm; only compares: " + compared
                                + " s, spread and matched " + even + " s."),
                        List.of(
                                Row.Sample.of("spread and matched", "s", even),
                                Row.Sample.of("one prefix, too recent", "s", compared))),
                new Row(
                        figure + ", all orphans",
                        "at least 0.7 of the throughput",
                        Samples.text(ratioReported),
                        Row.Outcome.of(ratioReported >= LEAST),
                        List.of("Also verifies, stores and logs every object as a finding, with SETTLE_PERIOD 0s: "
                                + reported + " s."),
                        List.of(Row.Sample.of("one prefix, all orphans", "s", reported))));
    }
}
