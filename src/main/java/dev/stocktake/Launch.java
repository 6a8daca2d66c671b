package dev.stocktake;

import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.failure.FirstAnswers.Side;
import dev.stocktake.settings.Environment;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.Settings;
import dev.stocktake.settings.SettingsException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/** What both commands do first: read the settings, refuse what is wrong with them, and start. */
final class Launch {
    private final Path workingDirectory;
    private final Map<String, String> environment;

    private Launch(Path workingDirectory, Map<String, String> environment) {
        this.workingDirectory = workingDirectory;
        this.environment = environment;
    }

    /**
     * Reads the {@code .env} file.
     *
     * @param environment of the process; wins over the file
     * @param options settings that were given as options of the command, by the setting's name; they win over both
     * @throws SettingsException when the file cannot be read
     */
    static Launch in(Path workingDirectory, Map<String, String> environment, Map<String, String> options) {
        Map<String, String> all = new HashMap<>(Environment.read(workingDirectory, environment));
        all.putAll(options);
        return new Launch(workingDirectory, all);
    }

    /**
     * Starts Stocktake.
     *
     * @param asked what will be asked, besides the results database
     * @throws SettingsException with all problems of settings and route folder together
     */
    Application start(Purpose purpose, boolean onTerminal, Set<Side> asked) throws StartException {
        Stream.concat(Environment.warnings(workingDirectory).stream(), Settings.warnings(environment).stream())
                .forEach(warning -> System.err.println("Warning: " + warning));
        List<String> problems = new ArrayList<>();
        Settings settings = null;
        Routes routes = null;
        try {
            settings = Settings.from(environment, purpose);
        } catch (SettingsException wrong) {
            problems.addAll(wrong.problems());
        }
        try {
            routes = Routes.in(workingDirectory, environment);
        } catch (SettingsException wrong) {
            problems.addAll(wrong.problems());
        }
        if (settings == null || routes == null) {
            throw new SettingsException(problems);
        }
        return Application.start(
                settings, routes, purpose == Purpose.SERVE, onTerminal, asked, Clock.systemUTC(), http -> {});
    }

    /**
     * Does something and prints why when it does not come to its end; returns the exit status.
     *
     * @throws SettingsException when an option is wrong
     */
    static int told(Application application, IntSupplier task) {
        try {
            return task.getAsInt();
        } catch (RefusedException refused) {
            System.err.println(refused.getMessage());
            return ExitStatus.REFUSED;
        } catch (SettingsException wrong) {
            throw wrong;
        } catch (RuntimeException failure) {
            System.err.println(application.explain(failure));
            return ExitStatus.NO_VERDICT;
        }
    }

    /** Who asks, for the record of what is done. */
    static String user() {
        return System.getProperty("user.name") + ", command line";
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
