package dev.stocktake.run;

import dev.stocktake.compare.KeySpace;
import dev.stocktake.failure.Explanation;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.apache.camel.Exchange;

/** Decides what a run may say: complete when it can prove it, incomplete with the reason otherwise. */
public final class Verdict {
    private final KeySpace keySpace;
    private final Explanation explanation;
    private final Clock clock;

    public Verdict(KeySpace keySpace, Explanation explanation, Clock clock) {
        this.keySpace = keySpace;
        this.explanation = explanation;
        this.clock = clock;
    }

    /**
     * Ends the run when it cannot get a verdict any more.
     *
     * @throws Exception the reason, when a range failed or the run was stopped
     */
    public void refuseIfStopped(RunInProgress running) throws Exception {
        if (running.isStopped()) {
            throw running.stopReason();
        }
    }

    /**
     * Closes a run that came to its end.
     *
     * @param storedFindings rows of {@code stocktake.finding} that the run has
     * @param invalid records whose storage key can name no object
     * @throws Exception the reason, when a range failed, the run was stopped, or the books do not balance
     */
    public Run complete(RunInProgress running, Ledger ledger, long storedFindings, long invalid) throws Exception {
        refuseIfStopped(running);
        Proof proof = Proof.of(ledger, keySpace, storedFindings);
        if (proof.failingLine().isPresent()) {
            throw new UnprovenException(proof);
        }
        return running.run().completed(now(), Run.Counts.of(ledger, invalid), proof);
    }

    /**
     * Refuses a verdict that could not be stored as it is.
     *
     * @param updated the rows that the update changed
     */
    public void refuseUnlessStored(Run run, int updated) {
        if (updated != 1) {
            throw new Leases.LeaseLostException("another process has ended or resumed run " + run.id());
        }
    }

    /** Closes the run of an exchange that failed. */
    public Run incomplete(RunInProgress running, Exchange failed) {
        Throwable cause = failed.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        String reason = explanation.of(cause);
        return running.run()
                .incomplete(
                        now(),
                        reason,
                        cause instanceof UnprovenException unproven
                                ? unproven.proof
                                : Proof.failed(Explanation.withoutDetails(reason)));
    }

    private OffsetDateTime now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    /** The run came to its end, and yet it cannot be shown that it saw everything. */
    static final class UnprovenException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Proof proof;

        UnprovenException(Proof proof) {
            super(proof.failingLine()
                    .map(line -> "The run cannot be proven complete. It must be true that: " + line.condition()
                            + "; found: " + line.found() + ".")
                    .orElseThrow());
            this.proof = proof;
        }
    }
}
