package dev.stocktake.bench;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The merge and the parsing of pages by themselves, with JMH. */
final class Micro implements Figure {
    @Override
    public List<Row> measure(Session session) throws RunnerException {
        List<Row> rows = new ArrayList<>();
        for (RunResult result : new Runner(new OptionsBuilder()
                        .include(MergeBenchmark.class.getSimpleName())
                        .include(ListerBenchmark.class.getSimpleName())
                        .shouldFailOnError(true)
                        .output(session.folder().resolve("jmh.log").toString())
                        .build())
                .run()) {
            Samples samples = new Samples();
            result.getAggregatedResult()
                    .getIterationResults()
                    .forEach(iteration ->
                            samples.add(iteration.getPrimaryResult().getScore()));
            String name = result.getParams().getBenchmark().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1");
            rows.add(new Row(
                    "a page of 1,000 by itself: `" + name + "`",
                    "",
                    samples + " µs",
                    Row.Outcome.NONE,
                    List.of(),
                    List.of(Row.Sample.of(name, "µs", samples))));
        }
        return rows;
    }
}
