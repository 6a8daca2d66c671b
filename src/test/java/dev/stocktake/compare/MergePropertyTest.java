package dev.stocktake.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class MergePropertyTest {
    private static final Instant NOW = Instant.parse("2024-01-15T03:00:00Z");

    /**
     * One comparison to make.
     *
     * @param objects of the whole bucket, also outside of the prefix
     * @param records of the whole table, also outside of the prefix
     */
    record Situation(
            String prefix,
            Collection<StoredObject> objects,
            List<AssetRecord> records,
            Duration grace,
            Reading reading) {}

    /** How it is read, which must not matter. */
    record Reading(
            int storagePageSize,
            int recordsPageSize,
            Set<Integer> emptyPages,
            boolean goesOnByToken,
            List<String> cuts) {}

    @Property(tries = 1500)
    void findsWhatASetDifferenceFindsHoweverTheSidesAreRead(@ForAll("situations") Situation situation) {
        KeySpace space = new KeySpace(situation.prefix());
        Reading reading = situation.reading();

        SimulatedBucket bucket = new SimulatedBucket(
                situation.objects(), reading.storagePageSize(), reading.emptyPages(), reading.goesOnByToken(), NOW);
        SimulatedTable table = new SimulatedTable(situation.records(), reading.recordsPageSize());
        List<Range> ranges = space.cutAt(reading.cuts());
        Comparison comparison = Comparison.of(bucket, table, space, ranges, situation.grace());

        SetDifference expected = SetDifference.of(situation);
        assertThat(comparison.findings()).isEqualTo(expected.findings());
        assertThat(comparison.tally()).isEqualTo(expected.tally());
        assertThat(comparison.balances()).isTrue();
        if (!reading.goesOnByToken()) {
            assertThat(Comparison.interrupted(bucket, table, space, ranges, situation.grace()))
                    .isEqualTo(comparison);
        }
    }

    /** The same, by looking up every entry of one side in all of the other. */
    private record SetDifference(List<Finding> findings, Tally tally) {
        static SetDifference of(Situation situation) {
            List<StoredObject> objects = situation.objects().stream()
                    .filter(object -> object.key().startsWith(situation.prefix()))
                    .toList();
            List<AssetRecord> records = situation.records().stream()
                    .filter(row -> row.storageKey().startsWith(situation.prefix()))
                    .toList();
            Set<String> objectKeys =
                    new HashSet<>(objects.stream().map(StoredObject::key).toList());
            Set<String> recordKeys =
                    new HashSet<>(records.stream().map(AssetRecord::storageKey).toList());

            List<StoredObject> objectsAlone = objects.stream()
                    .filter(object -> !recordKeys.contains(object.key()))
                    .toList();
            List<StoredObject> files = objectsAlone.stream()
                    .filter(object -> object.size() > 0 || !object.key().endsWith("/"))
                    .toList();
            List<StoredObject> orphanedFiles = files.stream()
                    .filter(object -> isOldEnough(object.lastModified(), situation.grace()))
                    .toList();
            List<AssetRecord> recordsAlone = records.stream()
                    .filter(row -> !objectKeys.contains(row.storageKey()))
                    .toList();
            List<AssetRecord> orphanedRecords = recordsAlone.stream()
                    .filter(row -> isOldEnough(row.changedAt(), situation.grace()))
                    .toList();

            List<Finding> findings = new ArrayList<>();
            orphanedFiles.forEach(object -> findings.add(new Finding(
                    Finding.Kind.ORPHANED_FILE,
                    object.key(),
                    null,
                    object.size(),
                    object.etag(),
                    object.lastModified())));
            orphanedRecords.forEach(row -> findings.add(new Finding(
                    Finding.Kind.ORPHANED_RECORD,
                    row.storageKey(),
                    row.recordId(),
                    row.size(),
                    row.etag(),
                    row.changedAt())));
            findings.sort((one, other) -> {
                int byKey = Keys.BY_UTF_8_BYTES.compare(one.storageKey(), other.storageKey());
                return byKey != 0 ? byKey : Keys.BY_UTF_8_BYTES.compare(one.recordId(), other.recordId());
            });
            return new SetDifference(
                    findings,
                    new Tally(
                            objects.size(),
                            records.size(),
                            objects.size() - objectsAlone.size(),
                            records.size() - recordsAlone.size(),
                            orphanedFiles.size(),
                            orphanedRecords.size(),
                            files.size() - orphanedFiles.size(),
                            recordsAlone.size() - orphanedRecords.size(),
                            objectsAlone.size() - files.size()));
        }

        private static boolean isOldEnough(Instant time, Duration grace) {
            if (time == null || grace.isZero()) {
                return true;
            }
            // one without a fraction may have been cut to the second
            Duration resolution =
                    time.equals(time.truncatedTo(ChronoUnit.SECONDS)) ? Duration.ofSeconds(1) : Duration.ZERO;
            return Duration.between(time, NOW).minus(resolution).compareTo(grace) >= 0;
        }
    }

    @Provide
    Arbitrary<Situation> situations() {
        return Combinators.combine(prefixes(), objects(), records(), graces(), readings())
                .as(Situation::new);
    }

    private static Arbitrary<String> prefixes() {
        return Arbitraries.frequencyOf(Tuple.of(2, Arbitraries.just("")), Tuple.of(1, Keys.piece()));
    }

    private static Arbitrary<Collection<StoredObject>> objects() {
        Arbitrary<StoredObject> object = Combinators.combine(
                        Keys.possible(), Arbitraries.longs().between(0, 2), Arbitraries.of("e1", "e2"), times())
                .as(StoredObject::new);
        return object.list().ofMaxSize(30).map(MergePropertyTest::oneOfEachKey);
    }

    private static Collection<StoredObject> oneOfEachKey(List<StoredObject> objects) {
        Map<String, StoredObject> byKey = new LinkedHashMap<>();
        objects.forEach(object -> byKey.putIfAbsent(object.key(), object));
        return byKey.values();
    }

    /** Several of one key, and now and then the very same row twice, as a UNION ALL may give them. */
    private static Arbitrary<List<AssetRecord>> records() {
        Arbitrary<AssetRecord> row = Combinators.combine(
                        Keys.possible(),
                        Arbitraries.of("", "1", "2", "10", "\uFFFD", "\uD83D\uDE00"),
                        times().injectNull(0.1))
                .as((key, id, createdAt) -> new AssetRecord(key, id, createdAt, null, null));
        Arbitrary<List<AssetRecord>> repeated = Combinators.combine(row, Arbitraries.of(1, 1, 1, 2, 5))
                .as((one, times) -> Collections.nCopies(times, one));
        Arbitrary<List<AssetRecord>> ofOneKey = Combinators.combine(
                        row,
                        Arbitraries.of("1", "2", "3", "4", "5", "6", "7").list().uniqueElements())
                .as((one, ids) -> ids.stream()
                        .map(id -> new AssetRecord(one.storageKey(), id, one.changedAt(), 7L, "e"))
                        .toList());
        return Arbitraries.frequencyOf(Tuple.of(6, repeated), Tuple.of(1, ofOneKey))
                .list()
                .ofMaxSize(20)
                .map(lists -> lists.stream().flatMap(List::stream).toList());
    }

    /** Long ago, or on either side of an hour ago. */
    private static Arbitrary<Instant> times() {
        return Arbitraries.of(
                NOW.minus(Duration.ofDays(30)),
                NOW.minus(Duration.ofHours(1)).minusNanos(1),
                NOW.minus(Duration.ofHours(1)),
                NOW.minus(Duration.ofHours(1)).plusNanos(1),
                NOW,
                NOW.plusSeconds(5));
    }

    private static Arbitrary<Duration> graces() {
        return Arbitraries.of(Duration.ofHours(1), Duration.ZERO, Duration.ofNanos(1), Duration.ofDays(60));
    }

    private static Arbitrary<Reading> readings() {
        Arbitrary<Integer> pageSizes = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.integers().between(1, 4)), Tuple.of(1, Arbitraries.just(1000)));
        return Combinators.combine(
                        pageSizes,
                        pageSizes,
                        Arbitraries.integers().between(1, 30).set().ofMaxSize(8),
                        Arbitraries.of(true, false),
                        Keys.possible().list().ofMaxSize(4))
                .as(Reading::new);
    }
}
