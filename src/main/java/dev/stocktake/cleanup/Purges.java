package dev.stocktake.cleanup;

import dev.stocktake.claim.Claims;
import dev.stocktake.claim.Hold;
import dev.stocktake.claim.Standing;
import dev.stocktake.cleanup.Actions.OpenPurge;
import dev.stocktake.cleanup.Plan.Place;
import dev.stocktake.failure.Explanation;
import dev.stocktake.run.Leases;
import dev.stocktake.run.Leases.Claimed;
import dev.stocktake.run.Leases.Work;
import dev.stocktake.run.RunActiveException;
import dev.stocktake.storage.Presence;
import dev.stocktake.storage.Quarantine;
import dev.stocktake.storage.Quarantine.Copy;
import dev.stocktake.text.Sha256;
import dev.stocktake.text.Visible;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Deletes for good what has waited in quarantine long enough: nothing else ever deletes a copy there. A file that was moved
 * goes unless a record names it at this moment; a copy of one that is outside goes once the original is seen to be there.
 */
public final class Purges {
    /**
     * For how long the copy of a file that is outside stays at the least. A deletion that was signed before the file was
     * brought back is refused by the store a quarter of an hour after that.
     */
    private static final Duration LEAST_BESIDE_ORIGINAL = Duration.ofHours(1);

    private static final int PAGE = 1000;

    private final JdbcClient database;
    private final Plans plans;
    private final Actions actions;
    private final Leases leases;
    private final Claims claims;
    private final Quarantine quarantine;
    private final Clocks clocks;
    private final Place place;
    private final Explanation explanation;

    /**
     * For the quarantined files of one bucket.
     *
     * @param place where its files are
     */
    public Purges(
            DataSource results,
            Plans plans,
            Actions actions,
            Leases leases,
            Claims claims,
            Quarantine quarantine,
            Clocks clocks,
            Place place,
            Explanation explanation) {
        this.database = JdbcClient.create(results);
        this.plans = plans;
        this.actions = actions;
        this.leases = leases;
        this.claims = claims;
        this.quarantine = quarantine;
        this.clocks = clocks;
        this.place = place;
        this.explanation = explanation;
    }

    /**
     * A copy in quarantine.
     *
     * @param quarantined its key there
     * @param etag of the copy, without quotes; null where the listing has none
     * @param state what was done about it last
     * @param isNamed whether a record was seen to name it, or nearly so
     */
    public record Waiting(
            UUID planId,
            String planHash,
            long item,
            String storageKey,
            String quarantined,
            long size,
            String etag,
            State state,
            boolean isNamed) {
        /** Its key outside, as a person or a terminal may read it. */
        public String visibleKey() {
            return Visible.text(storageKey);
        }

        /** Whether all that is left to do is to say so. */
        public boolean isGone() {
            return state == State.GONE;
        }

        Waiting withName() {
            return new Waiting(planId, planHash, item, storageKey, quarantined, size, etag, state, true);
        }
    }

    /** What was done about a copy last. */
    public enum State {
        /** It is all there is. */
        MOVED,
        /** The original was left outside, or brought back. */
        BESIDE,
        /** It could not be moved or put back; somebody should look. */
        FAILED,
        /** It is not there any more, and a purge of its plan was interrupted before it could say so. */
        GONE
    }

    /**
     * What would be deleted.
     *
     * @param unknown copies of which the database does not know how they came there; they are left
     * @param elsewhere copies of plans that are about another store, bucket or prefix; they are left
     * @param interrupted purges of files that are here, which were open before this one was listed
     */
    public record Purge(List<Waiting> files, long unknown, long elsewhere, Set<OpenPurge> interrupted) {
        /** Nothing. */
        public static final Purge NOTHING = new Purge(List.of(), 0, 0, Set.of());

        public Purge {
            files = List.copyOf(files);
            interrupted = Set.copyOf(interrupted);
        }

        public boolean hasFiles() {
            return !files.isEmpty();
        }

        /** Those that are not there any more. */
        public long gone() {
            return files.stream().filter(Waiting::isGone).count();
        }

        /** Of those that are there. */
        public long bytes() {
            return files.stream()
                    .filter(file -> !file.isGone())
                    .mapToLong(Waiting::size)
                    .sum();
        }

        /** What tells it from every other one; whoever confirms it gives it. */
        public String hash() {
            return Sha256.ofLines(files.stream().map(Waiting::quarantined).iterator());
        }
    }

