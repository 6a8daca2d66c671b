package dev.stocktake.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.report.StoredRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

class FindingsTest {
    private static final List<String> AWKWARD_KEYS = List.of(
            "A",
            "a",
            "a b",
            "a%20b",
            "a+b",
            "a/b",
            "a_b",
            "B",
            "new\nline",
            "\u0001",
            "~",
            "caf\u00E9",
            "cafe\u0301",
            "\uFFFD",
            "\uFFFF",
            "\uD83E\uDD81");

    private final StoredRun stored = StoredRun.empty();
    private final Findings findings = stored.findings();
    private final JdbcClient database = JdbcClient.create(stored.database());

    @Test
    void whoeverDeletesARunDeletesItsFindingsAndSuspects() {
        stored.with(StoredRun.file("a", "2024-01-14T16:20:00Z"));
        StoredRun other = StoredRun.empty().with(StoredRun.file("a", "2024-01-14T16:20:00Z"));
        List<UUID> both = List.of(stored.id(), other.id());
        both.forEach(this::storeSuspect);

        database.sql("DELETE FROM stocktake.run WHERE id = ?")
                .param(stored.id())
                .update();

        for (String table : List.of("finding", "range", "suspect")) {
            assertThat(database.sql("SELECT run_id FROM stocktake." + table + " WHERE run_id IN (:both)")
                            .param("both", both)
                            .query(UUID.class)
                            .list())
                    .as(table)
                    .containsExactly(other.id());
        }
    }

    private void storeSuspect(UUID runId) {
        database.sql("""
                        INSERT INTO stocktake.range (run_id, number, turn, closed, checkpoint)
                        VALUES (?, 0, 0, false, '{}')""").param(runId).update();
        database.sql("""
                        INSERT INTO stocktake.suspect (run_id, range, kind, storage_key, place)
                        VALUES (?, 0, 'orphaned_file', 'a', 1)""").param(runId).update();
    }

