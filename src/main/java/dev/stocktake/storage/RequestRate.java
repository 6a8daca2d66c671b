package dev.stocktake.storage;

/**
 * How many requests a second the store is asked: as many as there are until it asks to slow down, then by additive
 * increase and multiplicative decrease. Knows no clock and does not wait: callers bring the time, in nanoseconds as
 * {@link System#nanoTime()} has it, and wait as long as they are told.
 *
 * <p>When the store throttles, the rate is halved, once for all requests that were under way together. Without throttling
 * it comes back to the throttled rate within ten seconds; from a fifth above that, where the store has evidently more room,
 * it doubles every few seconds until it is no limit any more.
 */
final class RequestRate {
    /** What the rate became by an answer. */
    enum Change {
        NONE,
        /** It was unlimited, or as high as it may be, before. */
        SLOWED_DOWN,
        /** It is unlimited, or as high as it may be, again. */
        RECOVERED
    }

    /** In requests a second: a store that cannot answer so many is not one to wait for. */
    static final double FLOOR = 5;

    private static final double DECREASE = 0.5;
    /** Of the rate after a decrease, added every second. */
    private static final double INCREASE = 0.1;

    private static final double PROBE_FROM = 1.2;
    private static final double PROBE = 0.2;
    private static final double SECOND = 1e9;
    private static final double SHORTEST_MEASURE = SECOND / 4;

    private final double cap;
    private final double floor;

    private double limit;
    private boolean slowed;
    private long nextTurn;
    private boolean turnTaken;

    private double throttledRate;
    private double firstThrottledRate;
    private double step;
    private long lastDecrease;

    private long windowStart;
    private long sentInWindow;
    private double rateBefore;

    RequestRate() {
        this(Double.POSITIVE_INFINITY);
    }

    /** @param cap in requests a second, which are never exceeded; more than 0 */
    RequestRate(double cap) {
        if (!(cap > 0)) {
            throw new IllegalArgumentException("The cap must be more than 0 requests a second, was: " + cap);
        }
        this.cap = cap;
        // there must be room to slow down from a low cap, too
        this.floor = Math.min(FLOOR, cap * DECREASE);
        this.limit = cap;
    }

    /**
     * Takes the next turn, in the order of the calls.
     *
     * @return how long to wait for it, in nanoseconds; 0 for not at all
     */
    synchronized long reserve(long now) {
        measure(now);
        if (limit == Double.POSITIVE_INFINITY) {
            return 0;
        }
        long turn = turnTaken && nextTurn - now > 0 ? nextTurn : now;
        turnTaken = true;
        nextTurn = turn + Math.round(SECOND / limit);
        return turn - now;
    }

    /**
     * Learns from an answer.
     *
     * @param reservedAt when the request took its turn
     * @param throttled whether the store asked to slow down
     */
    synchronized Change answered(long reservedAt, long now, boolean throttled) {
        if (!throttled) {
            return slowed ? increase() : Change.NONE;
        }
        if (slowed && reservedAt - lastDecrease < 0) {
            // its turn was given at a rate that was given up since
            return Change.NONE;
        }
        boolean first = !slowed;
        throttledRate = Math.max(floor, first ? Math.min(limit, measured(now)) : limit);
        if (first) {
            firstThrottledRate = throttledRate;
            nextTurn = now;
        }
        slowed = true;
        limit = Math.max(floor, throttledRate * DECREASE);
        step = limit * INCREASE;
        lastDecrease = now;
        return first ? Change.SLOWED_DOWN : Change.NONE;
    }

    private Change increase() {
        // for each answer, so that at the limit it makes one step a second
        double grown = limit > PROBE_FROM * throttledRate ? Math.max(step, PROBE * limit) : step;
        limit += grown / limit;
        // twice, so that a store which only just cannot keep up is not taken for one that recovers all the time
        if (limit >= cap || (cap == Double.POSITIVE_INFINITY && limit >= 2 * firstThrottledRate)) {
            limit = cap;
            slowed = false;
            return Change.RECOVERED;
        }
        return Change.NONE;
    }

    /** In requests a second; infinite while there is no limit. */
    synchronized double limit() {
        return limit;
    }

    private void measure(long now) {
        double elapsed = now - windowStart;
        if (sentInWindow == 0 || elapsed >= SECOND) {
            rateBefore = sentInWindow == 0 ? 0 : sentInWindow * SECOND / elapsed;
            windowStart = now;
            sentInWindow = 0;
        }
        sentInWindow++;
    }

    private double measured(long now) {
        double elapsed = now - windowStart;
        return elapsed >= SHORTEST_MEASURE
                ? sentInWindow * SECOND / elapsed
                : Math.max(rateBefore, sentInWindow * SECOND / SHORTEST_MEASURE);
    }
}
