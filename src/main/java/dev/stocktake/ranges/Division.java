package dev.stocktake.ranges;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeyOrder;
import dev.stocktake.ranges.CutSearch.Side;
import dev.stocktake.run.OpenRanges;
import dev.stocktake.run.RunInProgress;
import dev.stocktake.storage.StoreTraits;
import java.util.List;

/** Divides ranges under way, so that no worker is without one while another has long to go. */
public final class Division {
    /** Entries of the side that has more: what is shorter costs more requests to divide than it has pages. */
    private static final long LONG = 4000;

    /** Of what was compared at the last look, before another one. */
    private static final long NEXT_LOOK_PERCENT = 125;

    /** Characters that tell how far a range has come. */
    private static final int PRECISION = 6;

    /**
     * Whether a worker is free and the range probably has long to go.
     *
     * @param body the cursor; anything else after a turn that failed
     */
    public boolean isDue(RunInProgress running, Object body, StoreTraits store) {
        if (!(body instanceof Cursor cursor)
                || (cursor.storageFrom() == null && cursor.recordsFrom() == null)
                // else what is cut off could not be listed from its beginning
                || !StoreTraits.known(store).canBeginAnywhere()
                || !running.openRanges().isWorkerFree()) {
            return false;
        }
        long compared = compared(cursor);
        if (compared < LONG) {
            return false;
        }
        OpenRanges ranges = running.openRanges();
        long before = ranges.lookedAt(cursor.range().number());
        return compared >= Math.max(before + LONG, before * NEXT_LOOK_PERCENT / 100) && ahead(cursor, compared) >= LONG;
    }

    /** Begins to look for cuts, as many as there are free workers. */
    public CutSearch search(RunInProgress running, Cursor cursor, Landmarks landmarks) {
        OpenRanges ranges = running.openRanges();
        ranges.look(cursor.range().number(), compared(cursor));
        int wanted = ranges.promise();
        List<String> known = CutSearch.evenly(
                landmarks.between(cursor.lastRead(), cursor.range().upTo()), wanted);
        return known.isEmpty()
                ? CutSearch.begin(
                        cursor.storageFrom() != null ? Side.OBJECTS : Side.RECORDS,
                        cursor.lastRead(),
                        cursor.range().upTo(),
                        wanted)
                : CutSearch.found(known, wanted);
    }

    /** The cursor, divided where the search found cuts. */
    public Cursor divide(RunInProgress running, Cursor cursor, CutSearch search) {
        OpenRanges ranges = running.openRanges();
        ranges.takeBack(search.wanted() - search.cuts().size());
        if (search.cuts().isEmpty()) {
            return cursor;
        }
        running.divided(search.cuts().size());
        return cursor.dividedAt(search.cuts(), ranges::nextNumber);
    }

    /** Gives what was stored to the workers: what was cut off, and what is suspected. */
    public void handOver(RunInProgress running, Cursor cursor) {
        running.openRanges().add(cursor.beginRests());
        if (!cursor.suspects().isEmpty()) {
            running.openRanges().suspect(cursor.range().number());
        }
    }

    private static long compared(Cursor cursor) {
        return Math.max(cursor.tally().objects(), cursor.tally().records());
    }

    /** How many entries are probably ahead, if keys lie evenly from the first one to the end of the range. */
    private static double ahead(Cursor cursor, long compared) {
        double share = cursor.firstKey() == null
                ? 0
                : shareBehind(
                        cursor.firstKey(), cursor.lastRead(), cursor.range().upTo());
        return share <= 0 ? Double.POSITIVE_INFINITY : compared * (1 - share) / share;
    }

    /** Which share of the way from one key to another lies behind a third. */
    static double shareBehind(String from, String at, String to) {
        if (KeyOrder.UTF_8.compare(at, from) <= 0) {
            return 0;
        }
        if (KeyOrder.UTF_8.compare(at, to) >= 0) {
            return 1;
        }
        int shared = 0;
        while (shared < Math.min(from.length(), to.length()) && from.charAt(shared) == to.charAt(shared)) {
            shared++;
        }
        double done = 0;
        double whole = 0;
        double unit = 1;
        for (int place = shared; place < shared + PRECISION; place++) {
            Alphabet alphabet = Alphabet.of(characterAt(from, place) + characterAt(at, place) + characterAt(to, place));
            unit /= alphabet.size();
            done += unit * (rank(alphabet, at, place) - rank(alphabet, from, place));
            whole += unit * (rank(alphabet, to, place) - rank(alphabet, from, place));
        }
        return whole <= 0 ? 0 : Math.max(0, Math.min(1, done / whole));
    }

    private static String characterAt(String key, int place) {
        return place < key.length() ? key.substring(place, place + 1) : "";
    }

    private static int rank(Alphabet alphabet, String key, int place) {
        return place < key.length() ? alphabet.below(key.charAt(place)) : 0;
    }
}
