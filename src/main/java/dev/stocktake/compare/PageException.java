package dev.stocktake.compare;

/** A page that cannot be true: out of order, out of its range, or not the one that was asked for. */
public final class PageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public PageException(String message) {
        super(message);
    }
}