    /**
     * What is in this quarantine, was put there so long ago, and was not touched since; and what a purge that was interrupted
     * has deleted already, whatever its age.
     */
    public Purge due(Duration olderThan) {
        Set<OpenPurge> interrupted =
                actions.openPurges().stream().filter(this::isHere).collect(Collectors.toSet());
        Map<UUID, Plan> known = new HashMap<>();
        List<Waiting> due = new ArrayList<>();
        long unknown = 0;
        long elsewhere = 0;
        for (Iterator<Copy> copies = quarantine.copies(); copies.hasNext(); ) {
            List<Copy> page = new ArrayList<>();
            while (page.size() < PAGE && copies.hasNext()) {
                page.add(copies.next());
            }
            Map<String, Known> actionsByCopy = known(page, olderThan);
            for (Copy copy : page) {
                Plan plan = known.computeIfAbsent(
                        copy.planId(), id -> plans.find(id).orElse(null));
                Known done = actionsByCopy.get(copy.quarantined());
                if (plan == null || done == null) {
                    unknown++;
                } else if (!plan.objectionsAt(place).isEmpty()) {
                    elsewhere++;
                } else if (done.isDue()) {
                    due.add(new Waiting(
                            plan.id(),
                            plan.hash(),
                            done.item(),
                            copy.key(),
                            copy.quarantined(),
                            copy.size(),
                            copy.etag(),
                            done.state(),
                            false));
                }
            }
        }
        due.addAll(gone(interrupted));
        return new Purge(due, unknown, elsewhere, interrupted);
    }

    private boolean isHere(OpenPurge purge) {
        return plans.find(purge.planId())
                .filter(plan -> plan.objectionsAt(place).isEmpty())
                .isPresent();
    }

    private List<Waiting> gone(Set<OpenPurge> interrupted) {
        return interrupted.stream()
                .map(OpenPurge::planId)
                .distinct()
                .flatMap(id -> plans.find(id).stream())
                .flatMap(plan -> gone(plan).stream())
                .toList();
    }

    /** What was moved, was not purged as far as is known, and is not there any more. */
    private List<Waiting> gone(Plan plan) {
        Set<String> there = new HashSet<>();
        quarantine.copies(plan.id()).forEachRemaining(copy -> there.add(copy.key()));
        return plans.waiting(plan).stream()
                .filter(item -> !there.contains(item.storageKey()))
                .map(item -> new Waiting(
                        plan.id(),
                        plan.hash(),
                        item.number(),
                        item.storageKey(),
                        quarantine.keyOf(plan.id(), item.storageKey()),
                        item.size(),
                        item.etag(),
                        State.GONE,
                        false))
                .toList();
    }

    /** What the database knows of a copy. */
    private record Known(long item, State state, boolean isDue) {}

    /** By the keys of the copies; none for those that it does not know. */
    private Map<String, Known> known(List<Copy> page, Duration olderThan) {
        Map<String, Known> known = new HashMap<>();
        database.sql("""
                        SELECT copy.quarantined, item.number, last.state,
                          last.at <= now() - CASE last.state WHEN 'MOVED' THEN :older_than::interval
                            ELSE greatest(:older_than::interval, :beside_original::interval) END AS is_due
                        FROM unnest(:plans::uuid[], :keys::text[], :quarantined::text[])
                          AS copy (plan_id, storage_key, quarantined)
                        JOIN stocktake.plan_item AS item
                          ON item.plan_id = copy.plan_id AND item.storage_key = copy.storage_key COLLATE "C"
                        CROSS JOIN LATERAL (
                          SELECT at, CASE WHEN what = 'quarantine' AND outcome = 'done' THEN 'MOVED'
                            WHEN outcome = 'failed' THEN 'FAILED' ELSE 'BESIDE' END AS state
                          FROM stocktake.action
                          WHERE action.plan_id = item.plan_id AND action.item = item.number
                            AND (what = 'quarantine' OR (what = 'restore' AND outcome = 'done'))
                          ORDER BY action.number DESC LIMIT 1) AS last""")
                .param("older_than", olderThan.toString())
                .param("beside_original", LEAST_BESIDE_ORIGINAL.toString())
                .param(
                        "plans",
                        page.stream().map(copy -> copy.planId().toString()).toArray(String[]::new))
                .param("keys", page.stream().map(Copy::key).toArray(String[]::new))
                .param("quarantined", page.stream().map(Copy::quarantined).toArray(String[]::new))
                .query((row, number) -> known.put(
                        row.getString("quarantined"),
                        new Known(
                                row.getLong("number"),
                                State.valueOf(row.getString("state")),
                                row.getBoolean("is_due"))))
                .list();
        return known;
    }

