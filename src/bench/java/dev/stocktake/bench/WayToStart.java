package dev.stocktake.bench;

import java.util.List;

/**
 * How the built jar is started.
 *
 * @param name for the table
 * @param options of the JVM
 */
record WayToStart(String name, List<String> options) {
    /** Without a thought, and as README tells to for a single run. */
    static final List<WayToStart> ALL = List.of(
            new WayToStart("plain `java -jar`", List.of()),
            new WayToStart(
                    "README's options for a single run",
                    List.of(
                            "-XX:SharedArchiveFile=target/stocktake.jsa",
                            "-Xlog:disable",
                            "-Xlog:all=warning:stderr",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC")));
}
