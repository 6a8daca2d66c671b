package dev.stocktake.bench;

import java.nio.file.Path;

/** The jar as it is shipped, whose manifest names its libraries. */
final class BuiltJar {
    static final Path JAR = Path.of("target", "stocktake.jar").toAbsolutePath();

    private BuiltJar() {}

    /** The command that starts a JVM of the same version. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
