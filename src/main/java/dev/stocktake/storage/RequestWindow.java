package dev.stocktake.storage;

/**
 * How many requests may be under way at once: as many as the client has connections, until the store does not answer in
 * time. Then it may work on too many at once, each of which delays all others, and a rate alone would not tell how many that
 * are. As TCP does after a time-out, the window shrinks to one request, once for all that were under way together, doubles
 * with each round of answers up to half of what it was, and grows by one a round from there. It stays where it is while
 * answers take over half of the time in which they must come.
 *
 * <p>Where even single requests time out the store may still work on those that were given up: it is left alone in between,
 * for longer each time. Knows no clock, does not wait and is not safe for threads: callers bring the time, in nanoseconds as
 * {@link System#nanoTime()} has it, wait, and take turns.
 */
final class RequestWindow {
    /** What the window became. */
    enum Change {
        NONE,
        /** It was as wide as it may be before. */
        NARROWED,
        /** It is as wide as it may be again. */
        WIDENED
    }

    /** What {@link #enter} returns when another request must leave first. */
    static final long FULL = Long.MAX_VALUE;

    /** As often as a route asks one after the other, which then must not take much longer for waiting here. */
    static final int TIMES_IN_VAIN = 8;

    private static final int LONGEST_PAUSE = 4;

    private final int most;

    private double size;
    private double halfOfBefore;
    private int underWay;
    private boolean narrowed;
    private long narrowedAt;

    private long silence;
    private long silentSince;
    private int timesInVain;
    private long pausedUntil;

    /** @param most requests that may ever be under way at once */
    RequestWindow(int most) {
        this.most = most;
        this.size = most;
    }

    /**
     * Lets a request begin, if one may now.
     *
     * @return 0 when it has begun and must {@link #leave}; else how long to wait at least, in nanoseconds
     */
    long enter(long now) {
        if (underWay >= (int) size) {
            return FULL;
        }
        if (timesInVain > 0 && pausedUntil - now > 0) {
            return pausedUntil - now;
        }
        underWay++;
        return 0;
    }

    /** Tells that a request has ended, however it did. */
    void leave() {
        underWay--;
    }

    /**
     * Learns from an answer, of any kind.
     *
     * @param sentAt when its request began
     */
    Change answered(long sentAt, long now) {
        timesInVain = 0;
        if (!narrowed || sentAt - narrowedAt < 0 || now - sentAt > silence / 2) {
            return Change.NONE;
        }
        size += size < halfOfBefore ? 1 : 1 / size;
        if (size < most) {
            return Change.NONE;
        }
        size = most;
        narrowed = false;
        return Change.WIDENED;
    }

    /**
     * Learns from a request that was given up because no answer came.
     *
     * @param sentAt when it began
     */
    Change timedOut(long sentAt, long now) {
        if (narrowed && sentAt - narrowedAt < 0) {
            // it was under way together with the one that narrowed the window
            return Change.NONE;
        }
        if (timesInVain == 0) {
            silentSince = sentAt;
        }
        timesInVain++;
        silence = now - sentAt;
        pausedUntil = now + silence * pauses();
        halfOfBefore = size / 2;
        size = 1;
        narrowedAt = now;
        if (narrowed) {
            return Change.NONE;
        }
        narrowed = true;
        return Change.NARROWED;
    }

    /** Of the length of the silence each; none after the first, which may have met a request by chance. */
    private int pauses() {
        return timesInVain == 1 ? 0 : Math.min(1 << (timesInVain - 2), LONGEST_PAUSE);
    }

    /**
     * For how long it is still worth waiting to {@link #enter}, in nanoseconds; 0 when the store has been silent for as long
     * as eight requests wait one after the other.
     */
    long patience(long now) {
        return timesInVain == 0 ? Long.MAX_VALUE : Math.max(0, silentSince + TIMES_IN_VAIN * silence - now);
    }
}
