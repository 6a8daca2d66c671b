package dev.stocktake.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.OffsetDateTime;
import java.util.UUID;

/**
 * A folder in which nothing matches: its files may belong to another table or application.
 *
 * @param folder what its keys begin with; ends in {@code /}
 * @param files that are orphaned in it and no near match
 * @param bytes of these together
 * @param newest key of the one modified last
 * @param newestModified when it was
 * @param acknowledgedRun whose acknowledgement answers for the folder; null where none does
 */
public record ForeignFolder(
        String folder, long files, long bytes, String newest, OffsetDateTime newestModified, UUID acknowledgedRun) {
    /** Whether somebody has answered for it before. */
    @JsonIgnore
    public boolean isKnown() {
        return acknowledgedRun != null;
    }

    /** The folder, with its newest file and the run whose acknowledgement answers for it. */
    public ForeignFolder with(String newestKey, UUID knownBy) {
        return new ForeignFolder(folder, files, bytes, newestKey, newestModified, knownBy);
    }
}
