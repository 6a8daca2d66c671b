package dev.stocktake.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The environment that the settings are read from: the process's own, completed by a {@code .env} file. */
public final class Environment {
    private static final String FILE = ".env";

    /** Whoever can write it can let others read it, and set what they like. */
    private static final Set<PosixFilePermission> OF_OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

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
        Path file = workingDirectory.resolve(FILE);
        if (!isThere(file)) {
            return Map.copyOf(real);
        }
        Map<String, String> merged = new LinkedHashMap<>(EnvFile.read(file));
        merged.putAll(real);
        return Map.copyOf(merged);
    }

    /** What is odd about the {@code .env} file, one sentence each; nothing where its file system knows no permissions. */
    public static List<String> warnings(Path workingDirectory) {
        Path file = workingDirectory.resolve(FILE);
        if (!isThere(file)) {
            return List.of();
        }
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            return Collections.disjoint(permissions, OF_OTHERS)
                    ? List.of()
                    : List.of(FILE + " can be read or changed by others than its owner ("
                            + PosixFilePermissions.toString(permissions) + "), and may hold secrets: chmod 600 "
                            + FILE);
        } catch (IOException | UnsupportedOperationException unknown) {
            return List.of();
        }
    }

    private static boolean isThere(Path file) {
        // a directory of that name is a Python virtual environment
        return !Files.notExists(file) && !Files.isDirectory(file);
    }
}
