package dev.stocktake.cleanup;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.failure.Explanation;
import dev.stocktake.text.Visible;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What somebody may confirm to clean up: the row of {@code stocktake.plan}. Its items are the rows of
 * {@code stocktake.plan_item}, and none of it ever changes.
 *
 * @param runId the run that found its items
 * @param action what is to be done about each item
 * @param store at which its files are; null for plans of versions that did not keep it
 * @param quarantine where its files are moved to; null where none is
 * @param recordsQuery SHA-256 of the records query of that run
 * @param madeAt in UTC
 * @param madeBy who asked for it
 * @param expiresAt in UTC; it cannot be confirmed any longer then
 * @param bytes of its items together, as far as their sizes are known
 * @param unconditional whether somebody accepted that the store ignores conditions
 * @param beyondLimits whether somebody expected exactly so many, whatever the limits
 * @param recordsDatabase {@code host:port/name} of that database; null for plans of versions that did not keep it
 * @param hash SHA-256 of all this and its items, in hexadecimal
 */
public record Plan(
        UUID id,
        UUID runId,
        PlannedAction action,
        // what earlier versions did not have is left out of the JSON where it says nothing, so that their hashes hold
        @JsonInclude(JsonInclude.Include.NON_NULL) String store,
        String bucket,
        String prefix,
        String quarantine,
        String recordsQuery,
        OffsetDateTime madeAt,
        String madeBy,
        OffsetDateTime expiresAt,
        long items,
        long bytes,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean unconditional,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean beyondLimits,
        @JsonInclude(JsonInclude.Include.NON_NULL) String recordsDatabase,
        String hash) {
    /** The same plan, with this hash or none. */
    Plan withHash(String other) {
        return new Plan(
                id,
                runId,
                action,
                store,
                bucket,
                prefix,
                quarantine,
                recordsQuery,
                madeAt,
                madeBy,
                expiresAt,
                items,
                bytes,
                unconditional,
                beyondLimits,
                recordsDatabase,
                other);
    }

    /** Whether its items are records rather than files. */
    @JsonIgnore
    public boolean isOfRecords() {
        return action.kind() == Kind.ORPHANED_RECORD;
    }

    /**
     * What keeps its files from being looked for here.
     *
     * @param here as the settings have it now
     * @return one sentence each; none where they are here
     */
    List<String> objectionsAt(Place here) {
        List<String> objections = new ArrayList<>();
        if (!bucket.equals(here.bucket()) || !prefix.equals(here.prefix())) {
            objections.add("Plan " + id + " is about the bucket \"" + bucket + "\""
                    + (prefix.isEmpty() ? "" : " under the prefix \"" + Visible.text(prefix) + "\"")
                    + ", and S3_BUCKET and S3_PREFIX say \"" + here.bucket() + "\" and \""
                    + Visible.text(here.prefix()) + "\": set them back.");
        }
        if (store != null && !store.equals(here.store())) {
            objections.add("Plan " + id + " is about another store than the one that S3_ENDPOINT names: set it back."
                    + Explanation.DETAILS + "the plan's is " + store + ", S3_ENDPOINT's is " + here.store());
        }
        if (quarantine != null && !quarantine.equals(here.quarantine() + id + "/")) {
            objections.add("The files of plan " + id + " go to " + Visible.text(quarantine)
                    + ", and QUARANTINE_BUCKET and QUARANTINE_PREFIX say " + Visible.text(here.quarantine() + id + "/")
                    + ": set them back.");
        }
        return objections;
    }

    /**
     * Where files are, by the settings.
     *
     * @param store its address
     * @param quarantine bucket and beginning of the keys of all quarantined files
     */
    public record Place(String store, String bucket, String prefix, String quarantine) {}
}
