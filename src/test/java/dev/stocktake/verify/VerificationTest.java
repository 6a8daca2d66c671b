package dev.stocktake.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.compare.AssetRecord;
import dev.stocktake.compare.Finding;
import dev.stocktake.compare.GracePeriod;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.compare.StoredObject;
import dev.stocktake.compare.Verified;
import dev.stocktake.run.SuspectedRange;
import dev.stocktake.storage.Presence;
import dev.stocktake.verify.SuspectBatch.StoredSuspect;
import dev.stocktake.verify.Verification.Judgement;
import dev.stocktake.verify.Verification.Judgements;
import dev.stocktake.verify.Verification.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerificationTest {
    private static final Instant NOW = Instant.parse("2024-01-15T03:00:00Z");
    private static final Instant LONG_AGO = Instant.parse("2024-01-10T12:00:00.123Z");
    private static final Instant JUST_NOW = NOW.minusSeconds(10);
    private static final Duration NO_LAG = Duration.ZERO;

    private final Verification verification = new Verification(new GracePeriod(Duration.ofHours(1)));

    @ParameterizedTest(name = "object {0}, record {1}: {2}")
    @CsvSource({
        "OLD, NONE, ORPHANED",
        "OLD, OLD, VANISHED",
        "OLD, NEW, VANISHED",
        "NEW, NONE, TOO_RECENT",
        "NEW, NEW, VANISHED",
        "NONE, NONE, VANISHED",
        "NONE, OLD, VANISHED"
    })
    void aSuspectedFileIsOrphanedOnlyIfItIsStillThereAndOldAndHasNoRecord(Age object, Age record, Outcome outcome) {
        assertThat(outcomes(judge(batch(file(1, "a")), object, record))).containsExactly(outcome);
    }

    @ParameterizedTest(name = "object {0}, record {1}: {2}")
    @CsvSource({
        "NONE, OLD, ORPHANED",
        "OLD, OLD, VANISHED",
        "NEW, OLD, VANISHED",
        "NONE, NEW, TOO_RECENT",
        "NONE, NONE, VANISHED",
        "OLD, NONE, VANISHED"
    })
    void aSuspectedRecordIsOrphanedOnlyIfItIsStillThereAndOldAndHasNoObject(Age object, Age record, Outcome outcome) {
        assertThat(outcomes(judge(batch(row(1, "a", "1")), object, record))).containsExactly(outcome);
    }

    enum Age {
        NONE,
        OLD,
        NEW;

        Instant time() {
            return this == OLD ? LONG_AGO : JUST_NOW;
        }
    }

    private Judgements judge(SuspectBatch batch, Age object, Age record) {
        Presence presence = object == Age.NONE
                ? new Presence.Absent("a", NOW)
                : new Presence.Present("a", 3L, "e", object.time(), NOW);
        List<AssetRecord> rows =
                record == Age.NONE ? List.of() : List.of(new AssetRecord("a", "1", record.time(), null, null));
        return verification.judge(batch, Presences.of(List.of(presence)), rows, NO_LAG, Sightings.Known.NONE);
    }

    @Test
    void aRecordOfTheSameKeyWithAnotherIdIsAnotherRecord() {
        Judgements judgements = verification.judge(
                batch(row(1, "a", "1"), row(2, "a", "2")),
                Presences.of(List.of(absent("a"))),
                rows("a 2", "a 3"),
                NO_LAG,
                Sightings.Known.NONE);

        assertThat(outcomes(judgements)).containsExactly(Outcome.VANISHED, Outcome.ORPHANED);
    }

    @Test
    void recordsThatAreAlikeAreEachAccountedForOnce() {
        Judgements judgements = verification.judge(
                batch(row(1, "a", "1"), row(2, "a", "1"), row(3, "a", "1")),
                Presences.of(List.of(absent("a"))),
                rows("a 1", "a 1"),
                NO_LAG,
                Sightings.Known.NONE);

        assertThat(outcomes(judgements)).containsExactly(Outcome.ORPHANED, Outcome.ORPHANED, Outcome.VANISHED);
    }

    @Test
    void theAgeOfARecordIsByTheClockThatIsFurtherBehind() {
        AssetRecord seventyMinutes = new AssetRecord("a", "1", NOW.minus(Duration.ofMinutes(70)), null, null);

        for (int lag : new int[] {0, 9, 11}) {
            Judgements judgements = verification.judge(
                    batch(row(1, "a", "1")),
                    Presences.of(List.of(absent("a"))),
                    List.of(seventyMinutes),
                    Duration.ofMinutes(lag),
                    Sightings.Known.NONE);

            assertThat(outcomes(judgements)).containsExactly(lag > 10 ? Outcome.TOO_RECENT : Outcome.ORPHANED);
        }
    }

    @Test
    void whatIsKnownOfAnOrphanIsWhatWasSeenLast() {
        Presence replaced = new Presence.Present("a", 99L, "new", LONG_AGO.plusSeconds(5), NOW);
        Presence coarser = new Presence.Present("b", 3L, "e", Instant.parse("2024-01-10T12:00:00Z"), NOW);

        Judgements judgements = verification.judge(
                batch(file(1, "a"), file(2, "b")),
                Presences.of(List.of(replaced, coarser)),
                List.of(),
                NO_LAG,
                Sightings.Known.NONE);

        assertThat(judgements.each())
                .containsExactly(
                        new Judgement(1, Outcome.ORPHANED, 99L, "new", LONG_AGO.plusSeconds(5), false),
                        new Judgement(2, Outcome.ORPHANED, 3L, "e", LONG_AGO, true));
        assertThat(judgements.stored().verified()).isEqualTo(new Verified(2, 0, 102, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource({"2024-01-15T01:59:59.5Z, ORPHANED", "2024-01-15T01:59:59Z, ORPHANED", "2024-01-15T02:00:00Z, TOO_RECENT"
    })
    void aTimeThatWasCutToTheSecondIsTakenForTheEndOfThatSecond(Instant lastModified, Outcome outcome) {
        Presence replaced = new Presence.Present("a", 3L, "e", lastModified, NOW);

        assertThat(outcomes(verification.judge(
                        batch(file(1, "a")), Presences.of(List.of(replaced)), List.of(), NO_LAG, Sightings.Known.NONE)))
                .containsExactly(outcome);
    }

    @Test
    void everySuspectIsCountedOnce() {
        Judgements judgements = verification.judge(
                batch(file(1, "a"), file(2, "b"), file(3, "c"), row(4, "d", "1"), row(5, "e", "1"), row(6, "f", "1")),
                Presences.of(List.of(
                        new Presence.Present("a", 5L, "e", LONG_AGO, NOW),
                        absent("b"),
                        new Presence.Present("c", 5L, "e", JUST_NOW, NOW),
                        absent("d"),
                        new Presence.Present("e", 5L, "e", LONG_AGO, NOW),
                        absent("f"))),
                Stream.concat(rows("d 1", "e 1").stream(), Stream.of(new AssetRecord("f", "1", JUST_NOW, null, null)))
                        .toList(),
                NO_LAG,
                Sightings.Known.NONE);

        assertThat(judgements.stored().verified()).isEqualTo(new Verified(1, 1, 3, 1, 1, 1, 1));
        assertThat(judgements.stored().turn()).isEqualTo(8);
    }

    @Test
    void aPageOfTheListingAnswersForAllKeysUpToItsLast() {
        StoragePage page = new StoragePage(
                StorageMarker.after("a"), List.of(object("b"), object("d")), StorageMarker.after("d"), NOW);
        SuspectBatch batch = batch(file(1, "a"), row(2, "b", "1"), row(3, "c", "1"), file(4, "d"), row(5, "e", "1"));

        Judgements judgements = verification.judge(
                batch,
                Presences.of(new Presence.Present("a", 3L, "e", LONG_AGO, NOW), page),
                rows("b 1", "c 1", "e 1"),
                NO_LAG,
                Sightings.Known.NONE);

        assertThat(outcomes(judgements))
                .as("nothing is said of what the page does not reach")
                .containsExactly(Outcome.ORPHANED, Outcome.VANISHED, Outcome.ORPHANED, Outcome.ORPHANED);
    }

    @Test
    void theLastPageOfTheListingAnswersForAllKeysBehindIt() {
        StoragePage empty = new StoragePage(StorageMarker.after("a"), List.of(), null, NOW);

        Judgements judgements = verification.judge(
                batch(file(1, "a"), row(2, "z", "1")),
                Presences.of(absent("a"), empty),
                rows("z 1"),
                NO_LAG,
                Sightings.Known.NONE);

        assertThat(outcomes(judgements)).containsExactly(Outcome.VANISHED, Outcome.ORPHANED);
    }

    @Test
    void anEmptyPageThatIsNotTheLastAnswersForNothing() {
        StoragePage empty = new StoragePage(StorageMarker.after("a"), List.of(), new StorageMarker("a", "t"), NOW);

        assertThat(outcomes(verification.judge(
                        batch(file(1, "a"), row(2, "b", "1")),
                        Presences.of(absent("a"), empty),
                        rows("b 1"),
                        NO_LAG,
                        Sightings.Known.NONE)))
                .containsExactly(Outcome.VANISHED);
    }

    @Test
    void answersForOtherKeysAreRefused() {
        assertThatThrownBy(() -> verification.judge(
                        batch(file(1, "a")),
                        Presences.of(List.of(absent("b"))),
                        List.of(),
                        NO_LAG,
                        Sightings.Known.NONE))
                .isInstanceOf(IllegalStateException.class);
    }

    private static final SuspectedRange RANGE = new SuspectedRange(3, 7, Verified.NONE);

    private static SuspectBatch batch(StoredSuspect... suspects) {
        return new SuspectBatch(RANGE, List.of(suspects), false);
    }

    private static StoredSuspect file(long id, String key) {
        return new StoredSuspect(id, new Finding(Finding.Kind.ORPHANED_FILE, key, null, 3L, "e", LONG_AGO), 0);
    }

    private static StoredSuspect row(long id, String key, String recordId) {
        return new StoredSuspect(id, new Finding(Finding.Kind.ORPHANED_RECORD, key, recordId, null, null, LONG_AGO), 0);
    }

    private static Presence absent(String key) {
        return new Presence.Absent(key, NOW);
    }

    private static StoredObject object(String key) {
        return new StoredObject(key, 3, "e", LONG_AGO);
    }

    /** Each as its key and id. */
    private static List<AssetRecord> rows(String... names) {
        return Arrays.stream(names)
                .map(name -> name.split(" ", 2))
                .map(name -> new AssetRecord(name[0], name[1], LONG_AGO, null, null))
                .toList();
    }

    private static List<Outcome> outcomes(Judgements judgements) {
        return judgements.each().stream().map(Judgement::outcome).toList();
    }
}
