package dev.stocktake.compare;

/** The store lists keys in another order than that of their UTF-8 bytes. */
public final class ListingOrderException extends PageException {
    private static final long serialVersionUID = 1;

    private final String before;
    private final String key;

    /**
     * Of two keys that came one after the other.
     *
     * @param before came first
     * @param key came next, and should not have
     */
    public ListingOrderException(String before, String key) {
        super(outOfOrder("The listing", before, key));
        this.before = before;
        this.key = key;
    }

    /** The key that came first. */
    public String before() {
        return before;
    }

    /** The key that came next. */
    public String key() {
        return key;
    }
}
