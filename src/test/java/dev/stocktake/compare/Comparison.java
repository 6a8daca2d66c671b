package dev.stocktake.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole comparison in memory: every range turn by turn until it is closed, as the route {@code reconcile-range} does it.
 *
 * @param findings of all ranges in the order of the ranges
 */
record Comparison(List<Finding> findings, Tally tally) {
    private static final int MOST_TURNS = 10_000;

    static Comparison of(
            SimulatedBucket bucket, SimulatedTable table, KeySpace space, List<Range> ranges, Duration grace) {
        Merge merge = new Merge(grace);
        List<Finding> findings = new ArrayList<>();
        Tally tally = Tally.ZERO;
        for (Range range : ranges) {
            Cursor cursor = Cursor.atStartOf(range, space);
            for (int turn = 0; !cursor.isClosed(); turn++) {
                assertThat(turn).as("turns of %s", range).isLessThan(MOST_TURNS);
                cursor = merge.turn(
                        cursor,
                        cursor.needsObjects() ? bucket.page(cursor) : null,
                        cursor.needsRecords() ? table.page(cursor) : null);
                findings.addAll(cursor.findings());
                assertThat(cursor.objects()).as("objects kept").hasSizeLessThanOrEqualTo(bucket.pageSize());
                assertThat(cursor.records()).as("records kept").hasSizeLessThanOrEqualTo(table.largestPage());
            }
            tally = tally.plus(cursor.tally());
        }
        return new Comparison(findings, tally);
    }
}
