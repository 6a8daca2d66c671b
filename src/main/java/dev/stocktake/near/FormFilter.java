package dev.stocktake.near;

/**
 * The hashes of many forms in 8 MiB, however many: it may take one for held that is not, one in a thousand where it holds a
 * million, and never the other way round.
 */
final class FormFilter {
    private static final int BITS = 26;

    private final long[] words = new long[1 << (BITS - 6)];

    void add(long hash) {
        set(first(hash));
        set(second(hash));
    }

    boolean mayHold(long hash) {
        return isSet(first(hash)) && isSet(second(hash));
    }

    private static int first(long hash) {
        return (int) (hash >>> (64 - BITS));
    }

    private static int second(long hash) {
        return (int) (hash & ((1 << BITS) - 1));
    }

    private void set(int bit) {
        words[bit >>> 6] |= 1L << bit;
    }

    private boolean isSet(int bit) {
        return (words[bit >>> 6] & (1L << bit)) != 0;
    }
}
