package dev.stocktake;

import dev.stocktake.cleanup.Actions.Chain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What can be asked of the actions. */
@Command(name = "audit", description = "Looks at what was done: stocktake.action.", mixinStandardHelpOptions = true)
final class AuditCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing: verify");
    }

    @Command(
            name = "verify",
            description = "Goes through the whole chain of actions: each must be as it was written, and follow the one"
                    + " before it. Prints the hash of the last one; kept elsewhere and given again as --head, it shows"
                    + " whether any that were there then are missing.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Exit status:",
                "  0  the chain is whole",
                "  2  wrong usage or configuration",
                "  3  could not be carried out",
                "  4  something was changed or taken away"
            })
    int verify(
            @Option(names = "--head", paramLabel = "HASH", description = "A hash that was printed before.")
                    String head) {
        return Launch.once(application -> verify(application, head));
    }

    private static int verify(Application application, String head) {
        Chain chain = application.actions().verify();
        System.out.println("Actions: " + chain.rows() + "\nHash of the last: " + chain.head());
        if (chain.broken().isPresent()) {
            System.err.println(chain.broken().get());
            return ExitStatus.REFUSED;
        }
        if (head != null && !application.actions().has(head)) {
            System.err.println("No action has the hash " + head + " any more: the chain was cut off or replaced.");
            return ExitStatus.REFUSED;
        }
        return ExitStatus.CONSISTENT;
    }
}
