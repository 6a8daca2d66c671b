package dev.stocktake.run;

import dev.stocktake.compare.Suspect;
import java.util.List;
import java.util.function.Function;

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
                column(suspects, suspect -> Findings.label(suspect.finding().kind())),
                column(suspects, suspect -> suspect.finding().storageKey()),
                column(suspects, suspect -> suspect.finding().recordId()),
                column(suspects, suspect -> suspect.finding().size()),
                column(suspects, suspect -> suspect.finding().etag()),
                column(suspects, suspect -> suspect.finding().lastModified()),
                column(suspects, Suspect::place));
    }

    private static String[] column(List<Suspect> suspects, Function<Suspect, Object> property) {
        return suspects.stream()
                .map(property)
                .map(value -> value == null ? null : value.toString())
                .toArray(String[]::new);
    }
}
