package dev.stocktake.run;

import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.failure.Explanation;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
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
        List<Range> closed = ledger.closed().stream()
                .sorted(Comparator.comparing(Range::after, KeyOrder.UTF_8))
                .toList();
        if (!keySpace.isTiledBy(closed)) {
            throw new UnprovenException("the ranges that were read to their end do not cover all keys");
        }
        if (!ledger.tally().balances()) {
            throw new UnprovenException("the counts do not add up: " + ledger.tally());
        }
        if (ledger.tally().findings() != storedFindings) {
            throw new UnprovenException(
                    ledger.tally().findings() + " findings were made and " + storedFindings + " were stored");
        }
        return running.run().complete(now(), Run.Counts.of(ledger.tally(), invalid));
    }

    /**
     * Refuses a verdict that could not be stored as it is.
     *
     * @param updated the rows that the update changed
     */
    public void refuseUnlessStored(Run run, int updated) {
        if (updated != 1) {
            throw new UnprovenException("its row in stocktake.run was no longer RUNNING when it ended; another process"
                    + " has taken it for dead: " + run.id());
        }
    }

    /** Closes the run of an exchange that failed. */
    public Run incomplete(RunInProgress running, Exchange failed) {
        Throwable cause = failed.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        return running.run().incomplete(now(), explanation.of(cause));
    }

    private OffsetDateTime now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    /** The run came to its end, and yet it cannot be shown that it saw everything. */
    static final class UnprovenException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnprovenException(String failingLine) {
            super("The run cannot be proven complete: " + failingLine);
        }
    }
}
