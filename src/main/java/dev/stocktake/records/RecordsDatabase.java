package dev.stocktake.records;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.stocktake.json.Json;
import java.time.Instant;
import java.util.List;

/**
 * What the records database is, as it answered at the start of a run.
 *
 * @param encoding of the server; always {@code UTF8}, since nothing else is accepted
 * @param systemIdentifier of the cluster, the same on a primary and its replicas; null where the role may not read it
 * @param timeline rises when a replica is promoted or a backup restored up to a point; on a replica as of its last
 *     restart point; null where the role may not read it
 * @param standby whether it is a replica
 * @param clock its time when it was asked
 * @param reading how the records are read in byte order
 * @param filtered whether it was said that row-level security may hide records
 * @param relations that the records query reads, as it resolved now
 * @param timesWithoutZone those of {@code created_at} and {@code updated_at} that have no time zone
 * @param indexes that the records are read from, in order, as {@code regclass} takes them; none when they are copied
 * @param createIndex the statements that make the index which is missing; none when there is one, or when the plan
 *     does not show on what
 */
public record RecordsDatabase(
        String encoding,
        String systemIdentifier,
        Integer timeline,
        boolean standby,
        Instant clock,
        Reading reading,
        boolean filtered,
        List<Relation> relations,
        List<String> timesWithoutZone,
        List<String> indexes,
        List<String> createIndex) {
    /** How the records are read in byte order. */
    public enum Reading {
        /** Page by page, from an index. */
        @JsonProperty("index")
        INDEX,
        /** Once, into a copy in the results database. */
        @JsonProperty("copy")
        COPY
    }

    /**
     * A table, partition, materialized view or foreign table, the partitioned table of a partition, or a view on the way to it.
     *
     * @param name with its schema, quoted where it must be
     * @param oid in its database; another one after it was made anew
     * @param filtered whether row-level security hides rows of it from the role that reads
     * @param definition of a view: MD5 of its query; empty for all others; null in what was stored before views were
     */
    public record Relation(String name, long oid, boolean filtered, String definition) {
        /** Whether it is known to be a view. */
        @JsonIgnore
        public boolean isView() {
            return definition != null && !definition.isEmpty();
        }
    }

    public RecordsDatabase {
        relations = List.copyOf(relations);
        timesWithoutZone = List.copyOf(timesWithoutZone);
        indexes = List.copyOf(indexes);
        createIndex = List.copyOf(createIndex);
    }

    @JsonIgnore
    public boolean isCopied() {
        return reading == Reading.COPY;
    }

    /** For a parameter of a statement. */
    @JsonIgnore
    public String[] indexNames() {
        return indexes.toArray(String[]::new);
    }

    /** As kept with the run. */
    public String json() {
        return Json.write(this);
    }

    /** What to do about the missing index; one line. */
    @JsonIgnore
    public String advice() {
        return createIndex.isEmpty()
                ? "No other index on the keys would help: storage_key must be a column or an expression of one table,"
                        + " indexed as text COLLATE \"C\"; every branch of a UNION ALL must give it in the same type,"
                        + " with any WHERE around the UNION ALL; a joined table must have an index on what it is joined"
                        + " by."
                : "Run on the records database: " + String.join(" ", createIndex);
    }
}
