package dev.stocktake.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.stocktake.compare.Plausible;
import dev.stocktake.text.Visible;
import java.time.OffsetDateTime;
import java.util.UUID;

/**
 * A finding as it is stored, exported and served: the row of {@code stocktake.finding}.
 *
 * @param id its number, for paging
 * @param kind {@code orphaned_file} or {@code orphaned_record}
 * @param recordId null for an orphaned file
 * @param size in bytes, null where unknown
 * @param etag null where unknown
 * @param lastModified of the object, or when the record was created, in UTC; null where unknown
 * @param foundAt in UTC
 * @param nearMatch the key on the other side that is probably the same asset; null for none
 * @param nearMatchBy the steps by which the two keys agree, as {@code case} or {@code leading_slash,case}; null for none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonPropertyOrder({
    "run_id",
    "kind",
    "storage_key",
    "record_id",
    "size",
    "etag",
    "last_modified",
    "found_at",
    "near_match",
    "near_match_by"
})
public record StoredFinding(
        @JsonIgnore long id,
        UUID runId,
        String kind,
        String storageKey,
        String recordId,
        Long size,
        String etag,
        OffsetDateTime lastModified,
        OffsetDateTime foundAt,
        String nearMatch,
        String nearMatchBy) {
    /** The storage key as a person or a terminal may read it. */
    public String visibleKey() {
        return Visible.text(storageKey);
    }

    /** Whether {@code lastModified} says how old it is. */
    @JsonIgnore
    public boolean isDated() {
        return lastModified != null && Plausible.at(foundAt.toInstant()).is(lastModified.toInstant());
    }

    /** The record id as a person or a terminal may read it; empty where there is none. */
    public String visibleRecordId() {
        return recordId == null ? "" : Visible.text(recordId);
    }
}
