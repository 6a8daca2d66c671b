package dev.stocktake;

import dev.stocktake.cleanup.KeysFile;
import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.cleanup.Restores.Restored;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
            "  1  some are not; the log and stocktake.action say why",
            "  2  wrong usage or configuration",
            "  3  could not be carried out",
            "  4  refused by a safety guard"
        })
final class RestoreCommand implements Callable<Integer> {
    @Option(names = "--plan", paramLabel = "ID", required = true, description = "The plan that is undone.")
    private UUID planId;

    @Option(
            names = "--keys-from",
            paramLabel = "FILE",
            description =
                    "Only what this export (.ndjson or .csv) names; all of it must be what the plan moved, deleted or marked.")
    private Path keysFrom;

    @Override
    public Integer call() {
        return Launch.once(this::restore);
    }

    private int restore(Application application) {
        Plan plan = application
                .plans()
                .find(planId)
                .orElseThrow(() -> new RefusedException("There is no plan " + planId + "."));
        List<Restored> restored = application.restore(
                plan,
                Optional.ofNullable(keysFrom)
                        .map(file -> KeysFile.read(file, plan.action().kind())),
                Launch.user());
        long done =
                restored.stream().filter(file -> file.outcome() == Outcome.DONE).count();
        System.out.println("=== Restore ===\nPlan: " + plan.id() + "\nRestored: " + done + " of " + restored.size());
        restored.stream()
                .filter(file -> file.outcome() != Outcome.DONE)
                .forEach(file -> System.out.println(
                        "  - " + file.visibleKey() + " " + file.outcome().label() + ": " + file.reason()));
        System.out.flush();
        return done == restored.size() ? ExitStatus.CONSISTENT : ExitStatus.ORPHANS_FOUND;
    }
}
