package dev.stocktake.run;

import dev.stocktake.compare.Finding;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The findings of {@code stocktake.finding}. */
public final class Findings {
    private final JdbcClient database;

    public Findings(DataSource results) {
        this.database = JdbcClient.create(results);
    }

    /** Refuses a key that no table can hold. */
    public static void refuseUnlessStorable(String key) {
        if (key.indexOf('\0') >= 0) {
            throw new UnstorableKeyException(key);
        }
    }

    /**
     * A page of a run's findings in key order.
     *
     * @param kind null for both
     * @param after null or empty for the start; the page begins behind this storage key
     * @param afterId where the page before ended within that storage key, 0 for the start of the key, null for its end
     */
    public List<StoredFinding> page(UUID runId, Finding.Kind kind, String after, Long afterId, int limit) {
        return database.sql("""
                        SELECT * FROM stocktake.finding
                        WHERE run_id = :run_id AND (storage_key, id) > (:after, :after_id)
                          AND (:kind::text IS NULL OR kind = :kind)
                        ORDER BY storage_key, id LIMIT :limit""")
                .param("run_id", runId)
                .param("after", after == null ? "" : after)
                .param("after_id", afterId == null ? Long.MAX_VALUE : afterId)
                .param("kind", kind == null ? null : kind.label())
                .param("limit", limit)
                .query(Findings::toFinding)
                .list();
    }

    /** The newest findings of one kind: what a person wants to see first. */
    public List<StoredFinding> newest(UUID runId, Finding.Kind kind, int limit) {
        return database.sql("""
                        SELECT * FROM stocktake.finding WHERE run_id = :run_id AND kind = :kind
                        ORDER BY last_modified DESC NULLS LAST, storage_key, id LIMIT :limit""")
                .param("run_id", runId)
                .param("kind", kind.label())
                .param("limit", limit)
                .query(Findings::toFinding)
                .list();
    }

    /** The newest findings of one kind that no near match explains. */
    public List<StoredFinding> newestUnexplained(UUID runId, Finding.Kind kind, int limit) {
        return database.sql("""
                        SELECT * FROM stocktake.finding
                        WHERE run_id = :run_id AND kind = :kind AND near_match IS NULL
                        ORDER BY last_modified DESC NULLS LAST, storage_key, id LIMIT :limit""")
                .param("run_id", runId)
                .param("kind", kind.label())
                .param("limit", limit)
                .query(Findings::toFinding)
                .list();
    }

    /** How many findings of one kind a near match explains. */
    public long explained(UUID runId, Finding.Kind kind) {
        return database.sql("""
                        SELECT count(*) FROM stocktake.finding
                        WHERE run_id = :run_id AND kind = :kind AND near_match IS NOT NULL""")
                .param("run_id", runId)
                .param("kind", kind.label())
                .query(Long.class)
                .single();
    }

    /**
     * The near matches of a run in key order: one for each such record, and one for each such file that no record points
     * back at.
     */
    public List<NearMatch> nearMatches(UUID runId, int limit) {
        return database.sql("""
                        SELECT near_match AS file_key, storage_key AS record_key, record_id, near_match_by
                        FROM stocktake.finding
                        WHERE run_id = :run_id AND kind = 'orphaned_record' AND near_match IS NOT NULL
                        UNION ALL
                        SELECT file.storage_key, file.near_match, other.record_id, file.near_match_by
                        FROM stocktake.finding AS file CROSS JOIN LATERAL (
                          SELECT min(record_id) AS record_id,
                            coalesce(bool_or(near_match = file.storage_key), false) AS points_back
                          FROM stocktake.finding
                          WHERE run_id = :run_id AND kind = 'orphaned_record' AND storage_key = file.near_match) AS other
                        WHERE run_id = :run_id AND kind = 'orphaned_file' AND near_match IS NOT NULL AND NOT points_back
                        ORDER BY file_key, record_key, record_id LIMIT :limit""")
                .param("run_id", runId)
                .param("limit", limit)
                .query((row, number) -> new NearMatch(
                        row.getString("file_key"),
                        row.getString("record_key"),
                        row.getString("record_id"),
                        row.getString("near_match_by")))
                .list();
    }

    private static StoredFinding toFinding(ResultSet row, int number) throws SQLException {
        long size = row.getLong("size");
        Long sizeOrNull = row.wasNull() ? null : size;
        return new StoredFinding(
                row.getLong("id"),
                row.getObject("run_id", UUID.class),
                row.getString("kind"),
                row.getString("storage_key"),
                row.getString("record_id"),
                sizeOrNull,
                row.getString("etag"),
                utc(row, "last_modified"),
                utc(row, "found_at"),
                row.getString("near_match"),
                row.getString("near_match_by"));
    }

    private static OffsetDateTime utc(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.withOffsetSameInstant(ZoneOffset.UTC);
    }

    /** S3 allows the character U+0000 in a key, PostgreSQL does not in a text. */
    static final class UnstorableKeyException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnstorableKeyException(String key) {
            super("The object key \"" + key + "\" holds the character U+0000, which PostgreSQL cannot store; rename or"
                    + " remove that object.");
        }
    }
}
