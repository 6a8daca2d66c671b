package dev.stocktake;

import dev.stocktake.progress.Progress;
import dev.stocktake.run.Run;
import dev.stocktake.run.RunActiveException;
import dev.stocktake.run.Trigger;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.SettingsException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** One dry run now; prints the report. */
@Command(
        name = "cleanup-assets",
        description = "Compares the bucket with the asset records once, now, and prints the report on standard output."
                + " A dry run: nothing is deleted or changed, neither in the bucket nor in the asset table."
                + " With --execute: cleans up what a reviewed run found, once that is confirmed.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%n",
        footer = {
            "Examples:",
            "  java -jar target/stocktake.jar cleanup-assets",
            "  java -jar target/stocktake.jar cleanup-assets --format json | jq .orphaned_files",
            "  java -jar target/stocktake.jar cleanup-assets --export ./reports",
            "  java -jar target/stocktake.jar cleanup-assets --execute --keys-from reports/reviewed.csv",
            "  java -jar target/stocktake.jar cleanup-assets --execute --confirm HASH --claim BUCKET",
            "",
            "Exit status:",
            "  0  consistent: no orphans",
            "  1  orphans found",
            "  2  wrong usage or configuration",
            "  3  no verdict: the run could not be completed, or was stopped; the next one resumes it",
            "  4  refused by a safety guard, or not confirmed",
            "With --execute: 0 all files of the plan are in quarantine, 1 some are not, or could not come back where a record",
            "  names them by now, or nobody has confirmed yet. The result says where each file is that failed.",
            "",
            "After the report, the findings of runs that ended longer ago than KEEP_FINDINGS (90d; forever keeps them all)"
                    + " are forgotten, but for the newest and those whose files wait in quarantine; runs and actions stay.",
            "",
            "Needs DATABASE_URL and S3_BUCKET. Logs and progress go to standard error. Where that is a terminal, a store or"
                    + " database that gives no answer at all is tried for 10 s, else seven times more, within two and a half minutes at most."
        })
final class CleanupAssetsCommand implements Callable<Integer> {
    @ParentCommand
    private Stocktake stocktake;

    enum Format {
        TEXT,
        JSON;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--format",
            paramLabel = "text|json",
            description = "How the report is printed, and with --execute the plan and what became of it; default:"
                    + " ${DEFAULT-VALUE}.")
    private Format format = Format.TEXT;

    @Option(
            names = "--export",
            paramLabel = "DIR",
            description = "Write the report and all findings as files into this folder; default: EXPORT_DIR.")
    private String exportDirectory;

    @ArgGroup(exclusive = false, heading = "%nCleanup:%n")
    private ExecuteOptions execute;

    @Override
    public Integer call() {
        if (execute != null && !execute.problems().isEmpty()) {
            execute.problems().forEach(System.err::println);
            return ExitStatus.WRONG_USAGE;
        }
        Map<String, String> options = exportDirectory == null ? Map.of() : Map.of("EXPORT_DIR", exportDirectory);
        try (Application application = stocktake
                .launch(options)
                .start(Purpose.CLEANUP_ASSETS, Progress.isStandardErrorATerminal(), Application.COMPARED)) {
            CompletableFuture<Integer> status = new CompletableFuture<>();
            Thread stop = new Thread(() -> stop(application, status), "stop");
            Runtime.getRuntime().addShutdownHook(stop);
            try {
                status.complete(
                        execute == null
                                ? report(application)
                                : Launch.told(application, () -> {
                                    application.refuseSilence();
                                    return new ExecuteCommand(application, execute, format == Format.JSON).call();
                                }));
                return status.join();
            } finally {
                forget(stop);
            }
        } catch (SettingsException wrong) {
            return Launch.refuse(System.err, exportDirectory == null ? wrong : asOption(wrong));
        } catch (StartException failure) {
            return Launch.refuse(System.err, failure);
        }
    }

    private int report(Application application) {
        Application.FinishedRun finished;
        try {
            finished = application.run(Trigger.CLI);
        } catch (RunActiveException active) {
            return Launch.refuse(System.err, active);
        } catch (RuntimeException failure) {
            System.err.println(application.explain(failure));
            return ExitStatus.NO_VERDICT;
        }
        Run run = finished.run();
        System.out.print(
                switch (format) {
                    case TEXT -> application.reports().text(run);
                    case JSON -> application.reports().json(run);
                });
        System.out.flush();
        application.forgetOldFindings();
        if (!run.isComplete() || finished.undelivered().isPresent()) {
            return ExitStatus.NO_VERDICT;
        }
        return run.hasOrphans() ? ExitStatus.ORPHANS_FOUND : ExitStatus.CONSISTENT;
    }

    /** Ends the process with the command's own exit status rather than with that of the signal. */
    private static void stop(Application application, CompletableFuture<Integer> status) {
        application.close();
        Runtime.getRuntime()
                .halt(status.completeOnTimeout(ExitStatus.NO_VERDICT, 1, TimeUnit.SECONDS)
                        .join());
    }

    private static void forget(Thread shutdownHook) {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException alreadyStopping) {
            // it is what ended the run
        }
    }

    private static SettingsException asOption(SettingsException wrong) {
        List<String> problems = wrong.problems().stream()
                .map(problem -> problem.replaceFirst("^EXPORT_DIR ", "--export "))
                .toList();
        return new SettingsException(problems);
    }
}
