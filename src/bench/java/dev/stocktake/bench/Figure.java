package dev.stocktake.bench;

import java.util.List;

/** Something that is measured. */
@FunctionalInterface
interface Figure {
    /** Its lines of the table. */
    List<Row> measure(Session session) throws Exception;
}
