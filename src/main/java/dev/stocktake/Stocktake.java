package dev.stocktake;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        // reports hold characters that a machine's own encoding may not have
        System.setOut(new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8));
        System.exit(new CommandLine(new Stocktake()).execute(args));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "A command is missing: serve, cleanup-assets, acknowledge, restore, purge, claim or audit");
    }

    static Path workingDirectory() {
        return Path.of("");
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
