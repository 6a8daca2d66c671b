package dev.stocktake.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The jar as it is shipped, whose manifest names its libraries. */
final class BuiltJar {
    static final Path JAR = Path.of("target", "stocktake.jar").toAbsolutePath();

    private final Path folder;
    private final List<String> options;

    /**
     * The jar, to be started as a user does.
     *
     * @param folder for what it prints
     * @param options of the JVM
     */
    BuiltJar(Path folder, List<String> options) {
        this.folder = folder;
        this.options = List.copyOf(options);
    }

    /** The same, without options. */
    BuiltJar(Path folder) {
        this(folder, List.of());
    }

    /** What a run took and found. */
    record Comparison(WholeProcess.Usage usage, long objects, long matched, long orphanedFiles) {}

    /**
     * One dry run.
     *
     * @throws IllegalStateException when it comes to no verdict
     */
    Comparison compare(Map<String, String> settings) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toString(), "cleanup-assets", "--format", "json"));
        Path output = folder.resolve("report.json");
        WholeProcess.Usage usage = WholeProcess.run(
                command,
                settings,
                ProcessBuilder.Redirect.to(output.toFile()),
                // a line for each finding
                ProcessBuilder.Redirect.DISCARD);
        if (usage.exitStatus() > 1) {
            throw new IllegalStateException(
                    "A run had no verdict but exit status " + usage.exitStatus() + ": " + Files.readString(output));
        }
        JsonNode report = new ObjectMapper().readTree(output.toFile());
        return new Comparison(
                usage,
                report.path("objects").asLong(),
                report.path("matched").asLong(),
                report.path("orphaned_files").asLong());
    }

    /** The command that starts a JVM of the same version. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
