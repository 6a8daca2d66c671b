package dev.stocktake;

import dev.stocktake.settings.SettingsException;
import dev.stocktake.text.Visible;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder with the route files.
 *
 * @param folder exists and holds at least one {@code *.camel.yaml}
 */
public record Routes(Path folder) {
    private static final String SETTING = "STOCKTAKE_ROUTES";

    /**
     * The folder that {@code STOCKTAKE_ROUTES} names, else {@code routes} in the working directory.
     *
     * @throws SettingsException when it holds no route files
     */
    public static Routes in(Path workingDirectory, Map<String, String> environment) {
        String setting = environment.getOrDefault(SETTING, "");
        Path folder = workingDirectory.resolve(setting.isBlank() ? "routes" : setting);
        try (Stream<Path> files = Files.list(folder)) {
            if (files.noneMatch(file -> file.getFileName().toString().endsWith(".camel.yaml"))) {
                throw refused(folder);
            }
        } catch (IOException unreadable) {
            throw refused(folder);
        }
        return new Routes(folder);
    }

    /** As Camel loads them. */
    String includePattern() {
        return "file:" + folder + "/*.camel.yaml";
    }

    /** Says which file and line a failure to start comes from and why, on one line; empty when it is not from here. */
    Optional<String> explain(Throwable failure) {
        return Optional.empty();
    }

    private static SettingsException refused(Path folder) {
        return new SettingsException(
                List.of(SETTING + " must be a folder with *.camel.yaml files (default: ./routes), was: \""
                        + Visible.text(folder.toString()) + "\""));
    }
}
