package dev.stocktake.claim;

import java.util.Locale;
import java.util.UUID;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What was done about claims, when and by whom: {@code stocktake.claim}, which is only ever added to. */
public final class ClaimLog {
    private static final Logger LOG = LoggerFactory.getLogger("stocktake.actions");

    private final JdbcClient database;

    public ClaimLog(DataSource results) {
        this.database = JdbcClient.create(results);
    }

    /** What is done about a claim. */
    enum Event {
        CLAIM,
        /** A cleanup begins. */
        RENEW,
        TAKE_OVER,
        RELEASE;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Of this results schema, and of every copy of it; made once, when it is asked for first. */
    UUID resultsId() {
        database.sql("INSERT INTO stocktake.schema_identity (id) VALUES (?) ON CONFLICT DO NOTHING")
                .param(UUID.randomUUID())
                .update();
        return database.sql("SELECT id FROM stocktake.schema_identity")
                .query(UUID.class)
                .single();
    }

    /**
     * Stores that something is about to be done, before it is: what a process that ended in between has written into the
     * bucket is known.
     *
     * @param renewal of the claim as it is written; null where it is taken away
     * @param before the whole object as it stood; null where there was none
     */
    void add(Event what, String by, String bucket, String prefix, UUID renewal, String before) {
        LOG.info(
                "Claim of the bucket {}, prefix \"{}\": {} by {}",
                bucket,
                Claim.shown(prefix),
                what.label(),
                Claim.shown(by));
        database.sql("""
                        INSERT INTO stocktake.claim (at, made_by, what, bucket, prefix, renewal, before)
                        VALUES (clock_timestamp(), ?, ?, ?, ?, ?, ?)""")
                .params(by, what.label(), bucket, prefix, renewal, before == null ? null : before.replace("\0", ""))
                .update();
    }

    /** Whether a claim was written by whoever has this results schema. */
    boolean knows(UUID renewal) {
        return database.sql("SELECT EXISTS (SELECT FROM stocktake.claim WHERE renewal = ?)")
                .param(renewal)
                .query(Boolean.class)
                .single();
    }

    /** Whether this schema made a claim on the very prefix and did not release it. */
    boolean expects(String bucket, String prefix) {
        return database.sql("""
                        SELECT what FROM stocktake.claim WHERE bucket = ? AND prefix = ? ORDER BY number DESC LIMIT 1""")
                .params(bucket, prefix)
                .query(String.class)
                .optional()
                .filter(what -> !what.equals(Event.RELEASE.label()))
                .isPresent();
    }

    /** Whether a run of the bucket and prefix remarked this before. */
    boolean wasRemarked(String bucket, String prefix, String sentence) {
        return database.sql("""
                        SELECT EXISTS (SELECT FROM stocktake.run
                          WHERE bucket = ? AND prefix = ? AND strpos(remarks, ?) > 0)""")
                .params(bucket, prefix, sentence)
                .query(Boolean.class)
                .single();
    }
}
