package dev.stocktake.cleanup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.json.Json;
import dev.stocktake.run.Run;
import dev.stocktake.storage.Quarantine;
import dev.stocktake.storage.QuarantinePrefixes;
import dev.stocktake.storage.QuarantinePrefixes.QuarantineSeenException;
import dev.stocktake.text.Visible;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Every quarantine in the bucket that a plan ever named or a marker told of: {@code stocktake.quarantine}. */
public final class Quarantines {
    private static final Logger LOG = LoggerFactory.getLogger(Quarantines.class);

    private final JdbcClient database;
    private final QuarantinePrefixes prefixes;
    private final Quarantine configured;
    private final String bucket;

    /**
     * The quarantines in one bucket.
     *
     * @param prefixes kept up to date
     * @param configured by the settings
     * @param bucket that is compared
     */
    public Quarantines(DataSource results, QuarantinePrefixes prefixes, Quarantine configured, String bucket) {
        this.database = JdbcClient.create(results);
        this.prefixes = prefixes;
        this.configured = configured;
        this.bucket = bucket;
    }

    /** Reads what other processes have added; all of them, in key order. */
    public List<String> refresh() {
        List<String> stored = database.sql("SELECT prefix FROM stocktake.quarantine WHERE bucket = ? ORDER BY prefix")
                .param(bucket)
                .query(String.class)
                .list();
        prefixes.add(stored);
        return prefixes.all().stream().sorted().toList();
    }

    /** The run, with a remark that names what was left out beside the quarantine of the settings. */
    public Run remark(Run run) {
        List<String> others = prefixes.all().stream()
                .filter(prefix -> !configured.isAt(bucket, prefix))
                .sorted()
                .map(prefix -> "\"" + Visible.text(prefix) + "\"")
                .toList();
        return others.isEmpty()
                ? run
                : Run.withRemark(
                        run,
                        "Not compared, because files of earlier or other settings wait there in quarantine: "
                                + String.join(", ", others) + ".");
    }

    /**
     * Takes note of a quarantine that a listing came upon, or of a file that only looks like its marker.
     *
     * @param failure a {@link QuarantineSeenException}, or caused by one
     */
    public void remember(Throwable failure) {
        Throwable cause = failure;
        while (!(cause instanceof QuarantineSeenException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (!(cause instanceof QuarantineSeenException seen)) {
            throw new IllegalArgumentException("Only a listing tells of a quarantine", failure);
        }
        if (!isMarker(seen)) {
            prefixes.addFile(seen.marker());
            return;
        }
        LOG.warn(
                "The folder \"{}\" is a quarantine of another Stocktake or of other settings; it is left out from now on",
                Visible.text(seen.prefix()));
        database.sql("""
                        INSERT INTO stocktake.quarantine (bucket, prefix, known_by) VALUES (?, ?, 'marker')
                        ON CONFLICT DO NOTHING""").params(bucket, seen.prefix()).update();
        prefixes.add(List.of(seen.prefix()));
    }

    /** What cannot be read may be one: its folder is left alone. */
    private boolean isMarker(QuarantineSeenException seen) {
        Optional<String> content = configured.markerOutside(seen.marker());
        if (content.isEmpty()) {
            return true;
        }
        try {
            JsonNode json = Json.MAPPER.readTree(content.get());
            return json.path("stocktake").asText().equals("quarantine")
                    && json.path("prefix").asText().equals(seen.prefix());
        } catch (JsonProcessingException somethingElse) {
            return false;
        }
    }
}
