package dev.stocktake.compare;

/** A page that cannot be true: out of order, out of its range, or not the one that was asked for. */
public class PageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public PageException(String message) {
        super(message);
    }

    static String outOfOrder(String side, String before, String after) {
        return side + " is not in UTF-8 byte order, so that nothing can be concluded from it: \"" + after
                + "\" came after \"" + before + "\"";
    }
}
