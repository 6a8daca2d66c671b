package dev.stocktake.cleanup;

import dev.stocktake.near.FileKeys;
import dev.stocktake.run.Leases;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** One purge, from its confirmation to its end. */
public final class PurgeInProgress extends LeasedWork {
    private static final int BATCH = 50;

    private final Purges.Purge purge;
    private final String bucket;
    private final String by;

    /**
     * One that has no lease yet.
     *
     * @param bucket whose files wait there
     * @param by who confirmed it
     */
    PurgeInProgress(Purges.Purge purge, String bucket, String by, Leases leases) {
        super("a purge", leases);
        this.purge = purge;
        this.bucket = bucket;
        this.by = by;
    }

    public String by() {
        return by;
    }

    /** Whose files it deletes, each once. */
    Stream<UUID> plans() {
        return purge.files().stream().map(Purges.Waiting::planId).distinct();
    }

    /** The files that all records are asked about before the first one goes. */
    public FileKeys fileKeys() {
        List<String> keys =
                purge.files().stream().map(Purges.Waiting::storageKey).toList();
        return new FileKeys(keys, bucket, () -> stopReason() != null);
    }

    /** Its files, so many together as the records are asked about at once. */
    public List<PurgeBatch> batches() {
        List<PurgeBatch> batches = new ArrayList<>();
        for (int start = 0; start < purge.files().size(); start += BATCH) {
            batches.add(new PurgeBatch(
                    purge.files()
                            .subList(
                                    start, Math.min(start + BATCH, purge.files().size())),
                    bucket));
        }
        return batches;
    }
}
