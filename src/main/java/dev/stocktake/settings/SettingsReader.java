package dev.stocktake.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads settings by name and keeps what is wrong with them, so that all of it is told at once. Values are stripped of
 * surrounding white space (an env file with CRLF leaves a carriage return on each) unless they are read as they are.
 */
final class SettingsReader {
    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    SettingsReader(Map<String, String> environment) {
        this.environment = environment;
    }

    /** The value, stripped; empty when it is unset or blank. */
    Optional<String> text(String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** The value with every space it has; empty when it is unset or blank. */
    Optional<String> secret(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** The value with every space it has; empty only when it is unset or the empty string. */
    Optional<String> exact(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /**
     * The value read by {@code form}, whose IllegalArgumentException reads on after the name. Empty when it is unset
     * or wrong.
     */
    <T> Optional<T> optional(String name, Function<String, T> form) {
        return read(name, text(name), form);
    }

    <T> Optional<T> required(String name, String meaning, Function<String, T> form) {
        if (text(name).isEmpty()) {
            problem(name + " must be set to " + meaning + ", was: unset");
        }
        return optional(name, form);
    }

    <T> T or(String name, T whenUnset, Function<String, T> form) {
        return optional(name, form).orElse(whenUnset);
    }

    <T> Optional<T> read(String name, Optional<String> value, Function<String, T> form) {
        try {
            return value.map(form);
        } catch (IllegalArgumentException e) {
            problem(name + " " + e.getMessage());
            return Optional.empty();
        }
    }

    void problem(String problem) {
        problems.add(problem);
    }

    /** @throws SettingsException when anything read so far was wrong */
    void refuseProblems() {
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
    }
}
