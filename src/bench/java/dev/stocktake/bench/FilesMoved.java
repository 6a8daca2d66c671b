package dev.stocktake.bench;

import dev.stocktake.Application;
import dev.stocktake.Routes;
import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.run.Trigger;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.Settings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** How fast a cleanup moves files, against the embedded store and database of the tests, in this JVM. */
final class FilesMoved implements Figure {
    private static final double LEAST = 500;
    private static final int SHARE = 10;
    private static final double NANOS = 1e9;

    @Override
    public List<Row> measure(Session session) throws Exception {
        int files = (int) Math.max(1, session.scale().objects() / SHARE);
        Samples rates = new Samples();
        for (int i = 0; i < session.scale().runs(); i++) {
            rates.add(rate(files));
            session.tell("cleanup: %s files a second", rates);
        }
        return List.of(new Row(
                String.format(Locale.ROOT, "cleanup: %,d files moved into quarantine and recorded", files),
                "at least 500 a second",
                rates + " a second",
                Row.Outcome.of(rates.median() >= LEAST),
                List.of("Embedded store in memory and database, parallelism " + Session.PARALLELISM
                        + ", all in one JVM."),
                List.of(Row.Sample.of("rate", "1/s", rates))));
    }

    private static double rate(int files) throws Exception {
        List<String> matched = IntStream.range(0, files / SHARE + 1)
                .mapToObj(i -> "matched-" + i)
                .toList();
        Assets assets = Assets.empty().objects(matched).records(matched);
        assets.objects(IntStream.range(0, files).mapToObj(i -> "orphan-" + i).toList());
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MIN_SIGHTINGS", "1");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "100");
        try (Application application = Application.start(
                Settings.from(environment, Purpose.CLEANUP_ASSETS),
                Routes.in(Path.of(""), Map.of()),
                false,
                false,
                Clock.systemUTC())) {
            application.run(Trigger.CLI);
            assets.backdateFindings();
            assets.database().execute("UPDATE stocktake.run SET suspicious = NULL");
            Plan plan = application.plan(PlanOrders.expecting(files)).plan();
            long start = System.nanoTime();
            CleanupResult result = application.execute(plan, "benchmark");
            double seconds = (System.nanoTime() - start) / NANOS;
            if (result.done() != files) {
                throw new IllegalStateException("Not every file was moved: " + result);
            }
            return files / seconds;
        }
    }
}
