package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.LogLines;
import dev.stocktake.run.Run;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is odd about a verdict, and near matches, from real servers to the report. */
class SuspiciousRunsTest {
    private final Assets assets = Assets.empty();

    private static List<String> keys(int from, int to) {
        return IntStream.range(from, to).mapToObj("media/%04d.png"::formatted).toList();
    }

    private Run run(StartedStocktake stocktake, Collection<String> objects, Collection<String> records) {
        assets.hold(objects, records);
        return stocktake.run();
    }

    @Test
    void aRunIsMeasuredByThePreviousTrustedOneOfTheSameBucketAndPrefix() {
        Map<String, String> elsewhere = assets.environment();
        elsewhere.put("S3_PREFIX", "media/000");
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment());
                StartedStocktake other = StartedStocktake.forOneRun(elsewhere)) {
            // 1 orphan, then 11, which is above ten times
            assertThat(run(stocktake, keys(0, 200), keys(1, 200)).suspicions()).isEmpty();
            other.run();
            String elevenAboveOne = "11 orphans are above ten times the 1 of the previous trusted run (20";
            Run eleven = run(stocktake, keys(0, 200), keys(11, 200));
            assertThat(eleven.suspicions()).singleElement().asString().startsWith(elevenAboveOne);
            // no verdict is no measure, nor is what nobody has answered for
            assets.database().execute("ALTER TABLE assets RENAME TO away");
            assertThat(stocktake.run().status()).isEqualTo(Run.Status.INCOMPLETE);
            assets.database().execute("ALTER TABLE away RENAME TO assets");
            assertThat(stocktake.run().suspicions()).singleElement().asString().startsWith(elevenAboveOne);
            acknowledge(stocktake, eleven);
            assertThat(stocktake.run().suspicions()).isEmpty();
            // from 189 records to 151 is over 20 %
            assertThat(run(stocktake, keys(0, 151), keys(0, 151)).suspicions())
                    .singleElement()
                    .asString()
                    .startsWith("The 151 records are over 20 % fewer than the 189 of the previous trusted run (20");
        }
    }

    private static void acknowledge(StartedStocktake stocktake, Run run) {
        stocktake.application().acknowledgements().acknowledge(run.id(), "somebody", "looked at it");
    }

    @Test
    void aDatabaseThatWasRestoredOrFailedOverIsSaidSo() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            assets.objects("a").records("a");
            stocktake.run();
            assertThat(stocktake.run().suspicions()).isEmpty();

            remember("system_identifier", "\"123\"");
            Run restored = stocktake.run();
            assertThat(restored.suspicions())
                    .singleElement()
                    .asString()
                    .contains(
                            "restored from a backup, failed over or replaced", "its system identifier was 123 and is ");
            acknowledge(stocktake, restored);

            remember("timeline", "77");
            Run failedOver = stocktake.run();
            assertThat(failedOver.suspicions()).singleElement().asString().contains("its timeline was 77 and is 1");
            acknowledge(stocktake, failedOver);

            remember("timeline", "77");
            remember("standby", "true");
            assertThat(stocktake.run().suspicions())
                    .as("a replica tells its timeline late")
                    .isEmpty();
        }
    }

    @Test
    void aViewInThePlaceOfTheTableIsSuspiciousHoweverFewRecordsItHides() {
        assets.objects(keys(0, 100)).records(keys(0, 100));
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            assertThat(stocktake.run().suspicions()).isEmpty();

            assets.database().execute("ALTER TABLE assets RENAME TO assets_all");
            assets.database()
                    .execute("CREATE VIEW assets AS SELECT * FROM assets_all WHERE storage_key <> 'media/0007.png'");

            Run hidden = stocktake.run();
            assertThat(hidden.counts().orphanedFiles()).isOne();
            assertThat(hidden.suspicions())
                    .singleElement()
                    .asString()
                    .startsWith("The records query reads through the view public.assets");
            acknowledge(stocktake, hidden);
            assertThat(stocktake.run().suspicions()).isEmpty();
            assets.database()
                    .execute(
                            "CREATE OR REPLACE VIEW assets AS SELECT * FROM assets_all WHERE storage_key < 'media/0090.png'");
            assertThat(stocktake.run().suspicions())
                    .contains("The view public.assets was changed since the last trusted run");
        }
    }

    private void remember(String field, String json) {
        assets.database()
                .execute("UPDATE stocktake.run SET records_database = jsonb_set(records_database, '{" + field + "}', '"
                        + json + "')");
    }

    @Test
    void theTableTheReportAndTheLogSayWhatIsOdd() {
        assets.objects("a", "b");
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment());
                LogLines logs = LogLines.recorded()) {
            Run run = stocktake.run();

            String reason =
                    "There is no record, but the bucket holds files (2); check DATABASE_URL and the records query";
            assertThat(run.status()).isEqualTo(Run.Status.COMPLETE);
            assertThat(run.suspicious()).isEqualTo(reason);
            assertThat(assets.database()
                            .sql()
                            .sql("SELECT suspicious FROM stocktake.run WHERE id = ?")
                            .param(run.id())
                            .query(String.class)
                            .single())
                    .isEqualTo(reason);
            assertThat(assets.orphanedFiles(run)).as("findings are stored").containsExactly("a", "b");
            assertThat(stocktake.application().reports().text(run).lines().limit(3))
                    .satisfiesExactly(
                            title -> assertThat(title).isEqualTo("=== Storage Maintenance Report ==="),
                            warning -> assertThat(warning).isEqualTo("⚠️  SUSPICIOUS: " + reason),
                            time -> assertThat(time).startsWith("Timestamp: "));
            assertThat(logs.events())
                    .extracting(event -> event.getFormattedMessage())
                    .contains("Run " + run.id() + " is SUSPICIOUS: " + reason);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%s             | %s                  | -",
                "media/%s       | %s                  | the keys of the files begin with \"media/\" and",
                "%s             | media/%s            | the keys of the records begin with \"media/\" and",
                "prod-%s        | %s                  | the keys of the files begin with \"prod-\" and",
                "media/%s       | /%s                 | the keys of the files begin with \"media\" and",
                "x/%s           | /%s                 | the keys of the files begin with \"x\" and",
                "/%s            | %s                  | most keys agree but for leading slash:",
                "a %s           | a%%20%s             | most keys agree but for percent decoding:",
                "a %s           | a+%s                | most keys agree but for plus as space:",
                "a%s            | A%s                 | most keys agree but for case:",
                "x/%s           | x//%s               | most keys agree but for doubled slash:",
                "x/%s           | https://cdn/x/%s    | the keys of the records begin with \"https://cdn/\" and",
                "x/%s           | y/%s                | No single",
            })
    void aMappingThatMatchesNothingIsToldWithTheNearestChange(String objects, String records, String told) {
        List<String> numbers =
                IntStream.range(100, 130).mapToObj(Integer::toString).toList();
        assets.objects(numbers.stream().map(objects::formatted).toList());
        assets.records(numbers.stream().map(records::formatted).toList());
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            Run run = stocktake.run();

            if (told.equals("-")) {
                assertThat(run.suspicions()).isEmpty();
            } else {
                assertThat(run.suspicions())
                        .singleElement()
                        .asString()
                        .contains(told)
                        .startsWith("Under 1 % match (0 of 30 files, 0 of 30 records)")
                        .contains(
                                "Files: \"" + objects.formatted("100") + "\"", "\"" + records.formatted("104") + "\"");
            }
        }
    }

    @Test
    void nearMatchesAreStoredWithTheRunAndListedApart() {
        assets.objects(keys(0, 100)).objects("Lion.png", "alone.png");
        assets.records(keys(0, 100)).records("lion.png", assets.bucket() + "/alone.png", "gone.png");
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            Run run = stocktake.run();

            assertThat(run.counts().nearMatches()).isEqualTo(2);
            assertThat(run.suspicions()).isEmpty();
            assertThat(assets.database()
                            .sql()
                            .sql("SELECT kind || ' ' || storage_key || ' ' || near_match || ' ' || near_match_by"
                                    + " FROM stocktake.finding WHERE run_id = ? AND near_match IS NOT NULL")
                            .param(run.id())
                            .query(String.class)
                            .list())
                    .containsExactlyInAnyOrder(
                            "orphaned_file Lion.png lion.png case",
                            "orphaned_record lion.png Lion.png case",
                            "orphaned_file alone.png " + assets.bucket() + "/alone.png bucket_or_host_prefix",
                            "orphaned_record " + assets.bucket() + "/alone.png alone.png bucket_or_host_prefix");
            assertThat(stocktake.application().reports().text(run)).endsWith("""
                            === DB → Storage Check ===
                            ⚠️  Found 3 orphaned records, 1 here and 2 under Near Matches:
                              - gone.png (record: 103, created: 2024-01-10)

                            === Storage → DB Check ===
                            ⚠️  Found 2 orphaned files, listed under Near Matches

                            === Near Matches ===
                            ⚠️  2 pairs of a file and a record, probably one asset under two keys: correct a key, clean up neither
                              - Lion.png ↔ lion.png (record: 101; differs by case)
                              - alone.png ↔ %s/alone.png (record: 102; differs by bucket or host prefix)

                            === Summary ===
                            Orphaned files: 2
                            Orphaned records: 3
                            Near matches: 2
                            """.formatted(assets.bucket()));
        }
    }
}
