package dev.stocktake;

import dev.stocktake.settings.Environment;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.Settings;
import dev.stocktake.settings.SettingsException;
import java.io.PrintStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What both commands do first: read the settings, refuse what is wrong with them, and start. */
final class Launch {
    private final Map<String, String> environment;

    private Launch(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * Reads the environment.
     *
     * @param options settings that were given as options of the command, by the setting's name; they win
     * @throws SettingsException when the {@code .env} file cannot be read
     */
    static Launch with(Map<String, String> options) {
        Map<String, String> environment =
                new HashMap<>(Environment.read(Stocktake.workingDirectory(), System.getenv()));
        environment.putAll(options);
        return new Launch(environment);
    }

    /**
     * Starts Stocktake.
     *
     * @throws SettingsException with all problems of settings and route folder together
     */
    Application start(Purpose purpose, boolean onTerminal) throws StartException {
        Settings.warnings(environment).forEach(warning -> System.err.println("Warning: " + warning));
        List<String> problems = new ArrayList<>();
        Settings settings = null;
        Routes routes = null;
        try {
            settings = Settings.from(environment, purpose);
        } catch (SettingsException wrong) {
            problems.addAll(wrong.problems());
        }
        try {
            routes = Routes.in(Stocktake.workingDirectory(), environment);
        } catch (SettingsException wrong) {
            problems.addAll(wrong.problems());
        }
        if (settings == null || routes == null) {
            throw new SettingsException(problems);
        }
        return Application.start(settings, routes, purpose == Purpose.SERVE, onTerminal, Clock.systemUTC());
    }

    /** Prints why the command cannot be carried out; returns the exit status. */
    static int refuse(PrintStream errors, Exception failure) {
        if (failure instanceof SettingsException wrong) {
            wrong.problems().forEach(errors::println);
            return ExitStatus.WRONG_USAGE;
        }
        errors.println(failure.getMessage());
        return failure instanceof StartException start ? start.exitStatus() : ExitStatus.NO_VERDICT;
    }
}
