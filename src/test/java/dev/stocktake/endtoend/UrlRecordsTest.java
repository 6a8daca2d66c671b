package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.embedded.HostileStore;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records that name their files by a URL, or by what is left of one: no plan has the files. */
class UrlRecordsTest {
    private static final String URL = "https://cdn.example.com/assets/c.png?v=3";

    private final Assets assets = Assets.empty();
    private final HostileStore store =
            HostileStore.before(assets.store().endpoint().getPort());

    @BeforeEach
    void enoughThatIsMatched() {
        List<String> matched =
                IntStream.range(0, 40).mapToObj(i -> "assets/matched-" + i).toList();
        assets.objects(matched).records(matched).objects("assets/orphan.png");
        // as stores do that take any key in an address
        store.refuse(request -> request.method().equals("HEAD") && request.key().contains("//"), 404, "NoSuchKey");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aFileOfARecordWithAUrlIsInNoPlanAndBothFindingsNameTheSteps() {
        assets.objects("assets/c.png").records(URL);
        try (StartedStocktake stocktake = start(Map.of())) {
            Run run = twoRuns(stocktake);

            assertThat(found(run))
                    .containsExactly(
                            "orphaned_file assets/c.png -> " + URL + " by bucket_or_host_prefix,query_and_fragment",
                            "orphaned_record " + URL + " -> assets/c.png by bucket_or_host_prefix,query_and_fragment");
            assertThat(stocktake.application().reports().text(run))
                    .contains("Found 2 orphaned files, 1 here and 1 under Near Matches:")
                    .contains("  - assets/c.png ↔ " + URL
                            + " (record: 41; differs by bucket or host prefix, query and fragment)\n")
                    .contains("\nNear matches: 1\n");
            assertThatOnlyTheOrphanIsPlanned(stocktake, 1);
        }
    }

    @Test
    void norIsOneWhoseRecordNamesItInAnyOtherWayThatUrlsAreWritten() {
        String bucket = assets.bucket();
        Map<String, String> recordsOfFiles = new LinkedHashMap<>();
        recordsOfFiles.put("host.png", "https://cdn.example.com/host.png");
        recordsOfFiles.put("path-style.png", "https://s3.example.com/" + bucket + "/path-style.png");
        recordsOfFiles.put("virtual.png", "https://" + bucket + ".s3.example.com/virtual.png?versionId=1");
        recordsOfFiles.put("scheme.png", "s3://" + bucket + "/scheme.png#top");
        recordsOfFiles.put(
                "public.png", "https://x.example.com/storage/v1/object/public/" + bucket + "/public.png?width=200");
        recordsOfFiles.put("relative.png", "//cdn.example.com/relative.png?v=3");
        recordsOfFiles.put("a space.png", "https://cdn.example.com/a%20space.png?v=3");
        recordsOfFiles.put("a plus.png", "https://cdn.example.com/a+plus.png?v=3");
        recordsOfFiles.put("twice encoded.png", "https://cdn.example.com/twice%2520encoded.png");
        recordsOfFiles.put("percent%20.png", "https://cdn.example.com/percent%2520.png?v=3");
        recordsOfFiles.put("query?of=key", "https://cdn.example.com/query%3Fof=key?v=3");
        recordsOfFiles.put("plain?query", "https://cdn.example.com/plain?query");
        recordsOfFiles.put("hash#1.png", "https://cdn.example.com/hash%231.png?v=3#top");
        recordsOfFiles.put("caf\u00E9.png", "https://cdn.example.com/cafe\u0301.png?v=3");
        recordsOfFiles.put("encoded-caf\u00E9.png", "https://cdn.example.com/encoded-caf%C3%A9.png?v=3");
        recordsOfFiles.put("Case.png", "https://cdn.example.com/case.PNG?v=3");
        recordsOfFiles.put("slashes/a.png", "https://cdn.example.com//slashes/a.png?v=3");
        recordsOfFiles.put("slashes/b.png", "https://cdn.example.com/slashes//b.png?v=3");
        recordsOfFiles.put("space.png", "https://cdn.example.com/space.png?v=3 ");
        recordsOfFiles.put("newline.png", "/newline.png\n");
        assets.objects(recordsOfFiles.keySet()).records(recordsOfFiles.values());
        try (StartedStocktake stocktake = start(Map.of())) {
            Run run = twoRuns(stocktake);

            assertThat(run.counts().nearMatches()).isEqualTo(recordsOfFiles.size());
            assertThatOnlyTheOrphanIsPlanned(stocktake, recordsOfFiles.size());
        }
    }

    @Test
    void aRecordThatDoesNotBeginWithThePrefixNamesAFileAllTheSame() {
        assets.objects("assets/c.png").records(Arrays.asList(URL, "other/c.png", "", null));
        try (StartedStocktake stocktake = start(Map.of("S3_PREFIX", "assets/"))) {
            Run run = twoRuns(stocktake);

            assertThat(run.counts().orphanedRecords()).isZero();
            assertThat(found(run))
                    .containsExactly(
                            "orphaned_file assets/c.png -> " + URL + " by bucket_or_host_prefix,query_and_fragment");
            assertThat(stocktake.application().reports().text(run))
                    .contains("  - assets/c.png ↔ " + URL
                            + " (record was not compared; differs by bucket or host prefix, query and fragment)\n");
            assertThatOnlyTheOrphanIsPlanned(stocktake, 1);
        }
    }

    @Test
    void soDoesOneThatIsLongerThanAnyKey() {
        String signed = URL + "&signature=" + "0".repeat(2000);
        assets.objects("assets/c.png").records(signed);
        try (StartedStocktake stocktake = start(Map.of())) {
            Run run = twoRuns(stocktake);

            assertThat(run.counts().invalid()).isOne();
            assertThat(found(run))
                    .containsExactly(
                            "orphaned_file assets/c.png -> " + signed + " by bucket_or_host_prefix,query_and_fragment");
            assertThatOnlyTheOrphanIsPlanned(stocktake, 1);
        }
    }

    private StartedStocktake start(Map<String, String> more) {
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MAX_RATIO", "50%");
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "50");
        environment.putAll(more);
        environment.put("S3_ENDPOINT", "http://127.0.0.1:" + store.port());
        // what is refused there has no date
        environment.put("GRACE_PERIOD", "0s");
        return StartedStocktake.forOneRun(environment);
    }

    private Run twoRuns(StartedStocktake stocktake) {
        stocktake.run();
        assets.backdateFindings();
        Run run = stocktake.run();
        assertThat(run.failure()).isNull();
        return run;
    }

    private List<String> found(Run run) {
        return assets.database()
                .sql()
                .sql("SELECT concat_ws(' ', kind, storage_key, '->', near_match, 'by', near_match_by)"
                        + " FROM stocktake.finding WHERE run_id = ? AND near_match IS NOT NULL ORDER BY kind")
                .param(run.id())
                .query(String.class)
                .list();
    }

    private void assertThatOnlyTheOrphanIsPlanned(StartedStocktake stocktake, long nearMatches) {
        MadePlan made = stocktake.application().plan(PlanOrders.files());
        Plan plan = made.plan();
        assertThat(made.nearMatches()).isEqualTo(nearMatches);
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT storage_key FROM stocktake.plan_item WHERE plan_id = ?")
                        .param(plan.id())
                        .query(String.class)
                        .list())
                .containsExactly("assets/orphan.png");
    }
}
