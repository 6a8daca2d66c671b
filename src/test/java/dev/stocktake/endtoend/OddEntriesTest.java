package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries that are not one object beside one record. */
class OddEntriesTest {
    private Assets assets;

    @BeforeEach
    void start() {
        assets = Assets.empty();
    }

    private Run run() {
        return run(Map.of());
    }

    private Run run(Map<String, String> settings) {
        Map<String, String> environment = assets.environment();
        environment.putAll(settings);
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment)) {
            Run run = stocktake.run();
            assertThat(run.failure()).isNull();
            return run;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1000, 1001, 2500})
    void oneObjectMatchesEveryRecordOfItsKey(int records) {
        assets.objects("a", "shared", "z").records("a", "z").records(Collections.nCopies(records, "shared"));

        Run run = run();

        assertThat(run.counts().matched()).isEqualTo(3);
        assertThat(run.counts().matchedRecords()).isEqualTo(records + 2);
        assertThat(run.hasOrphans()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 1000, 1001, 2500})
    void everyRecordOfAMissingObjectIsAFindingOfItsOwn(int records) {
        assets.objects("a", "z").records("a", "z").records(Collections.nCopies(records, "shared"));

        Run run = run();

        assertThat(assets.orphanedRecords(run)).hasSize(records).containsOnly("shared");
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT count(DISTINCT record_id) FROM stocktake.finding WHERE run_id = ?")
                        .param(run.id())
                        .query(Integer.class)
                        .single())
                .isEqualTo(records);
    }

    @ParameterizedTest(name = "{0} keys, {1} ids")
    @CsvSource({
        "text, bigint",
        "varchar(100), uuid",
        "char(40), boolean",
        "name, numeric",
        "text COLLATE \"und-x-icu\", timestamptz",
        "varchar COLLATE \"POSIX\", date"
    })
    void anyTypeOfKeyAndIdWillDo(String keyType, String idType) {
        List<String> keys = IntStream.range(0, 1200)
                .mapToObj(i -> (i % 2 == 0 ? "Key-" : "key ") + i)
                .toList();
        assets.objects(keys).records(keys).records(Collections.nCopies(1500, "gone"));
        String idSource = switch (idType) {
            case "uuid" -> "md5(id::text)::uuid";
            case "boolean" -> "id % 2 = 0";
            case "timestamptz", "date" -> "to_timestamp(id * 86400)";
            default -> "id";
        };
        assets.database().execute("ALTER TABLE assets ALTER id DROP IDENTITY, DROP CONSTRAINT assets_pkey");
        assets.database().execute("DROP INDEX assets_storage_key_idx");
        assets.database().execute("ALTER TABLE assets ALTER storage_key TYPE " + keyType);
        assets.database()
                .execute("ALTER TABLE assets ALTER id TYPE " + idType + " USING (" + idSource + ")::" + idType);

        Run run = run();

        assertThat(run.counts().matched()).isEqualTo(1200);
        assertThat(run.counts().orphanedRecords()).isEqualTo(1500);
    }

    @Test
    void recordsThatAlsoShareTheirIdAreAllCounted() {
        assets.objects("a").records("a");
        assets.database().execute("ALTER TABLE assets ALTER id DROP IDENTITY, DROP CONSTRAINT assets_pkey");
        assets.database()
                .execute("INSERT INTO assets SELECT 7, 'gone', now() - interval '1 year'"
                        + " FROM generate_series(1, 2345)");

        assertThat(run().counts().orphanedRecords()).isEqualTo(2345);
    }

    @Test
    void recordsWithoutAnIdAreAllCounted() {
        assets.objects("a").records("a");
        assets.database()
                .execute("ALTER TABLE assets ALTER id DROP IDENTITY, DROP CONSTRAINT assets_pkey,"
                        + " ALTER id DROP NOT NULL");
        assets.database()
                .execute("INSERT INTO assets SELECT NULL, 'gone', now() - interval '1 year'"
                        + " FROM generate_series(1, 1500)");

        assertThat(run().counts().orphanedRecords()).isEqualTo(1500);
    }

    @Test
    void recordsWhoseKeyCanNameNoObjectAreCountedAsInvalidAndNotCompared() {
        assets.objects("a")
                .records("a")
                .records(Arrays.asList(null, "", null, "x".repeat(1025), "é".repeat(513), "y".repeat(100_000)));

        Run run = run();

        assertThat(run.counts().invalid()).isEqualTo(6);
        assertThat(run.counts().records()).isEqualTo(1);
        assertThat(run.hasOrphans()).isFalse();
    }

    @Test
    void emptyObjectsThatStandForFoldersAreCountedApartUnlessARecordNamesThem() {
        assets.store().put(assets.bucket(), "folder/", new byte[0], Assets.LONG_AGO);
        assets.store().put(assets.bucket(), "recorded/", new byte[0], Assets.LONG_AGO);
        assets.store().put(assets.bucket(), "not-empty/", new byte[] {1}, Assets.LONG_AGO);
        assets.store().put(assets.bucket(), "empty", new byte[0], Assets.LONG_AGO);
        assets.records("recorded/");

        Run run = run();

        assertThat(run.counts().directoryMarkers()).isEqualTo(1);
        assertThat(run.counts().matched()).isEqualTo(1);
        assertThat(assets.orphanedFiles(run)).containsExactly("empty", "not-empty/");
    }

    @ParameterizedTest(name = "prefix \"{0}\"")
    @CsvSource({
        // prefix, orphaned files, orphaned records
        "'', a|img|img/only-file|img0|zz, b|img/only-record|img/\uD83E\uDD81|jmg/x",
        "img/, img/only-file, img/only-record|img/\uD83E\uDD81",
        "img, img|img/only-file|img0, img/only-record|img/\uD83E\uDD81",
        "im, img|img/only-file|img0, img/only-record|img/\uD83E\uDD81",
        "img/only-file, img/only-file, ''",
        "nothing/, '', ''"
    })
    void thePrefixLimitsBothSidesByTheSameBytes(String prefix, String files, String records) {
        assets.objects("a", "img", "img/both", "img/only-file", "img0", "zz");
        assets.records("b", "img/both", "img/only-record", "img/\uD83E\uDD81", "jmg/x");

        Run run = run(Map.of("S3_PREFIX", prefix));

        assertThat(String.join("|", assets.orphanedFiles(run))).isEqualTo(files);
        assertThat(String.join("|", assets.orphanedRecords(run))).isEqualTo(records);
        assertThat(run.prefix()).isEqualTo(prefix);
    }

    @Test
    void whatIsYoungerThanTheGracePeriodIsNotJudged() {
        Instant now = Instant.now();
        assets.store().put(assets.bucket(), "new-file", new byte[] {1}, now.minus(Duration.ofMinutes(50)));
        assets.store().put(assets.bucket(), "old-file", new byte[] {1}, now.minus(Duration.ofMinutes(70)));
        assets.database()
                .execute("INSERT INTO assets (storage_key, created_at) VALUES"
                        + " ('new-record', now() - interval '50 minutes'), ('old-record', now() - interval '70 minutes'),"
                        + " ('record-of-unknown-age', NULL)");

        Run run = run(Map.of("GRACE_PERIOD", "1h"));

        assertThat(run.counts().tooRecent()).isEqualTo(2);
        assertThat(assets.orphanedFiles(run)).containsExactly("old-file");
        assertThat(assets.orphanedRecords(run)).containsExactly("old-record", "record-of-unknown-age");
        assertThat(run(Map.of("GRACE_PERIOD", "0s")).counts().tooRecent()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "storage_key LIKE '%41%'",
                "storage_key LIKE '%41y'",
                "storage_key ~ '41|%'",
                "storage_key NOT IN ('xAy', '%', '%%', '%zz', '%25', '%2541', 'a+b', 'a%20b')",
                "'a+b %2525' = 'a' || chr(43) || 'b ' || chr(37) || '2525' AND storage_key LIKE 'x4%'"
            })
    void thePercentAndPlusSignsOfTheRecordsQueryAreWhatTheyAre(String condition, @TempDir Path folder) {
        assets.objects("x41y", "xAy").records("x41y", "xAy");
        EditedRoutes routes =
                EditedRoutes.in(folder).replace("records.camel.yaml", "FROM assets", "FROM assets WHERE " + condition);
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment(), routes)) {
            Run run = stocktake.run();

            assertThat(run.counts().records()).isEqualTo(1);
            assertThat(assets.orphanedFiles(run)).containsExactly("xAy");
        }
    }

    @Test
    void manyFoldersAreComparedAsRangesSideBySideWithTheSameResult() {
        List<String> objects = IntStream.range(0, 3000)
                .mapToObj(i -> String.format("folder-%02d/file-%04d", i % 40, i))
                .toList();
        assets.objects(objects).records(objects.subList(0, 2990)).records("folder-20/gone", "folder-39/zz", "0", "zzz");

        Run run = run();

        assertThat(assets.orphanedFiles(run)).containsExactlyInAnyOrderElementsOf(objects.subList(2990, 3000));
        assertThat(assets.orphanedRecords(run)).containsExactly("0", "folder-20/gone", "folder-39/zz", "zzz");
        assertThat(run.counts().matched()).isEqualTo(2990);
    }
}
