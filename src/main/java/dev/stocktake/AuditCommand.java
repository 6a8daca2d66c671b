package dev.stocktake;

import dev.stocktake.cleanup.ChainCheck.Chain;
import dev.stocktake.text.Visible;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What can be asked of the actions. */
@Command(name = "audit", description = "Looks at what was done: stocktake.action.", mixinStandardHelpOptions = true)
final class AuditCommand implements Runnable {
    @ParentCommand
    private Stocktake stocktake;

    private static final String MEANING = """

            What this proves: no action was changed, moved to another place or taken out from among the others since the
            hash of the last one was written.
            What it does not: an owner of the database can write all actions and their hashes anew, or take away the last
            ones. That shows only by a hash that was kept where they cannot change it: give it as --head.
            Where it is kept: every cleanup, restore and purge prints and logs it ("Audit head"), GET /api/plans/{id} has it
            as audit_head, and each export as <run>.audit-head.json.
            """;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing: verify");
    }

    @Command(
            name = "verify",
            description = "Goes through the whole chain of actions: each must be as it was written, and follow the one"
                    + " before it. An owner of the database can write the whole chain anew, or cut it off: that shows"
                    + " only by the hash of an action that was kept elsewhere, given as --head.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Exit status:",
                "  0  the chain is whole",
                "  2  wrong usage or configuration",
                "  3  could not be carried out",
                "  4  something was changed or taken away",
                "",
                "At a terminal, a results database that gives no answer at all is tried for 10 s, else for 5 s."
            })
    int verify(
            @Option(
                            names = "--head",
                            paramLabel = "HASH",
                            description =
                                    "The hash of an action, as it was the last then: of a line \"Audit head\" that a cleanup, a"
                                            + " restore or a purge printed or logged, or of an <run>.audit-head.json.")
                    String head) {
        return stocktake.once(Set.of(), application -> verify(application, head));
    }

    private static int verify(Application application, String head) {
        Chain chain =
                application.actions().verify(head == null ? null : head.strip().toLowerCase(Locale.ROOT));
        if (chain.rows() > 0 || chain.broken().isEmpty()) {
            System.out.println("Actions: " + chain.rows() + "\nHash of the last: " + chain.head());
            System.out.flush();
        }
        if (chain.broken().isPresent()) {
            System.err.println(chain.broken().get());
            return ExitStatus.REFUSED;
        }
        if (head != null && chain.kept().isEmpty()) {
            System.err.println(
                    "No action has the hash " + Visible.text(head) + " any more: the chain was cut off or replaced.");
            return ExitStatus.REFUSED;
        }
        chain.kept()
                .ifPresent(number -> System.out.println("The hash of --head is that of action " + number
                        + ": it and all before it are as they were then. Actions since: " + (chain.rows() - number)));
        System.out.print(MEANING);
        System.out.flush();
        return ExitStatus.CONSISTENT;
    }
}
