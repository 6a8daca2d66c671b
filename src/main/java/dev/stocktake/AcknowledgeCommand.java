package dev.stocktake;

import dev.stocktake.run.Acknowledgement;
import dev.stocktake.run.ForeignFolder;
import dev.stocktake.run.Run;
import dev.stocktake.text.Visible;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** A person's word for a suspicious run. */
@Command(
        name = "acknowledge",
        description =
                "Says that a suspicious run is right, and why. Until then nothing follows from it; from then on later runs"
                        + " are measured by it, what it found counts as seen, and a cleanup may follow it. A folder in which"
                        + " nothing matched is no reason for suspicion any more. Given once, it cannot be changed.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%n",
        footer = {
            "Example:",
            "  java -jar target/stocktake.jar acknowledge --run ID --reason \"40 drafts were deleted on purpose\"",
            "",
            "Exit status:",
            "  0  acknowledged",
            "  2  wrong usage or configuration",
            "  3  could not be carried out",
            "  4  refused: there is no such run here, it is not suspicious, or somebody acknowledged it before",
            "",
            "At a terminal, a results database that gives no answer at all is tried for 10 s, else for 5 s."
        })
final class AcknowledgeCommand implements Callable<Integer> {
    @ParentCommand
    private Stocktake stocktake;

    @Option(names = "--run", paramLabel = "ID", required = true, description = "The suspicious run.")
    private UUID runId;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            required = true,
            description = "Why it is right; shown wherever the run is.")
    private String reason;

    @Override
    public Integer call() {
        Optional<String> objection = Acknowledgement.objection(reason);
        if (objection.isPresent()) {
            System.err.println("--reason " + objection.get());
            return ExitStatus.WRONG_USAGE;
        }
        return stocktake.once(Set.of(), this::acknowledge);
    }

    private int acknowledge(Application application) {
        Run run = application.acknowledgements().acknowledge(runId, Launch.user(), reason);
        System.out.println("=== Acknowledge ===\nRun: " + run.id() + " of "
                + run.startedAt().toInstant());
        run.suspicions().forEach(odd -> System.out.println("⚠️  SUSPICIOUS: " + odd));
        System.out.println("Now " + run.acknowledgement()
                + "\nIt counts from now on: later runs are measured by it, what it found counts as seen, and a cleanup"
                + " may follow it.");
        run.foreignFolders().stream()
                .map(ForeignFolder::folder)
                .forEach(folder -> System.out.println("No reason for suspicion any more, so that its orphaned files can"
                        + " be cleaned up: the folder \"" + Visible.text(folder) + "\""));
        System.out.flush();
        return ExitStatus.CONSISTENT;
    }
}
