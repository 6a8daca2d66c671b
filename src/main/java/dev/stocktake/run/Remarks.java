package dev.stocktake.run;

import dev.stocktake.records.RecordsDatabase;
import dev.stocktake.storage.StoreTraits;
import java.util.ArrayList;
import java.util.List;

/** What the reader of a report should know of how the two sides were read. */
public final class Remarks {
    private Remarks() {}

    /** The complete run with a sentence for each side that was not read the plain way, and for times that are odd. */
    public static Run add(Run run, StoreTraits store, RecordsDatabase records, Ledger ledger) {
        List<String> sentences = new ArrayList<>();
        if (StoreTraits.known(store).reason() != null) {
            sentences.add(store.reason());
        }
        if (records != null && records.isCopied()) {
            sentences.add("The records were compared in a copy, because no index gives them in byte order. "
                    + records.advice());
        }
        if (records != null && !records.timesWithoutZone().isEmpty()) {
            sentences.add("The records query gives " + String.join(" and ", records.timesWithoutZone())
                    + " without a time zone; taken as UTC. If your application writes local time, say so in the query:"
                    + " created_at AT TIME ZONE 'America/New_York' AS created_at.");
        }
        sentences.addAll(
                OddTimes.remarks(ledger.tally(), records, run.finishedAt().toInstant()));
        if (records != null && records.filtered()) {
            sentences.add("The records query is said to be filtered: files whose records row-level security hides are"
                    + " among the orphaned ones, so that no file can be cleaned up.");
        }
        return Run.withRemarks(run, sentences);
    }
}
