package dev.stocktake.report;

import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.compare.Finding;
import dev.stocktake.database.Databases;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.run.Findings;
import dev.stocktake.run.Run;
import dev.stocktake.run.Trigger;
import dev.stocktake.settings.DatabaseUrl;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;

/** A run with its findings in a real results database, stored as the routes store them; all tests share the database. */
public final class StoredRun {
    private static final OffsetDateTime STARTED = OffsetDateTime.parse("2024-01-15T03:00:00Z");
    private static final HikariDataSource DATABASE =
            Databases.results(DatabaseUrl.parse(TestServers.databaseWithSchema().url()), 3);

    static {
        Databases.migrate(DATABASE);
    }

    private final UUID id = UUID.randomUUID();

    private StoredRun() {
        open(id);
    }

    public static StoredRun empty() {
        return new StoredRun();
    }

    public UUID id() {
        return id;
    }

    public DataSource database() {
        return DATABASE;
    }

    public Findings findings() {
        return new Findings(DATABASE);
    }

    public Reports reports() {
        return new Reports(findings());
    }

    public StoredRun with(Finding... findings) {
        return with(List.of(findings));
    }

    public StoredRun with(List<Finding> findings) {
        SqlParameterSource[] rows = findings.stream().map(this::row).toArray(SqlParameterSource[]::new);
        new NamedParameterJdbcTemplate(DATABASE).batchUpdate("""
                        INSERT INTO stocktake.finding
                          (run_id, kind, storage_key, record_id, size, etag, last_modified)
                        VALUES (:run_id, :kind, :storage_key, :record_id, :size, :etag, :last_modified)""", rows);
        return this;
    }

    private SqlParameterSource row(Finding finding) {
        return new MapSqlParameterSource()
                .addValue("run_id", id)
                .addValue("kind", finding.kind().label())
                .addValue("storage_key", finding.storageKey())
                .addValue("record_id", finding.recordId())
                .addValue("size", finding.size())
                .addValue("etag", finding.etag())
                .addValue(
                        "last_modified",
                        finding.lastModified() == null
                                ? null
                                : finding.lastModified().atOffset(ZoneOffset.UTC));
    }

    /** Lets the findings of these two keys point at each other. */
    public StoredRun nearMatch(String fileKey, String recordKey, String by) {
        new NamedParameterJdbcTemplate(DATABASE)
                .update("""
                        UPDATE stocktake.finding
                        SET near_match = CASE kind WHEN 'orphaned_file' THEN :record ELSE :file END, near_match_by = :by
                        WHERE run_id = :id AND (kind, storage_key)
                          IN (('orphaned_file', :file), ('orphaned_record', :record))""", Map.of("id", id, "file", fileKey, "record", recordKey, "by", by));
        return this;
    }

    private static void open(UUID runId) {
        new NamedParameterJdbcTemplate(DATABASE).update("""
                        INSERT INTO stocktake.run (id, trigger, status, started_at, bucket, prefix)
                        VALUES (:id, 'cli', 'RUNNING', :started_at, 'assets', '')""", Map.of("id", runId, "started_at", STARTED));
    }

    /** The run as it is when it ended with a verdict. */
    public Run complete(Run.Counts counts) {
        return new Run(
                id,
                Trigger.CLI,
                Run.Status.COMPLETE,
                STARTED,
                STARTED.plusSeconds(4),
                "assets",
                "",
                counts,
                null,
                null,
                null,
                null,
                null);
    }

    /** Complete, with so many orphans and 150 matches. */
    public Run complete(long orphanedFiles, long orphanedRecords) {
        return complete(new Run.Counts(
                150 + orphanedFiles,
                150 + orphanedRecords,
                150,
                150,
                orphanedFiles,
                orphanedRecords,
                0,
                0,
                0,
                0,
                0,
                orphanedFiles * 20));
    }

    Run incomplete(String failure) {
        return new Run(
                id,
                Trigger.CLI,
                Run.Status.INCOMPLETE,
                STARTED,
                STARTED.plusSeconds(4),
                "assets",
                "",
                null,
                null,
                null,
                failure,
                null,
                null);
    }

    Run running() {
        return new Run(
                id, Trigger.HTTP, Run.Status.RUNNING, STARTED, null, "assets", "", null, null, null, null, null, null);
    }

    public static Finding file(String key, String lastModified) {
        return new Finding(
                Finding.Kind.ORPHANED_FILE,
                key,
                null,
                20L,
                "5d41402abc4b2a76b9719d911017c592",
                Instant.parse(lastModified));
    }

    public static Finding record(String key, String id, String createdAt) {
        return new Finding(
                Finding.Kind.ORPHANED_RECORD, key, id, null, null, createdAt == null ? null : Instant.parse(createdAt));
    }

    public static OffsetDateTime utc(String time) {
        return OffsetDateTime.parse(time).withOffsetSameInstant(ZoneOffset.UTC);
    }
}
