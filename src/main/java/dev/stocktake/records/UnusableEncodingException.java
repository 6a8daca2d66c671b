package dev.stocktake.records;

/** The records database cannot give keys as the store has them. */
public final class UnusableEncodingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Says what to do.
     *
     * @param encoding of the server
     */
    UnusableEncodingException(String encoding) {
        super(
                "The records database has the encoding " + encoding + " and must have UTF8: keys are"
                        + " compared byte by byte as UTF-8, and " + reason(encoding)
                        + ". Dump it, restore it into a database made with ENCODING 'UTF8', and let DATABASE_URL name that one.");
    }

    private static String reason(String encoding) {
        return encoding.equals("SQL_ASCII")
                ? "SQL_ASCII does not say which characters its bytes are, so that a key may be read as another one or"
                        + " not at all"
                : "in " + encoding + " the keys of some objects cannot be written, nor asked for, and the order of the"
                        + " bytes is another one";
    }
}
