package dev.stocktake;

import dev.stocktake.failure.FirstAnswers.Side;
import dev.stocktake.progress.Progress;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.SettingsException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToIntFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
        name = "stocktake",
        description = "Compares a bucket with a PostgreSQL table of asset records and reports every difference.",
        mixinStandardHelpOptions = true,
        versionProvider = Stocktake.Version.class,
        subcommands = {
            ServeCommand.class,
            CleanupAssetsCommand.class,
            AcknowledgeCommand.class,
            RestoreCommand.class,
            PurgeCommand.class,
            ClaimCommand.class,
            AuditCommand.class
        },
        footer = {"", "Settings come from the environment and from a .env file in the working directory; see README."})
public final class Stocktake implements Runnable {
    private final Path workingDirectory;
    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec;

    /**
     * The command line of one process.
     *
     * @param workingDirectory where {@code .env} and the route files are looked for
     * @param environment of the process
     */
    public static CommandLine in(Path workingDirectory, Map<String, String> environment) {
        return new CommandLine(new Stocktake(workingDirectory, environment))
                .registerConverter(UUID.class, Stocktake::id);
    }

    private Stocktake(Path workingDirectory, Map<String, String> environment) {
        this.workingDirectory = workingDirectory;
        this.environment = environment;
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException wrong) {
            throw new CommandLine.TypeConversionException("must be an id as reports and plans have it, such as "
                    + new UUID(0, 0) + ", was: \"" + text + "\"");
        }
    }

    public static void main(String[] args) {
        // reports hold characters that a machine's own encoding may not have
        System.setOut(new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8));
        System.exit(in(Path.of(""), System.getenv()).execute(args));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "A command is missing: serve, cleanup-assets, acknowledge, restore, purge, claim or audit");
    }

    /**
     * What a command starts by.
     *
     * @param options settings that were given as options of the command, by the setting's name; they win
     * @throws dev.stocktake.settings.SettingsException when the {@code .env} file cannot be read
     */
    Launch launch(Map<String, String> options) {
        return Launch.in(workingDirectory, environment, options);
    }

    /**
     * Does one thing with an application that is started for it; returns the exit status.
     *
     * @param asked what it asks, besides the results database
     */
    int once(Set<Side> asked, ToIntFunction<Application> task) {
        try (Application application =
                launch(Map.of()).start(Purpose.CLEANUP_ASSETS, Progress.isStandardErrorATerminal(), asked)) {
            return Launch.told(application, () -> {
                application.refuseSilence();
                return task.applyAsInt(application);
            });
        } catch (SettingsException | StartException failure) {
            return Launch.refuse(System.err, failure);
        }
    }

    /** The version in the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Stocktake.class.getPackage().getImplementationVersion();
            return new String[] {"stocktake " + (version == null ? "(not packaged)" : version)};
        }
    }
}
