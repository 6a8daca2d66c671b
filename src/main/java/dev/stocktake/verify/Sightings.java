package dev.stocktake.verify;

import dev.stocktake.compare.Plausible;
import dev.stocktake.database.TextColumn;
import dev.stocktake.run.RunInProgress;
import dev.stocktake.storage.Presence;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Since when files are known whose last-modified says no age: {@code stocktake.undated_file}. Such a file is at least as old
 * as that.
 */
public final class Sightings {
    private final JdbcClient database;

    public Sightings(DataSource results) {
        this.database = JdbcClient.create(results);
    }

    /**
     * How long such files have been known.
     *
     * @param byKey zero for one that was not known, or as another file
     */
    public record Known(Map<String, Duration> byKey) {
        static final Known NONE = new Known(Map.of());

        public Known {
            byKey = Map.copyOf(byKey);
        }

        Duration of(String key) {
            return byKey.getOrDefault(key, Duration.ZERO);
        }
    }

    /** Keeps that the run sees the files of a batch whose last-modified says no age, as the store has them now. */
    public Known see(RunInProgress running, SuspectBatch batch, Presences presences) {
        List<Presence.Present> undated = Stream.of(batch.fileKeys())
                .map(presences::of)
                .filter(presence -> presence instanceof Presence.Present present && isUndated(present))
                .map(Presence.Present.class::cast)
                .toList();
        if (undated.isEmpty()) {
            return Known.NONE;
        }
        return new Known(database
                .sql("""
                        INSERT INTO stocktake.undated_file AS known (bucket, storage_key, size, etag, last_modified, run_id)
                        SELECT :bucket, seen.key, seen.size, seen.etag, date_trunc('second', seen.last_modified), :run_id
                        FROM unnest(:keys::text[], :sizes::text[]::bigint[], :etags::text[],
                          :last_modified::text[]::timestamptz[]) AS seen (key, size, etag, last_modified)
                        ORDER BY seen.key COLLATE "C"
                        ON CONFLICT (bucket, storage_key) DO UPDATE SET
                          size = excluded.size, etag = excluded.etag, last_modified = excluded.last_modified,
                          run_id = excluded.run_id,
                          first_seen_at = CASE WHEN (known.size, known.etag, known.last_modified)
                            IS NOT DISTINCT FROM (excluded.size, excluded.etag, excluded.last_modified)
                            THEN known.first_seen_at ELSE now() END
                        RETURNING storage_key, (1000 * extract(epoch FROM now() - first_seen_at))::bigint AS millis""")
                .param("bucket", running.run().bucket())
                .param("run_id", running.id())
                .param("keys", TextColumn.of(undated, Presence.Present::key))
                .param("sizes", TextColumn.of(undated, Presence.Present::size))
                .param("etags", TextColumn.of(undated, Presence.Present::etag))
                .param("last_modified", TextColumn.of(undated, Presence.Present::lastModified))
                .query((row, number) ->
                        Map.entry(row.getString("storage_key"), Duration.ofMillis(row.getLong("millis"))))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** Forgets the files that a run which came to its end did not see as such. */
    public void forget(RunInProgress running) {
        database.sql("""
                        DELETE FROM stocktake.undated_file
                        WHERE bucket = ? AND starts_with(storage_key, ?) AND run_id <> ?""")
                .params(running.run().bucket(), running.run().prefix(), running.id())
                .update();
    }

    static boolean isUndated(Presence.Present object) {
        return !Plausible.at(object.answeredAt()).is(object.lastModified());
    }
}