    /**
     * Begins to delete what was confirmed.
     *
     * @param by who confirmed it
     * @param standing of the bucket's claims
     * @param claimed the bucket's name, where somebody claims it: no other database may reference files there; null where
     *     nobody does
     * @throws RefusedException with every reason against it
     */
    public PurgeInProgress begin(Purge purge, String by, Standing standing, String claimed) {
        if (standing == null) {
            throw new RefusedException(
                    "The bucket's claim was not looked at: the route purge-quarantine must go by direct:look-at-claim.");
        }
        List<String> refusals = new ArrayList<>(clocks.objections(quarantine.time()));
        refusals.addAll(plans.againstPurge());
        Hold hold = claims.prepare(standing, claimed);
        refusals.addAll(hold.refusals());
        if (!refusals.isEmpty()) {
            throw new RefusedException(refusals);
        }
        PurgeInProgress begun = new PurgeInProgress(purge, place.bucket(), by, hold, leases);
        try {
            leases.takeAndKeep(begun, new Claimed(Work.PURGE, place.bucket(), place.prefix(), null, null));
        } catch (RunActiveException active) {
            throw new RefusedException("What is purged might be needed to bring a file back. " + active.getMessage());
        }
        try {
            hold.take(by).ifPresent(refusal -> {
                throw new RefusedException(refusal);
            });
            confirm(begun);
        } catch (RuntimeException refused) {
            begun.release();
            throw refused;
        }
        return begun;
    }

    /** Before anything goes: whatever happens then, the actions say who was at it. */
    private void confirm(PurgeInProgress purge) {
        boolean another = actions.openPurges().stream()
                .anyMatch(open -> purge.plans().containsKey(open.planId())
                        // one of the same files is this one, tried again, or one that it goes on with
                        && !open.purgeHash().equals(purge.hash())
                        && !purge.interrupted().contains(open));
        // it may have gone on after this one was listed
        if (another || !purge.hasAll(gone(purge.interrupted()))) {
            throw new RefusedException("Another purge of the same plans was interrupted meanwhile. Look again.");
        }
        sayOfPlans(purge, "confirm_purge");
    }

    private void sayOfPlans(PurgeInProgress purge, String what) {
        purge.plans().forEach((id, planHash) -> actions.ofPlan(id, planHash, purge.by(), what, purge.hash()));
    }

    /**
     * What became of a file, and why.
     *
     * @param reason null where there is nothing to say
     */
    public record Purged(Waiting file, Outcome outcome, String reason) {}

    /** Deletes a copy from quarantine, unless it may be needed. */
    public Purged delete(PurgeInProgress purge, Waiting file) {
        if (purge.isStopped()) {
            return new Purged(file, Outcome.FAILED, "it was not begun with, because " + purge.stopReason());
        }
        if (file.isGone()) {
            return quarantine.inside(file.quarantined()).isPresent()
                    ? new Purged(file, Outcome.SKIPPED, "it is there again; look again")
                    : new Purged(file, Outcome.DONE, "it was gone: a purge that was interrupted deleted it");
        }
        Optional<String> reason = needed(file);
        if (reason.isPresent()) {
            return new Purged(
                    file, Outcome.SKIPPED, reason.get() + ": restore --plan " + file.planId() + " brings it back");
        }
        quarantine.deleteInside(file.quarantined(), purge);
        return new Purged(file, Outcome.DONE, null);
    }

    private Optional<String> needed(Waiting file) {
        if (file.state() == State.MOVED) {
            return file.isNamed() ? Optional.of("a record names it, or nearly so") : Optional.empty();
        }
        if (!(quarantine.outside(file.storageKey()) instanceof Presence.Present there)) {
            return Optional.of("it was left or brought back outside, and is not there any more");
        }
        boolean same = there.size() == file.size()
                && (there.etag() == null || there.etag().equals(file.etag()));
        // what an application wrote over a file that was left to it is its own affair
        return same || file.state() == State.BESIDE
                ? Optional.empty()
                : Optional.of("it could not be moved, and another file is there (ETag " + Presence.shown(there.etag())
                        + ", this one has " + Presence.shown(file.etag()) + ")");
    }

    /** What became of a file that could not be deleted; it stays in quarantine. */
    public Purged fail(PurgeInProgress purge, Waiting file, Exception failure) {
        return purge.stopIfFenced(failure)
                ? new Purged(file, Outcome.FAILED, "it was not sent, because " + purge.stopReason())
                : new Purged(file, Outcome.FAILED, explanation.of(failure));
    }

    /** Adds it to the actions. */
    public void store(PurgeInProgress purge, Purged purged) {
        Waiting file = purged.file();
        actions.ofItem(
                file.planId(),
                file.planHash(),
                purge.by(),
                "purge",
                file.item(),
                file.storageKey(),
                purged.outcome(),
                purged.reason(),
                null);
        purge.isTold();
    }

    /** Takes away what says of a folder that it is a plan's where nothing is left in it, and lets others work again. */
    public void end(PurgeInProgress purge) {
        try {
            if (purge.isToldOfAll()) {
                sayOfPlans(purge, "end_purge");
            }
            purge.plans().keySet().stream()
                    .filter(id -> !quarantine.copies(id).hasNext())
                    .forEach(quarantine::unmark);
        } finally {
            purge.release();
        }
    }
}
