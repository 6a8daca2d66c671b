package dev.stocktake.bench;

import java.util.Map;

/**
 * What a task took and found.
 *
 * @param wallSeconds from its start to its end
 * @param cpuSeconds of the process, its compiler and collector included
 * @param collectorSeconds of {@code cpuSeconds}, what no Java thread took: collector, compiler, the rest of the machine
 * @param compilerSeconds that the compiler says it took
 * @param objects listed
 * @param records read
 * @param ranges that were worked side by side; 0 where there are none
 * @param failure why there is no verdict; null when all went well
 * @param profile samples by area, most first; empty unless it was asked for
 */
record Measured(
        double wallSeconds,
        double cpuSeconds,
        double collectorSeconds,
        double compilerSeconds,
        long objects,
        long records,
        long matched,
        long findings,
        long tooRecent,
        int ranges,
        String failure,
        Map<String, Long> profile) {}
