package dev.stocktake;

import dev.stocktake.claim.Claims.Shown;
import dev.stocktake.claim.Standing;
import dev.stocktake.cleanup.RefusedException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What can be asked of the claim of the bucket, and done about it. */
@Command(
        name = "claim",
        description =
                "The claim of the bucket: the one records database by which its files are cleaned up. It stands in the"
                        + " bucket itself, is made with the first cleanup (--claim), and keeps every other database, such as a staging"
                        + " copy, from cleaning up there.",
        mixinStandardHelpOptions = true)
final class ClaimCommand implements Runnable {
    @ParentCommand
    private Stocktake stocktake;

    private static final String STATUS_2 = "  2  wrong usage or configuration";
    private static final String STATUS_3 = "  3  could not be carried out";
    private static final String PATIENCE =
            "At a terminal, a store or database that gives no answer at all is tried for 10 s.";

    @Spec
    private CommandSpec spec;

    /** How a change of the claim is confirmed. */
    static final class Confirmed {
        @Option(
                names = "--confirm",
                paramLabel = "HASH",
                description = "Change the very claim that was shown with this hash. On a terminal it asks instead.")
        private String hash;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing: show, release or take-over");
    }

    @Command(
            name = "show",
            description = "Shows whose the bucket is, and which records database the settings name.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Exit status:",
                "  0  the records database of the settings has the claim",
                "  1  nobody has",
                STATUS_2,
                STATUS_3,
                "  4  another database may have it",
                "",
                PATIENCE
            })
    int show() {
        return stocktake.once(Application.COMPARED, application -> {
            Shown shown = shown(application, "=== Claim ===");
            return shown.isOurs()
                    ? ExitStatus.CONSISTENT
                    : shown.isFree() ? ExitStatus.ORPHANS_FOUND : ExitStatus.REFUSED;
        });
    }

    @Command(
            name = "release",
            description =
                    "Takes the claim of this records database away, once that is confirmed: another one may then claim"
                            + " the bucket. A cleanup under way stops.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Exit status:",
                "  0  released",
                "  1  nobody has confirmed yet",
                STATUS_2,
                STATUS_3,
                "  4  refused: this database has no claim, or the confirmation is not right",
                "",
                PATIENCE
            })
    int release(@Mixin Confirmed confirmed) {
        return stocktake.once(
                Application.COMPARED,
                application -> change(
                        application,
                        confirmed,
                        "release",
                        "Nobody has the claim then, until the next cleanup makes one.",
                        application.claims()::release));
    }

    @Command(
            name = "take-over",
            description =
                    "Gives this records database the claim that another one has, once that is confirmed: after a failover"
                            + " to another host, a restored backup, a move. Never from a copy of the database that the application"
                            + " uses: what was uploaded since the copy was made would be taken for orphans. A cleanup of the other"
                            + " database stops.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Exit status:",
                "  0  this database has the claim now",
                "  1  nobody has confirmed yet",
                STATUS_2,
                STATUS_3,
                "  4  refused: there is no claim of another one, or the confirmation is not right",
                "",
                PATIENCE
            })
    int takeOver(@Mixin Confirmed confirmed) {
        return stocktake.once(
                Application.COMPARED,
                application -> change(
                        application,
                        confirmed,
                        "take-over",
                        "The records database " + application.recordsDatabase()
                                + " has the claim then: no other database may reference files there.",
                        application.claims()::takeOver));
    }

    private interface Change {
        Optional<String> by(Standing standing, String hash, String who);
    }

    private static int change(
            Application application, Confirmed confirmed, String command, String consequence, Change change) {
        Shown shown = shown(application, "=== Claim: " + command + " ===");
        boolean possible = command.equals("release") ? shown.isOurs() : !shown.isOurs() && shown.hash() != null;
        String hash = confirmed.hash == null ? String.valueOf(shown.hash()) : confirmed.hash;
        if (confirmed.hash == null && possible) {
            System.out.println("Hash: " + hash + "\n" + consequence);
            System.out.flush();
            Optional<Confirmation> person = Confirmation.atTerminal();
            if (person.isEmpty()) {
                System.out.println("\nNothing was changed. To go on: claim " + command + " --confirm " + hash);
                return ExitStatus.ORPHANS_FOUND;
            }
            if (!person.get().isGiven(application.bucket())) {
                throw new RefusedException("That is not the name of the bucket; nothing was changed.");
            }
        }
        change.by(application.standing(), hash, Launch.user()).ifPresent(objection -> {
            throw new RefusedException(objection);
        });
        shown(application, "Done.");
        return ExitStatus.CONSISTENT;
    }

    private static Shown shown(Application application, String title) {
        Shown shown = application.claims().show(application.standing());
        System.out.println(title);
        shown.lines().forEach(System.out::println);
        System.out.flush();
        return shown;
    }
}
