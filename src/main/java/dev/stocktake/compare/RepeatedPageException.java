package dev.stocktake.compare;

/** An empty page that says there is more and leads to itself: some stores give it now and then, and another one when asked again. */
public final class RepeatedPageException extends PageException {
    private static final long serialVersionUID = 1;

    public RepeatedPageException(String after) {
        super("The store answers with the same empty page of the listing again, after \"" + after + "\"");
    }
}
