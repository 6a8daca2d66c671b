package dev.stocktake.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole comparison in memory: every range turn by turn until it is closed, as the route {@code reconcile-range} does it.
 *
 * @param suspects of all ranges in the order of the ranges
 */
record Comparison(List<Suspect> suspects, Tally tally) {
    private static final int MOST_TURNS = 10_000;

    static Comparison of(
            SimulatedBucket bucket, SimulatedTable table, KeySpace space, List<Range> ranges, Duration grace) {
        return of(bucket, table, space, ranges, grace, false);
    }

    /** With the process dying after every turn, once its checkpoint was stored, and another one going on from there. */
    static Comparison interrupted(
            SimulatedBucket bucket, SimulatedTable table, KeySpace space, List<Range> ranges, Duration grace) {
        return of(bucket, table, space, ranges, grace, true);
    }

    private static Comparison of(
            SimulatedBucket bucket,
            SimulatedTable table,
            KeySpace space,
            List<Range> ranges,
            Duration grace,
            boolean interrupted) {
        Merge merge = new Merge(new GracePeriod(grace));
        List<Suspect> suspects = new ArrayList<>();
        Tally tally = Tally.ZERO;
        for (Range range : ranges) {
            Cursor cursor = Cursor.atStartOf(range, space.prefix(), bucket.time(), Duration.ZERO);
            for (int turn = 0; !cursor.isClosed(); turn++) {
                assertThat(turn).as("turns of %s", range).isLessThan(MOST_TURNS);
                cursor = merge.turn(
                        cursor,
                        cursor.needsObjects() ? bucket.page(cursor) : null,
                        cursor.needsRecords() ? table.page(cursor) : null);
                assertThat(cursor.objects()).as("objects kept").hasSizeLessThanOrEqualTo(bucket.pageSize());
                assertThat(cursor.records()).as("records kept").hasSizeLessThanOrEqualTo(table.largestPage());
                if (interrupted || cursor.isCheckpointDue()) {
                    suspects.addAll(cursor.suspects());
                    cursor = interrupted
                            ? Cursor.at(cursor.checkpoint(), bucket.time(), Duration.ZERO, cursor.checkpoints() + 1)
                            : cursor.stored();
                }
            }
            tally = tally.plus(cursor.tally());
        }
        return new Comparison(suspects, tally);
    }

    List<Finding> findings() {
        return suspects.stream().map(Suspect::finding).toList();
    }

    /** Whether every object and every record went into exactly one count. */
    boolean balances() {
        return tally.objects()
                        == tally.matched()
                                + tally.suspectedFiles()
                                + tally.tooRecentObjects()
                                + tally.directoryMarkers()
                && tally.records() == tally.matchedRecords() + tally.suspectedRecords() + tally.tooRecentRecords();
    }
}
