package dev.stocktake.run;

import dev.stocktake.compare.Verified;

/**
 * A range of a run that may have suspects, and how far their verification has come, which goes on beside the comparison.
 *
 * @param turn of verifying, so far
 * @param verified of its suspects, so far
 */
public record SuspectedRange(int number, long turn, Verified verified) {
    /** Before any of its suspects is verified. */
    static SuspectedRange unverified(int number) {
        return new SuspectedRange(number, 0, Verified.NONE);
    }

    /** After one more turn was stored. */
    public SuspectedRange plus(Verified more) {
        return new SuspectedRange(number, turn + 1, verified.plus(more));
    }
}
