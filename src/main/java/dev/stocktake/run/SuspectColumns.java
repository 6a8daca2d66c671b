package dev.stocktake.run;

import dev.stocktake.compare.Suspect;
import dev.stocktake.database.TextColumn;
import java.util.List;

/**
 * Suspects as the columns of {@code stocktake.suspect}, each an array of texts: PostgreSQL takes half as long to read
 * arrays as it takes to read rows of JSON.
 */
@SuppressWarnings("ArrayRecordComponent") // only handed on to the driver
public record SuspectColumns(
        String[] kinds,
        String[] storageKeys,
        String[] recordIds,
        String[] sizes,
        String[] etags,
        String[] lastModified,
        String[] places) {

    /** One element a suspect in each array, null where it has no such property. */
    static SuspectColumns of(List<Suspect> suspects) {
        suspects.forEach(
                suspect -> Findings.refuseUnlessStorable(suspect.finding().storageKey()));
        return new SuspectColumns(
                TextColumn.of(suspects, suspect -> suspect.finding().kind().label()),
                TextColumn.of(suspects, suspect -> suspect.finding().storageKey()),
                TextColumn.of(suspects, suspect -> suspect.finding().recordId()),
                TextColumn.of(suspects, suspect -> suspect.finding().size()),
                TextColumn.of(suspects, suspect -> suspect.finding().etag()),
                TextColumn.of(suspects, suspect -> suspect.finding().lastModified()),
                TextColumn.of(suspects, Suspect::place));
    }
}
