package dev.stocktake.settings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The environment that the settings are read from: the process's own, completed by a {@code .env} file. */
public final class Environment {
    private Environment() {}

    /**
     * The variables of {@code real}, and those of {@code workingDirectory/.env} that {@code real} does not have. A
     * variable that is there but blank counts as there, so that the file's value can be switched off.
     *
     * @param real the process's environment, {@link System#getenv()}
     * @return unmodifiable; values are as they were given, and may be secret
     * @throws SettingsException when the file has lines that cannot be read; it names the lines and shows no values
     */
    public static Map<String, String> read(Path workingDirectory, Map<String, String> real) {
        Path file = workingDirectory.resolve(".env");
        // a directory of that name is a Python virtual environment
        if (Files.notExists(file) || Files.isDirectory(file)) {
            return Map.copyOf(real);
        }
        Map<String, String> merged = new LinkedHashMap<>(EnvFile.read(file));
        merged.putAll(real);
        return Map.copyOf(merged);
    }
}
