package dev.stocktake.cleanup;

import dev.stocktake.claim.Hold;
import dev.stocktake.cleanup.Actions.OpenPurge;
import dev.stocktake.cleanup.Purges.Waiting;
import dev.stocktake.near.FileKeys;
import dev.stocktake.run.Leases;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** One purge, from its confirmation to its end. */
public final class PurgeInProgress extends LeasedWork {
    private static final int BATCH = 50;

    private final Purges.Purge purge;
    private final String bucket;
    private final String by;
    private final String hash;
    private final AtomicInteger told = new AtomicInteger();

    /**
     * One that has no lease yet.
     *
     * @param bucket whose files wait there
     * @param by who confirmed it
     * @param hold on the claim of the bucket
     */
    PurgeInProgress(Purges.Purge purge, String bucket, String by, Hold hold, Leases leases) {
        super("a purge", hold, leases);
        this.purge = purge;
        this.bucket = bucket;
        this.by = by;
        this.hash = purge.hash();
    }

    public String by() {
        return by;
    }

    /** What was confirmed. */
    String hash() {
        return hash;
    }

    Set<OpenPurge> interrupted() {
        return purge.interrupted();
    }

    /** The hashes of the plans whose files it deletes, or whose purges it brings to their end, by their ids. */
    Map<UUID, String> plans() {
        Map<UUID, String> plans = new HashMap<>();
        purge.files().forEach(file -> plans.put(file.planId(), file.planHash()));
        purge.interrupted().forEach(open -> plans.put(open.planId(), open.planHash()));
        return plans;
    }

    /** Whether these are among its files. */
    boolean hasAll(List<Waiting> gone) {
        Set<String> own = purge.files().stream().map(Waiting::quarantined).collect(Collectors.toSet());
        return gone.stream().map(Waiting::quarantined).allMatch(own::contains);
    }

    /** The actions say what became of one more file. */
    void isTold() {
        told.incrementAndGet();
    }

    /** Whether the actions say what became of every file. */
    boolean isToldOfAll() {
        return told.get() == purge.files().size();
    }

    /** The files that all records are asked about before the first one goes. */
    public FileKeys fileKeys() {
        List<String> keys = purge.files().stream().map(Waiting::storageKey).toList();
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
