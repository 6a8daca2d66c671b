package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.Tally;
import dev.stocktake.failure.Explanation;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictTest {
    private static final OffsetDateTime START = OffsetDateTime.parse("2024-01-15T03:00:00Z");
    private static final Instant END = Instant.parse("2024-01-15T03:04:05.123456789Z");
    private static final KeySpace ALL = new KeySpace("");

    /** Every count is another number, and the books balance. */
    private static final Tally BALANCED = new Tally(1000 + 20 + 3 + 7, 1100 + 40 + 5, 1000, 1100, 20, 40, 999, 3, 5, 7);

    private final Verdict verdict =
            new Verdict(ALL, new Explanation("the store", "records", "results"), Clock.fixed(END, ZoneOffset.UTC));
    private final RunInProgress running = new RunInProgress(
            new Run(UUID.randomUUID(), Trigger.CLI, Run.Status.RUNNING, START, null, "photos", "", null, null));

    @Test
    void aRunThatSawEverythingIsComplete() throws Exception {
        Run complete = verdict.complete(running, new Ledger(tiles("g", "m"), BALANCED), 60, 2);

        assertThat(complete)
                .isEqualTo(new Run(
                        running.id(),
                        Trigger.CLI,
                        Run.Status.COMPLETE,
                        START,
                        OffsetDateTime.parse("2024-01-15T03:04:05.123456Z"),
                        "photos",
                        "",
                        new Run.Counts(1030, 1145, 1000, 1100, 20, 40, 8, 7, 2, 999),
                        null));
        assertThat(complete.isComplete()).isTrue();
        assertThat(complete.hasOrphans()).isTrue();
    }

    @Test
    void theOrderInWhichRangesEndDoesNotMatter() throws Exception {
        List<Range> ranges = new ArrayList<>(tiles("\ud7ff", "\uffff", "\ud83d\ude00"));
        Collections.reverse(ranges);

        assertThat(verdict.complete(running, new Ledger(ranges, Tally.ZERO), 0, 0)
                        .isComplete())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aMissingRangeIsNoVerdict(int missing) {
        List<Range> ranges = new ArrayList<>(tiles("g", "m"));
        ranges.remove(missing);

        assertUnproven(new Ledger(ranges, BALANCED), 60, "do not cover all keys");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aRangeThatWasReadTwiceIsNoVerdict(int twice) {
        List<Range> ranges = new ArrayList<>(tiles("g", "m"));
        ranges.add(ranges.get(twice));

        assertUnproven(new Ledger(ranges, BALANCED), 60, "do not cover all keys");
    }

    @Test
    void noRangeAtAllIsNoVerdict() {
        assertUnproven(new Ledger(List.of(), Tally.ZERO), 0, "do not cover all keys");
    }

    @Test
    void theRangesOfAnotherPrefixAreNoVerdict() {
        assertUnproven(new Ledger(new KeySpace("2024/").cutAt(List.of()), Tally.ZERO), 0, "do not cover all keys");
    }

    @ParameterizedTest
    @CsvSource({"1,0", "-1,0", "0,1", "0,-1"})
    void booksThatDoNotBalanceAreNoVerdict(int objects, int records) {
        Tally unbalanced = BALANCED.plus(new Tally(objects, records, 0, 0, 0, 0, 0, 0, 0, 0));

        assertUnproven(new Ledger(tiles("g"), unbalanced), 60, "the counts do not add up: Tally[");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 59, 61})
    void findingsThatWereNotStoredAreNoVerdict(long stored) {
        assertUnproven(
                new Ledger(tiles("g"), BALANCED), stored, "60 findings were made and " + stored + " were stored");
    }

    @Test
    void aStoppedRunHasNoVerdictEvenIfAllElseIsProven() {
        IllegalStateException reason = new IllegalStateException("first");
        running.stop(reason);
        running.stop(new IllegalStateException("second"));

        assertThatThrownBy(() -> verdict.complete(running, new Ledger(tiles("g"), BALANCED), 60, 0))
                .isSameAs(reason);
        assertThatThrownBy(() -> verdict.refuseIfStopped(running)).isSameAs(reason);
    }

    @Test
    void aRunThatGoesOnIsNotRefused() throws Exception {
        verdict.refuseIfStopped(running);

        assertThat(running.isStopped()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, -1})
    void aVerdictThatWasNotStoredIsNone(int updated) {
        assertThatThrownBy(() -> verdict.refuseUnlessStored(running.run(), updated))
                .isInstanceOf(Verdict.UnprovenException.class)
                .hasMessageContaining(running.id().toString());
    }

    @Test
    void aFailedRunSaysWhyAndCountsNothing() {
        Exchange failed = new DefaultExchange(new DefaultCamelContext());
        failed.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalStateException("Two\n  lines."));

        Run incomplete = verdict.incomplete(running, failed);

        assertThat(incomplete.status()).isEqualTo(Run.Status.INCOMPLETE);
        assertThat(incomplete.failure()).isEqualTo("Two; lines.");
        assertThat(incomplete.counts()).isNull();
        assertThat(incomplete.finishedAt()).isEqualTo(OffsetDateTime.parse("2024-01-15T03:04:05.123456Z"));
        assertThat(incomplete.isComplete()).isFalse();
        assertThat(incomplete.hasOrphans()).isFalse();
    }

    private void assertUnproven(Ledger ledger, long stored, String reason) {
        assertThatThrownBy(() -> verdict.complete(running, ledger, stored, 0))
                .isInstanceOf(Verdict.UnprovenException.class)
                .hasMessageStartingWith("The run cannot be proven complete: ")
                .hasMessageContaining(reason);
    }

    private static List<Range> tiles(String... cuts) {
        return ALL.cutAt(List.of(cuts));
    }
}
