package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.endtoend.TruthLedger.Change;
import dev.stocktake.endtoend.TruthLedger.Interval;
import dev.stocktake.endtoend.TruthLedger.Orphan;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What LiveTrafficTest judges by must itself be right. */
class TruthLedgerTest {
    private static final Orphan FILE = Orphan.file("k");
    private static final Orphan ROW = Orphan.row("k", "1");

    private final TruthLedger ledger = new TruthLedger();

    @Test
    void aThingAloneIsAnOrphanFromItsBeginningOn() {
        ledger.settled(FILE, at(1));

        assertThat(ledger.possibly(FILE)).containsExactly(new Interval(at(1), Instant.MAX));
        assertThat(ledger.surely(FILE)).containsExactly(new Interval(at(1), Instant.MAX));
        assertThat(ledger.possibly(ROW)).isEmpty();
        assertThat(ledger.surelyOrphanedThroughout(at(1), at(9))).containsExactly(FILE);
        assertThat(ledger.surelyOrphanedThroughout(at(0), at(9))).isEmpty();
    }

    @Test
    void aChangeUnderWayMayHaveHappenedOrNot() {
        Instant before = Instant.now();
        Change upload = ledger.object("k", true);

        assertThat(ledger.surely(FILE)).isEmpty();
        assertThat(ledger.possibly(FILE)).singleElement().satisfies(orphaned -> {
            assertThat(orphaned.from()).isBetween(before, Instant.now());
            assertThat(orphaned.to()).isEqualTo(Instant.MAX);
        });

        upload.done();
        assertThat(ledger.surely(FILE))
                .singleElement()
                .satisfies(orphaned -> assertThat(orphaned.from())
                        .isAfterOrEqualTo(ledger.possibly(FILE).get(0).from()));
    }

    @Test
    void uploadThenCommitLeavesBoundsForTheTimeBetween() {
        change(FILE, true, 10, 12);
        change(ROW, true, 15, 17);

        assertThat(ledger.possibly(FILE)).containsExactly(new Interval(at(10), at(17)));
        assertThat(ledger.surely(FILE)).containsExactly(new Interval(at(12), at(15)));
        assertThat(ledger.possibly(ROW)).isEmpty();
        assertThat(ledger.surelyOrphanedThroughout(at(12), at(14))).containsExactly(FILE);
        assertThat(ledger.surelyOrphanedThroughout(at(12), at(16))).isEmpty();
    }

    @Test
    void eachRecordIsAnOrphanOfItsOwnAndAnyOfThemKeepsTheObject() {
        Orphan second = Orphan.row("k", "2");
        change(ROW, true, 1, 2);
        change(second, true, 3, 4);
        change(FILE, true, 5, 6);
        change(ROW, false, 7, 8);

        assertThat(ledger.possibly(ROW)).containsExactly(new Interval(at(1), at(6)));
        assertThat(ledger.surely(second)).containsExactly(new Interval(at(4), at(5)));
        assertThat(ledger.possibly(FILE)).isEmpty();

        change(second, false, 9, 10);
        assertThat(ledger.possibly(FILE)).containsExactly(new Interval(at(9), Instant.MAX));
    }

    @Test
    void writingAnOrphanAgainStartsASureOneAnewAndLeavesThePossibleOne() {
        change(FILE, true, 1, 2);
        change(FILE, true, 5, 6);

        assertThat(ledger.surely(FILE)).containsExactly(new Interval(at(2), at(5)), new Interval(at(6), Instant.MAX));
        assertThat(ledger.possibly(FILE)).containsExactly(new Interval(at(1), Instant.MAX));
    }

    @Test
    void whatIsForgottenWasOver() {
        change(FILE, true, 1, 2);
        change(ROW, true, 3, 4);
        change(ROW, false, 5, 6);

        ledger.forgetBefore(at(7));

        assertThat(ledger.surely(FILE)).containsExactly(new Interval(at(2), Instant.MAX));
        assertThat(ledger.possibly(ROW)).isEmpty();
    }

    private void change(Orphan thing, boolean there, int begun, int done) {
        ledger.change(thing, there, at(begun)).done(at(done));
    }

    private static Instant at(int second) {
        return Instant.ofEpochSecond(second);
    }
}