    @Test
    void aFindingIsReadAsItWasStored() {
        stored.with(
                StoredRun.file("assets/lion.png", "2024-01-14T16:20:00.123456Z"),
                StoredRun.record("b", "7", "2024-01-13T00:00:00Z"),
                StoredRun.record("c", "", null));

        assertThat(page(null, null, null, 10))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("id", "foundAt")
                .containsExactly(
                        new StoredFinding(
                                0,
                                stored.id(),
                                "orphaned_file",
                                "assets/lion.png",
                                null,
                                20L,
                                "5d41402abc4b2a76b9719d911017c592",
                                StoredRun.utc("2024-01-14T16:20:00.123456Z"),
                                null,
                                null,
                                null),
                        new StoredFinding(
                                0,
                                stored.id(),
                                "orphaned_record",
                                "b",
                                "7",
                                null,
                                null,
                                StoredRun.utc("2024-01-13T00:00:00Z"),
                                null,
                                null,
                                null),
                        new StoredFinding(
                                0, stored.id(), "orphaned_record", "c", "", null, null, null, null, null, null));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 16, 17, 100})
    void pagesOfAnySizeGiveEveryFindingOnceInByteOrderOfTheKeys(int limit) {
        List<String> shuffled = new ArrayList<>(AWKWARD_KEYS);
        Collections.shuffle(shuffled, new Random(limit));
        stored.with(shuffled.stream()
                .map(key -> StoredRun.file(key, "2024-01-14T00:00:00Z"))
                .toList());

        assertThat(allByPages(null, limit))
                .extracting(StoredFinding::storageKey)
                .isEqualTo(AWKWARD_KEYS.stream()
                        .sorted(Comparator.comparing(key -> key.getBytes(UTF_8), Arrays::compareUnsigned))
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 100})
    void findingsOfOneKeyAreNeitherLostNorRepeatedAcrossPages(int limit) {
        stored.with(Stream.of(
                        Stream.of(StoredRun.file("a", "2024-01-14T00:00:00Z")),
                        IntStream.range(0, 9).mapToObj(id -> StoredRun.record("shared", "id-" + id, null)),
                        Stream.of(StoredRun.record("z", "1", null)))
                .flatMap(part -> part)
                .toList());

        List<StoredFinding> all = allByPages(null, limit);

        assertThat(all).hasSize(11);
        assertThat(all).extracting(StoredFinding::id).doesNotHaveDuplicates();
        assertThat(all).extracting(StoredFinding::storageKey).isSorted();
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "1000"})
    void oneKindAloneIsPagedTheSame(int limit) {
        stored.with(IntStream.range(0, 10)
                .mapToObj(n -> n % 2 == 0
                        ? StoredRun.file("key-" + n, "2024-01-14T00:00:00Z")
                        : StoredRun.record("key-" + n, "" + n, null))
                .toList());

        assertThat(allByPages(Kind.ORPHANED_FILE, limit))
                .extracting(StoredFinding::storageKey)
                .containsExactly("key-0", "key-2", "key-4", "key-6", "key-8");
        assertThat(allByPages(Kind.ORPHANED_RECORD, limit))
                .extracting(StoredFinding::storageKey)
                .containsExactly("key-1", "key-3", "key-5", "key-7", "key-9");
    }

    @Test
    void afterAKeyAloneBeginsBehindAllItsFindings() {
        stored.with(
                StoredRun.record("a", "1", null),
                StoredRun.record("a", "2", null),
                StoredRun.record("b", "1", null),
                StoredRun.record("b", "2", null));

        assertThat(page(null, "a", null, 10))
                .extracting(StoredFinding::storageKey)
                .containsExactly("b", "b");
        assertThat(page(null, "a", 0L, 10)).hasSize(4);
        assertThat(page(null, "", null, 10)).hasSize(4);
        // a key that no finding has
        assertThat(page(null, "a/", null, 10)).hasSize(2);
        assertThat(page(null, "b", null, 10)).isEmpty();
    }

    @Test
    void anotherRunsFindingsAreNotAmongThem() {
        StoredRun.empty().with(StoredRun.file("other", "2024-01-14T00:00:00Z"));
        stored.with(StoredRun.file("own", "2024-01-13T00:00:00Z"));

        assertThat(page(null, null, null, 10))
                .extracting(StoredFinding::storageKey)
                .containsExactly("own");
        assertThat(findings.newest(stored.id(), Kind.ORPHANED_FILE, 10))
                .extracting(StoredFinding::storageKey)
                .containsExactly("own");
        assertThat(findings.page(UUID.randomUUID(), null, null, null, 10)).isEmpty();
    }

    @Test
    void theNewestOfOneKindComeFirstThenByKeyAndThoseWithoutATimeLast() {
        stored.with(
                StoredRun.record("timeless", "1", null),
                StoredRun.record("old", "1", "2024-01-01T00:00:00Z"),
                StoredRun.record("new-b", "1", "2024-01-02T00:00:00Z"),
                StoredRun.record("new-a", "2", "2024-01-02T00:00:00Z"),
                StoredRun.record("new-a", "1", "2024-01-02T00:00:00Z"),
                StoredRun.file("newer file", "2024-01-03T00:00:00Z"));

        List<StoredFinding> newest = findings.newest(stored.id(), Kind.ORPHANED_RECORD, 10);

        assertThat(newest)
                .extracting(finding -> finding.storageKey() + " " + finding.recordId())
                .containsExactly("new-a 2", "new-a 1", "new-b 1", "old 1", "timeless 1");
        assertThat(findings.newest(stored.id(), Kind.ORPHANED_RECORD, 2)).isEqualTo(newest.subList(0, 2));
    }

    private List<StoredFinding> page(Kind kind, String after, Long afterId, int limit) {
        return findings.page(stored.id(), kind, after, afterId, limit);
    }

    /** As the API and the exports go on: behind the last finding of the page before. */
    private List<StoredFinding> allByPages(Kind kind, int limit) {
        List<StoredFinding> all = new ArrayList<>();
        List<StoredFinding> page = page(kind, null, null, limit);
        while (!page.isEmpty()) {
            assertThat(page).hasSizeLessThanOrEqualTo(limit);
            all.addAll(page);
            StoredFinding last = page.get(page.size() - 1);
            page = page(kind, last.storageKey(), last.id(), limit);
        }
        return all;
    }
}
