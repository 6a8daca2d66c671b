package dev.stocktake;

import dev.stocktake.claim.Claims;
import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.PlanText;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.json.Json;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/** Plan, review, confirmation and execution, in this order; without a person at a terminal in two calls. */
final class ExecuteCommand {
    private final Application application;
    private final ExecuteOptions options;
    private final boolean asJson;

    /**
     * Executes what the options say.
     *
     * @param asJson whether plan and result are printed so, each as an object on a line of its own
     */
    ExecuteCommand(Application application, ExecuteOptions options, boolean asJson) {
        this.application = application;
        this.options = options;
        this.asJson = asJson;
    }

    /**
     * The exit status.
     *
     * @throws RefusedException when a guard does not let it go on
     * @throws dev.stocktake.settings.SettingsException when an option's file cannot be read
     */
    int call() {
        if (options.claimed().isPresent() && !options.claimed().get().equals(application.bucket())) {
            throw new RefusedException(
                    Claims.mustName(application.bucket(), options.claimed().get()));
        }
        if (options.confirmed().isPresent()) {
            String hash = options.confirmed().get();
            return execute(application
                    .plans()
                    .findByHash(hash)
                    .orElseThrow(() -> new RefusedException("There is no plan with the hash \"" + hash
                            + "\": only a plan that somebody saw can be confirmed.")));
        }
        MadePlan made = application.plan(options.order(application.bucket(), Launch.user()));
        Plan plan = made.plan();
        System.out.print(asJson ? Json.write(made) + "\n" : new PlanText(application.plans()).review(made));
        System.out.flush();
        if (plan.items() == 0) {
            return ExitStatus.CONSISTENT;
        }
        List<String> unclaimed = plan.isOfRecords()
                ? List.of()
                : application.claims().prepare(application.standing(), null).refusals();
        Optional<Confirmation> person = Confirmation.atTerminal();
        if (person.isEmpty()) {
            unclaimed.forEach(reason -> besides().println("\n" + reason));
            besides()
                    .println("\nNothing was done. To execute this plan: cleanup-assets --execute --confirm "
                            + plan.hash() + (unclaimed.isEmpty() ? "" : " --claim " + plan.bucket()));
            return ExitStatus.ORPHANS_FOUND;
        }
        if (!unclaimed.isEmpty() && options.claimed().isEmpty()) {
            throw new RefusedException(unclaimed);
        }
        if (!unclaimed.isEmpty()) {
            person.get()
                    .tell("You claim the bucket \"" + plan.bucket() + "\" for the records database "
                            + application.recordsDatabase() + ": no other database may reference files there.");
        }
        if (!person.get().isGiven(plan.bucket(), plan.items())) {
            throw new RefusedException("That is not what the plan says; nothing was done.");
        }
        return execute(plan);
    }

    private int execute(Plan plan) {
        CleanupResult result = application.execute(plan, Launch.user(), options.claimed());
        System.out.print(asJson ? Json.write(result) + "\n" : PlanText.result(result));
        application.actions().head().ifPresent(head -> besides().println(head.line()));
        System.out.flush();
        if (result.stopped() != null || !result.isWhole()) {
            return ExitStatus.NO_VERDICT;
        }
        return result.done() == plan.items()
                        && result.broughtBack() == 0
                        && result.failures().isEmpty()
                ? ExitStatus.CONSISTENT
                : ExitStatus.ORPHANS_FOUND;
    }

    /** Where what is no JSON is printed. */
    private PrintStream besides() {
        return asJson ? System.err : System.out;
    }
}
