package dev.stocktake;

import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Purges.Purge;
import dev.stocktake.cleanup.Purges.Purged;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.settings.TimeSpan;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The end of the way back. */
@Command(
        name = "purge",
        description =
                "Deletes for good what cleanups moved into quarantine long ago, once that is confirmed; not what a record names"
                        + " by now. Needs a complete, unsuspicious run of the last 24 hours. This cannot be undone.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%n",
        footer = {
            "Exit status:",
            "  0  all are deleted, or there were none",
            "  1  some are not, or nobody has confirmed yet",
            "  2  wrong usage or configuration",
            "  3  could not be carried out",
            "  4  refused by a safety guard, or not confirmed",
            "",
            "At a terminal, a store or database that gives no answer at all is tried for 10 s."
        })
final class PurgeCommand implements Callable<Integer> {
    @ParentCommand
    private Stocktake stocktake;

    @Option(
            names = "--older-than",
            paramLabel = "DURATION",
            required = true,
            description = "For how long files must have waited, such as 30d.")
    private String olderThan;

    @Option(
            names = "--confirm",
            paramLabel = "HASH",
            description = "Delete the very files that were shown with this hash.")
    private String confirm;

    @Option(
            names = "--claim",
            paramLabel = "BUCKET",
            description =
                    "The bucket's name: needed where nobody has claimed it yet. It says that no other database may reference"
                            + " files there.")
    private String claim;

    @Override
    public Integer call() {
        Duration age;
        try {
            age = TimeSpan.parse(olderThan);
        } catch (IllegalArgumentException wrong) {
            System.err.println("--older-than " + wrong.getMessage());
            return ExitStatus.WRONG_USAGE;
        }
        return stocktake.once(Application.COMPARED, application -> purge(application, age));
    }

    private int purge(Application application, Duration age) {
        Purge purge = application.purges().due(age);
        if (confirm != null && !confirm.equals(purge.hash())) {
            throw new RefusedException("What has waited that long is not what was shown with the hash \"" + confirm
                    + "\" any more; look again.");
        }
        System.out.printf(
                Locale.ROOT,
                "=== Purge ===%nBucket: %s%nRecords database: %s%nFiles in quarantine for %s: %,d (%,d bytes)%n",
                application.bucket(),
                application.recordsDatabase(),
                olderThan,
                purge.files().size() - purge.gone(),
                purge.bytes());
        if (purge.gone() > 0) {
            System.out.printf(
                    Locale.ROOT,
                    "Deleted by a purge that was interrupted, which this one writes down: %,d%n",
                    purge.gone());
        }
        if (purge.unknown() > 0) {
            System.out.printf(
                    Locale.ROOT,
                    "Left, because the database does not know how they came there: %,d; see restore --from-quarantine%n",
                    purge.unknown());
        }
        if (purge.elsewhere() > 0) {
            System.out.printf(
                    Locale.ROOT, "Left, because they are of another store, bucket or prefix: %,d%n", purge.elsewhere());
        }
        if (purge.files().isEmpty()) {
            return ExitStatus.CONSISTENT;
        }
        System.out.println("Hash: " + purge.hash());
        if (confirm == null) {
            Optional<Confirmation> person = Confirmation.atTerminal();
            if (person.isEmpty()) {
                System.out.println("\nNothing was deleted. To delete them for good: purge --older-than " + olderThan
                        + " --confirm " + purge.hash());
                return ExitStatus.ORPHANS_FOUND;
            }
            if (!person.get().isGiven(application.bucket(), purge.files().size())) {
                throw new RefusedException("That is not what was shown; nothing was deleted.");
            }
        }
        List<Purged> purged = application.purge(purge, Launch.user(), Optional.ofNullable(claim));
        List<Purged> done =
                purged.stream().filter(file -> file.outcome() == Outcome.DONE).toList();
        System.out.println("Deleted: "
                + done.stream().filter(file -> !file.file().isGone()).count());
        purged.stream()
                .filter(file -> file.outcome() != Outcome.DONE)
                .forEach(file -> System.out.println(
                        "  - " + file.file().visibleKey() + " " + file.outcome().label() + ": " + file.reason()));
        application.actions().head().ifPresent(head -> System.out.println(head.line()));
        System.out.flush();
        return done.size() == purge.files().size() ? ExitStatus.CONSISTENT : ExitStatus.ORPHANS_FOUND;
    }
}
