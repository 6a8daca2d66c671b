package dev.stocktake;

import dev.stocktake.cleanup.KeysFile;
import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.Restores.RestoreOrder;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.compare.Finding.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The way back. */
@Command(
        name = "restore",
        description =
                "Brings the files that a plan moved into quarantine back to where they were, and the records that it"
                        + " deleted or marked to what they were. What is there again is never overwritten.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%n",
        footer = {
            "Exit status:",
            "  0  all are back",
            "  1  some are not, or were purged; the log and stocktake.action say why",
            "  2  wrong usage or configuration",
            "  3  could not be carried out",
            "  4  refused by a safety guard",
            "",
            "At a terminal, a store or database that gives no answer at all is tried for 10 s."
        })
final class RestoreCommand implements Callable<Integer> {
    @ParentCommand
    private Stocktake stocktake;

    /** One of them. */
    static final class Which {
        @Option(names = "--plan", paramLabel = "ID", required = true, description = "The plan that is undone.")
        private UUID plan;

        @Option(
                names = "--from-quarantine",
                paramLabel = "ID",
                required = true,
                description =
                        "The plan whose folder in the quarantine is brought back, whatever the database knows of it:"
                                + " for a results database that was set back to an earlier time.")
        private UUID fromQuarantine;
    }

    @ArgGroup(multiplicity = "1")
    private Which which;

    @Option(
            names = "--keys-from",
            paramLabel = "FILE",
            description =
                    "Only what this export (.ndjson or .csv) names; all of it must be what the plan moved, deleted or marked.")
    private Path keysFrom;

    @Option(
            names = "--accept-unconditional",
            paramLabel = "BUCKET",
            description =
                    "The bucket's name: needed where the store ignores conditions, so that a file that is uploaded in"
                            + " the same instant can be lost.")
    private String acceptUnconditional;

    @Override
    public Integer call() {
        return stocktake.once(Application.COMPARED, this::restore);
    }

    private int restore(Application application) {
        boolean fromQuarantine = which.fromQuarantine != null;
        UUID id = fromQuarantine ? which.fromQuarantine : which.plan;
        Optional<Plan> plan = application.plans().find(id);
        Kind kind = plan.map(known -> known.action().kind()).orElse(Kind.ORPHANED_FILE);
        List<Restored> restored = application.restore(new RestoreOrder(
                id,
                fromQuarantine,
                Optional.ofNullable(keysFrom).map(file -> KeysFile.read(file, kind)),
                application.bucket().equals(acceptUnconditional),
                Launch.user()));
        long done =
                restored.stream().filter(file -> file.outcome() == Outcome.DONE).count();
        System.out.println("=== Restore ===\nPlan: " + id + "\nRestored: " + done + " of " + restored.size());
        restored.stream()
                .filter(file -> file.outcome() != Outcome.DONE)
                .forEach(file -> System.out.println(
                        "  - " + file.visibleKey() + " " + file.outcome().label() + ": " + file.detail()));
        long purged = plan.map(application.restores()::purged).orElse(0L);
        if (purged > 0) {
            System.out.println("Purged before, so that nothing brings them back: " + purged);
        }
        long unknown =
                fromQuarantine ? 0 : plan.map(application.restores()::unknownIn).orElse(0L);
        if (unknown > 0) {
            System.out.println("In its folder in the quarantine, but not known to the database: " + unknown
                    + "; restore --from-quarantine " + id + " brings them back.");
        }
        application.actions().head().ifPresent(head -> System.out.println(head.line()));
        System.out.flush();
        return done == restored.size() && unknown == 0 && (purged == 0 || keysFrom != null)
                ? ExitStatus.CONSISTENT
                : ExitStatus.ORPHANS_FOUND;
    }
}
