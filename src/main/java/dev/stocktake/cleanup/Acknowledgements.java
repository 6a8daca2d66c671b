package dev.stocktake.cleanup;

import dev.stocktake.run.Acknowledgement;
import dev.stocktake.run.Run;
import dev.stocktake.run.Runs;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets suspicious runs count once somebody answers for them. */
public final class Acknowledgements {
    private static final Logger LOG = LoggerFactory.getLogger("stocktake.run");

    private final Runs runs;
    private final Clock clock;

    public Acknowledgements(Runs runs, Clock clock) {
        this.runs = runs;
        this.clock = clock;
    }

    /**
     * Acknowledges a run: from now on later ones are measured by it, its sightings count, and a cleanup may follow it.
     *
     * @param by who asks
     * @param reason to which {@link Acknowledgement#objection} has none
     * @return the run as it is then
     * @throws RefusedException where it is no suspicious run of this bucket and prefix, or was acknowledged before
     */
    public Run acknowledge(UUID id, String by, String reason) {
        Acknowledgement acknowledgement = new Acknowledgement(
                clock.instant().truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC), by, reason);
        Run run = runs.acknowledge(id, acknowledgement)
                .orElseThrow(() -> new RefusedException(objection(id, runs.find(id))));
        LOG.warn("Run {} is SUSPICIOUS, but {}", run.id(), run.acknowledgement());
        return run;
    }

    private String objection(UUID id, Optional<Run> found) {
        if (found.isEmpty()) {
            return "There is no run " + id + ".";
        }
        Run run = found.get();
        String name = "Run " + id;
        if (!runs.isOfHere(run)) {
            return name + " compared another bucket or prefix: it can be acknowledged where S3_BUCKET is "
                    + run.bucket() + " and S3_PREFIX is \"" + run.prefix() + "\".";
        }
        if (!run.isComplete()) {
            return name + " is " + run.status() + " and has no verdict, which nobody can answer for.";
        }
        return run.acknowledgement() == null
                ? name + " is not suspicious, so that there is nothing to acknowledge."
                : name + " is already " + run.acknowledgement() + ". That cannot be changed.";
    }
}
