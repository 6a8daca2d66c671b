package dev.stocktake.verify;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.stocktake.compare.AssetRecord;
import dev.stocktake.compare.Finding;
import dev.stocktake.compare.GracePeriod;
import dev.stocktake.compare.Verified;
import dev.stocktake.json.Json;
import dev.stocktake.run.SuspectedRange;
import dev.stocktake.storage.Presence;
import dev.stocktake.verify.SuspectBatch.StoredSuspect;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides what suspects are, once both sides were asked about them again: a difference that has gone is no finding,
 * whichever side it was that changed, and what has become too young is not judged.
 */
public final class Verification {
    private final GracePeriod gracePeriod;

    public Verification(GracePeriod gracePeriod) {
        this.gracePeriod = gracePeriod;
    }

    /**
     * What became of the suspects of a batch, as far as the store's answers reach.
     *
     * @param rows that the records query gave, after that, for the keys and record ids of the batch
     * @param databaseLag by how much the clock of the records is behind the store's
     * @param known how long the files have been known whose last-modified says no age
     * @throws IllegalStateException when the answers do not even reach the first suspect
     */
    public Judgements judge(
            SuspectBatch batch,
            Presences presences,
            List<AssetRecord> rows,
            Duration databaseLag,
            Sightings.Known known) {
        Set<String> recorded = rows.stream().map(AssetRecord::storageKey).collect(Collectors.toSet());
        // several rows may be alike: each accounts for one suspect
        Map<RowName, List<AssetRecord>> rowsByName = new HashMap<>();
        rows.forEach(row -> rowsByName
                .computeIfAbsent(new RowName(row.storageKey(), row.recordId()), name -> new ArrayList<>())
                .add(row));
        List<Judgement> judgements = new ArrayList<>();
        Verified verified = Verified.NONE;
        for (StoredSuspect suspect : batch.suspects()) {
            Presence presence = presences.of(suspect.key());
            if (presence == null) {
                break;
            }
            Judgement judgement;
            if (suspect.isFile()) {
                judgement = ofFile(suspect, presence, recorded.contains(suspect.key()), known);
            } else {
                List<AssetRecord> alike = rowsByName.getOrDefault(
                        new RowName(suspect.key(), suspect.finding().recordId()), List.of());
                AssetRecord row = alike.isEmpty() ? null : alike.remove(alike.size() - 1);
                judgement = ofRecord(suspect, presence, row, databaseLag);
            }
            judgements.add(judgement);
            verified = verified.plus(judgement.counted(suspect.isFile()));
        }
        if (judgements.isEmpty() && !batch.isEmpty()) {
            throw new IllegalStateException("The store did not answer for the keys that it was asked about.");
        }
        return new Judgements(batch.range(), judgements, batch.range().plus(verified));
    }

    private Judgement ofFile(StoredSuspect suspect, Presence presence, boolean recorded, Sightings.Known known) {
        if (recorded || !(presence instanceof Presence.Present object)) {
            return Judgement.vanished(suspect);
        }
        boolean tooRecent = Sightings.isUndated(object)
                ? known.of(object.key()).compareTo(gracePeriod.length()) < 0
                : gracePeriod.covers(object.lastModified(), object.answeredAt());
        if (tooRecent) {
            return Judgement.tooRecent(suspect);
        }
        Finding listed = suspect.finding();
        boolean replaced = object.lastModified() != null
                && (listed.lastModified() == null || object.lastModified().isAfter(listed.lastModified()))
                && !object.isOf(listed.lastModified());
        return replaced
                ? Judgement.orphaned(suspect, object.size(), object.etag(), object.lastModified())
                : Judgement.orphaned(suspect, listed.size(), listed.etag(), listed.lastModified());
    }

    private Judgement ofRecord(StoredSuspect suspect, Presence presence, AssetRecord row, Duration databaseLag) {
        if (row == null || presence.isPresent()) {
            return Judgement.vanished(suspect);
        }
        Instant recordsTime =
                presence.answeredAt() == null ? null : presence.answeredAt().minus(databaseLag);
        if (gracePeriod.covers(row.changedAt(), recordsTime)) {
            return Judgement.tooRecent(suspect);
        }
        return Judgement.orphaned(suspect, row.size(), row.etag(), row.changedAt());
    }

    private record RowName(String storageKey, String recordId) {}

    enum Outcome {
        ORPHANED,
        VANISHED,
        TOO_RECENT
    }

    /**
     * What became of one suspect, and what is known of it by now.
     *
     * @param asStored orphaned, and nothing else is known of it than what is stored
     */
    record Judgement(
            long id,
            Outcome outcome,
            Long size,
            String etag,
            Instant lastModified,
            @JsonIgnore boolean asStored) {
        static Judgement orphaned(StoredSuspect suspect, Long size, String etag, Instant lastModified) {
            Finding stored = suspect.finding();
            boolean asStored = Objects.equals(size, stored.size())
                    && Objects.equals(etag, stored.etag())
                    && Objects.equals(lastModified, stored.lastModified());
            return new Judgement(suspect.id(), Outcome.ORPHANED, size, etag, lastModified, asStored);
        }

        static Judgement vanished(StoredSuspect suspect) {
            return new Judgement(suspect.id(), Outcome.VANISHED, null, null, null, false);
        }

        static Judgement tooRecent(StoredSuspect suspect) {
            return new Judgement(suspect.id(), Outcome.TOO_RECENT, null, null, null, false);
        }

        Verified counted(boolean file) {
            return switch (outcome) {
                case ORPHANED -> file ? new Verified(1, 0, size, 0, 0, 0, 0) : new Verified(0, 1, 0, 0, 0, 0, 0);
                case VANISHED -> file ? new Verified(0, 0, 0, 1, 0, 0, 0) : new Verified(0, 0, 0, 0, 1, 0, 0);
                case TOO_RECENT -> file ? new Verified(0, 0, 0, 0, 0, 1, 0) : new Verified(0, 0, 0, 0, 0, 0, 1);
            };
        }
    }

    /**
     * What became of a batch.
     *
     * @param range as it was before
     * @param each of the suspects that were judged, by their ids; at least one
     * @param stored the range, after this was stored
     */
    public record Judgements(SuspectedRange range, List<Judgement> each, SuspectedRange stored) {
        /** Of the range alone: Camel asks for it whenever a route reads something of them. */
        @Override
        public int hashCode() {
            return range.hashCode();
        }

        /** The id of the first suspect that was judged; of the range, all up to the last were. */
        public long first() {
            return each.get(0).id();
        }

        /** The id of the last suspect that was judged. */
        public long last() {
            return each.get(each.size() - 1).id();
        }

        /** Those that are not orphaned just as they were suspected, as an array of rows. */
        public String exceptions() {
            return Json.write(
                    each.stream().filter(judgement -> !judgement.asStored()).toList());
        }
    }
}
