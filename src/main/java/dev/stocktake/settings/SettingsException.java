package dev.stocktake.settings;

import java.util.List;

/** The settings cannot be used. It carries every problem found, not only the first; none of them shows a secret. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<String> problems;

    /**
     * With all of the problems.
     *
     * @param problems one line each, naming the setting or the file, without secrets; not empty
     */
    public SettingsException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line for each problem, to be shown to the person who starts the program. */
    public List<String> problems() {
        return problems;
    }
}
