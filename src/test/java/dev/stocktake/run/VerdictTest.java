package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.compare.Checkpoint;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.RecordsMarker;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.Tally;
import dev.stocktake.compare.Verified;
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
    private static final Tally TALLY = new Tally(1000 + 23 + 5 + 7, 1100 + 47 + 6, 1000, 1100, 23, 47, 5, 6, 7);

    private static final Verified VERIFIED = new Verified(20, 40, 999, 2, 4, 1, 3);

    private final Verdict verdict = new Verdict(
            ALL, new Explanation("the store", "records", "reader", "results"), Clock.fixed(END, ZoneOffset.UTC));
    private final RunInProgress running = new RunInProgress(
            new Run(
                    UUID.randomUUID(),
                    Trigger.CLI,
                    Run.Status.RUNNING,
                    START,
                    null,
                    "photos",
                    "",
                    null,
                    null,
                    null,
                    null,
                    null,
                    null),
            0,
            UUID.randomUUID());

    @Test
    void aRunThatSawEverythingIsComplete() throws Exception {
        Run complete = verdict.complete(running, ledger(tiles("g", "m")), 60, 2);

        assertThat(complete.proof().lines()).hasSize(6).allMatch(Proof.Line::holds);
        assertThat(complete)
                .isEqualTo(new Run(
                        running.id(),
                        Trigger.CLI,
                        Run.Status.COMPLETE,
                        START,
                        OffsetDateTime.parse("2024-01-15T03:04:05.123456Z"),
                        "photos",
                        "",
                        new Run.Counts(1035, 1153, 1000, 1100, 20, 40, 5 + 6 + 1 + 3, 2 + 4, 7, 2, 0, 999),
                        null,
                        null,
                        null,
                        null,
                        complete.proof()));
        assertThat(complete.isComplete()).isTrue();
        assertThat(complete.hasOrphans()).isTrue();
    }

    @Test
    void theOrderInWhichRangesEndDoesNotMatter() throws Exception {
        List<Range> ranges = new ArrayList<>(tiles("\ud7ff", "\uffff", "\ud83d\ude00"));
        Collections.reverse(ranges);

        assertThat(verdict.complete(running, ledger(ranges), 60, 0).isComplete())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aMissingRangeIsNoVerdict(int missing) {
        List<Range> ranges = new ArrayList<>(tiles("g", "m"));
        ranges.remove(missing);

        assertUnproven(ledger(ranges), 60, "The ranges cover all keys without gap or overlap");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aRangeThatWasReadTwiceIsNoVerdict(int twice) {
        List<Range> ranges = new ArrayList<>(tiles("g", "m"));
        ranges.add(ranges.get(twice));

        assertUnproven(ledger(ranges), 60, "The ranges cover all keys without gap or overlap");
    }

    @Test
    void noRangeAtAllIsNoVerdict() {
        assertUnproven(new Ledger(List.of(), Verified.NONE), 0, "Every range was read to its end on both sides");
    }

    @Test
    void aRangeThatOneSideWasNotReadToTheEndOfIsNoVerdict() {
        List<Range> ranges = tiles("g");
        StorageMarker more = StorageMarker.after("a");
        RecordsMarker moreRecords = new RecordsMarker("a", "1");
        for (Checkpoint open : List.of(
                new Checkpoint(ranges.get(1), "", more, null, null, Tally.ZERO),
                new Checkpoint(ranges.get(1), "", null, moreRecords, null, Tally.ZERO))) {
            Ledger ledger = new Ledger(List.of(closed(ranges.get(0), TALLY), open), VERIFIED);

            assertUnproven(ledger, 60, "Every range was read to its end on both sides, in order; found: 1 of 2");
        }
    }

    @Test
    void theRangesOfAnotherPrefixAreNoVerdict() {
        assertUnproven(
                ledger(new KeySpace("2024/").cutAt(List.of())), 60, "The ranges cover all keys without gap or overlap");
    }

    @ParameterizedTest
    @CsvSource({"1,0, Every object", "-1,0, Every object", "0,1, Every record", "0,-1, Every record"})
    void booksThatDoNotBalanceAreNoVerdict(int objects, int records, String line) {
        Tally unbalanced = TALLY.plus(new Tally(objects, records, 0, 0, 0, 0, 0, 0, 0));

        assertUnproven(ledger(tiles("g"), unbalanced, VERIFIED), 60, line + " went into exactly one count");
    }

    @ParameterizedTest
    @CsvSource({"1,0", "-1,0", "0,1", "0,-1"})
    void suspectsThatWereNotVerifiedOrTwiceAreNoVerdict(int files, int records) {
        Verified other = VERIFIED.plus(new Verified(0, 0, 0, files, records, 0, 0));

        assertUnproven(ledger(tiles("g"), TALLY, other), 60, "Every suspect was verified");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 59, 61})
    void findingsThatWereNotStoredAreNoVerdict(long stored) {
        assertUnproven(ledger(tiles("g")), stored, "Every finding was stored; found: " + stored + " of 60");
    }

    @Test
    void aStoppedRunHasNoVerdictEvenIfAllElseIsProven() {
        IllegalStateException reason = new IllegalStateException("first");
        running.stop(reason);
        running.stop(new IllegalStateException("second"));

        assertThatThrownBy(() -> verdict.complete(running, ledger(tiles("g")), 60, 0))
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
                .isInstanceOf(Leases.LeaseLostException.class)
                .hasMessageContaining(running.id().toString());
    }

    @Test
    void aFailedRunSaysWhyAndCountsNothing() {
        Exchange failed = new DefaultExchange(new DefaultCamelContext());
        failed.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalStateException("Two\n  lines."));

        Run incomplete = verdict.incomplete(running, failed);

        assertThat(incomplete.status()).isEqualTo(Run.Status.INCOMPLETE);
        assertThat(incomplete.failure()).isEqualTo("Two; lines.");
        assertThat(incomplete.proof().lines())
                .containsExactly(new Proof.Line("Both sides were read to their ends", false, "Two; lines."));
        assertThat(incomplete.counts()).isNull();
        assertThat(incomplete.finishedAt()).isEqualTo(OffsetDateTime.parse("2024-01-15T03:04:05.123456Z"));
        assertThat(incomplete.isComplete()).isFalse();
        assertThat(incomplete.hasOrphans()).isFalse();
    }

    private void assertUnproven(Ledger ledger, long stored, String reason) {
        assertThatThrownBy(() -> verdict.complete(running, ledger, stored, 0))
                .isInstanceOf(Verdict.UnprovenException.class)
                .hasMessageStartingWith("The run cannot be proven complete.")
                .hasMessageContaining(reason)
                .satisfies(unproven -> {
                    Exchange failed = new DefaultExchange(new DefaultCamelContext());
                    failed.setProperty(Exchange.EXCEPTION_CAUGHT, unproven);
                    assertThat(verdict.incomplete(running, failed).proof())
                            .as("the proof that failed is stored")
                            .isEqualTo(Proof.of(ledger, ALL, stored));
                });
    }

    private static Ledger ledger(List<Range> ranges) {
        return ledger(ranges, TALLY, VERIFIED);
    }

    /** All was counted in the first of the ranges. */
    private static Ledger ledger(List<Range> ranges, Tally tally, Verified verified) {
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (Range range : ranges) {
            checkpoints.add(closed(range, checkpoints.isEmpty() ? tally : Tally.ZERO));
        }
        return new Ledger(checkpoints, verified);
    }

    private static Checkpoint closed(Range range, Tally tally) {
        return new Checkpoint(range, "", null, null, null, tally);
    }

    private static List<Range> tiles(String... cuts) {
        return ALL.cutAt(List.of(cuts));
    }
}
