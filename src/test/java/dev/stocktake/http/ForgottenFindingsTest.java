package dev.stocktake.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BetweenRoutes;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.LogLines;
import dev.stocktake.run.Run;
import dev.stocktake.run.Runs;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What becomes of the findings of old runs, and what whoever asks for them hears. */
class ForgottenFindingsTest {
    private final CleanableAssets cleanable = new CleanableAssets();
    private final Assets assets = cleanable.assets().objects("orphan", "b/near").records("lost", "B/near");

    @AfterEach
    void close() {
        cleanable.close();
    }

    @Test
    void isToldPlainlyOfEveryRunThatHadAny() {
        StartedStocktake stocktake = cleanable.add(StartedStocktake.serving(cleanable.environment(Map.of())));
        Api api = Api.of(stocktake);
        Run old = ago(stocktake.run(), 91);
        String before = api.get("/api/runs/" + old.id() + "/report.txt").body();
        assertThat(before).contains("Found 2 orphaned files", "  - orphan (", "  - b/near ↔ B/near");

        assertThat(api.get("/api/cron/maintenance").statusCode()).isEqualTo(200);

        String path = "/api/runs/" + old.id();
        await().atMost(Duration.ofSeconds(30)).until(() -> isForgotten(old));
        assertThat(findingsOf(old)).isZero();
        JsonNode run = Api.json(api.get(path));
        String at = run.path("findings_forgotten_at").asText();
        assertThat(at).matches("20.*Z");
        assertThat(run.path("orphaned_files").asInt()).isEqualTo(2);
        String sentence = "The findings of run " + old.id() + " were forgotten at " + at.substring(0, 19)
                + "Z, when they were older than KEEP_FINDINGS; its verdict and its counts are kept.";
        for (String query : new String[] {"", "?kind=orphaned_file", "?after=orphan&limit=3"}) {
            assertThat(Api.problem(api.get(path + "/findings" + query), 410)
                            .path("detail")
                            .asText())
                    .isEqualTo(sentence);
        }
        String which = "; which, was forgotten at " + at.substring(0, 19) + "Z, when it was older than KEEP_FINDINGS\n";
        assertThat(api.get(path + "/report.txt").body())
                .contains(
                        "⚠️  Found 2 orphaned records" + which,
                        "⚠️  Found 2 orphaned files" + which,
                        "⚠️  1 pair of a file and a record, probably one asset under two keys" + which,
                        "\nOrphaned files: 2\nOrphaned records: 2\nNear matches: 1\n")
                .doesNotContain("  - ", "✅");
        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.ofRun(old.id())))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(sentence + " Run cleanup-assets again.");
        assertThat(Api.json(stocktake.application().reports().json(stored(old)))
                        .path("findings")
                        .isNull())
                .isTrue();
        assertThatThrownBy(() -> stocktake.application().reports().findings(stored(old)))
                .hasMessage(sentence);
        Run newest = stocktake.run();
        assertThat(Api.json(api.get("/api/runs/" + newest.id() + "/findings")).path("findings"))
                .hasSize(4);
        assertThat(Api.json(api.get("/api/runs/" + newest.id()))
                        .path("findings_forgotten_at")
                        .isNull())
                .isTrue();
    }

    @Test
    void aRunThatFoundNothingHasNothingThatCouldBeForgotten() {
        assets.hold(cleanable.keys(), cleanable.keys());
        StartedStocktake stocktake = cleanable.add(StartedStocktake.serving(cleanable.environment(Map.of())));
        Run old = ago(stocktake.run(), 400);
        assertThat(old.hasOrphans()).isFalse();

        stocktake.run();
        stocktake.application().forgetOldFindings();

        Api api = Api.of(stocktake);
        assertThat(Api.json(api.get("/api/runs/" + old.id() + "/findings")).path("findings"))
                .isEmpty();
        assertThat(api.get("/api/runs/" + old.id() + "/report.txt").body()).contains("✅");
    }

    @Test
    void thoseOfAPlanStayUntilItsQuarantineIsPurged() {
        StartedStocktake stocktake = cleanable.start(Map.of());
        Plan plan = cleanable.moved(stocktake);
        assets.database()
                .execute("UPDATE stocktake.run SET started_at = started_at - interval '200 days',"
                        + " finished_at = finished_at - interval '200 days'");
        cleanable.asOwner("UPDATE stocktake.plan SET expires_at = expires_at - interval '200 days'");
        stocktake.run();

        stocktake.application().forgetOldFindings();
        assertThat(findingsOf(plan.runId())).isEqualTo(4);

        stocktake.application().purge(stocktake.application().purges().due(Duration.ZERO), "somebody");
        stocktake.application().forgetOldFindings();
        assertThat(findingsOf(plan.runId())).isZero();
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT count(*) FROM stocktake.run")
                        .query(Long.class)
                        .single())
                .isEqualTo(3);
        assertThat(cleanable.actions()).isNotEmpty();
        assertThat(stocktake.application().plans().items(plan.id(), 0, 10)).isNotEmpty();
    }

    @Test
    void thoseOfAPlanThatMayStillBeConfirmedStay() {
        StartedStocktake stocktake = cleanable.start(Map.of());
        Run old = cleanable.twice(stocktake);
        stocktake.application().plan(PlanOrders.files());
        ago(old, 91);
        stocktake.run();

        stocktake.application().forgetOldFindings();

        assertThat(findingsOf(old)).isEqualTo(4);
    }

    @Test
    void noneIsForgottenWhereTheyAreKeptForEver() {
        StartedStocktake stocktake = cleanable.start(Map.of("KEEP_FINDINGS", "forever"));
        Run old = ago(stocktake.run(), 4000);
        stocktake.run();
        stocktake.application().forgetOldFindings();
        assertThat(findingsOf(old)).isEqualTo(4);

        cleanable.start(Map.of("KEEP_FINDINGS", "90d")).application().forgetOldFindings();

        assertThat(findingsOf(old)).isZero();
    }

    @Test
    void aRunThatIsUnderWayIsLeftAloneHoweverLongAgoItBegan(@TempDir Path folder) {
        StartedStocktake other = cleanable.start(Map.of("S3_PREFIX", "b/", "KEEP_FINDINGS", "1d"));
        List<Long> left = new ArrayList<>();
        EditedRoutes routes = BetweenRoutes.before(
                EditedRoutes.in(folder),
                "compare.camel.yaml",
                "Counts the stored findings, which the verdict must agree with",
                () -> {
                    assets.database().execute("UPDATE stocktake.run SET started_at = started_at - interval '400 days'");
                    other.application().forgetOldFindings();
                    left.add(findings());
                });
        StartedStocktake stocktake = cleanable.start(Map.of(), routes);

        assertThat(stocktake.run().isComplete()).isTrue();
        assertThat(left).containsExactly(4L);
    }

    @Test
    void aFailureIsALineInTheLogAndTheVerdictStands() {
        StartedStocktake stocktake = cleanable.start(Map.of());
        Run old = ago(stocktake.run(), 91);
        assets.database().execute("""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'not today' USING ERRCODE = '42501'; END $$""");
        assets.database()
                .execute(
                        "CREATE TRIGGER refuse BEFORE DELETE ON stocktake.finding FOR EACH ROW EXECUTE FUNCTION refuse()");
        try (LogLines logs = LogLines.recorded()) {
            Run run = stocktake.run();
            stocktake.application().forgetOldFindings();

            assertThat(run.isComplete()).isTrue();
            assertThat(logs.events())
                    .filteredOn(event -> event.getFormattedMessage().contains("KEEP_FINDINGS"))
                    .singleElement()
                    .satisfies(event -> {
                        assertThat(event.getLevel()).isEqualTo(Level.WARN);
                        assertThat(event.getThrowableProxy()).isNull();
                    })
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .asString()
                    .startsWith(
                            "Not all findings older than KEEP_FINDINGS could be deleted; the next run goes on with it: ")
                    .doesNotContain("Exception");
        }
        assertThat(findingsOf(old)).isEqualTo(4);
        assets.database().execute("DROP TRIGGER refuse ON stocktake.finding");

        stocktake.application().forgetOldFindings();

        assertThat(findingsOf(old)).isZero();
    }

    @Test
    void copiesThatADeadRunLeftGoToo() {
        StartedStocktake stocktake = cleanable.start(Map.of());
        Run run = stocktake.run();
        assets.database()
                .execute("INSERT INTO stocktake.copied_record (run_id, storage_key, record_id) VALUES ('" + run.id()
                        + "', 'a', '1')");
        assets.database()
                .execute(
                        "INSERT INTO stocktake.copied_object (run_id, storage_key, size, last_modified, page) VALUES ('"
                                + run.id() + "', 'a', 1, now(), 1)");

        stocktake.application().forgetOldFindings();

        for (String table : new String[] {"copied_record", "copied_object"}) {
            assertThat(assets.database()
                            .sql()
                            .sql("SELECT count(*) FROM stocktake." + table)
                            .query(Long.class)
                            .single())
                    .isZero();
        }
    }

    private Run stored(Run run) {
        DataSource results = new DriverManagerDataSource(assets.database().jdbcUrl());
        return new Runs(results, "", "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC())
                .find(run.id())
                .orElseThrow();
    }

    private Run ago(Run run, int days) {
        String back = " - interval '" + days + " days'";
        assets.database()
                .execute("UPDATE stocktake.run SET started_at = started_at" + back + ", finished_at = finished_at"
                        + back + " WHERE id = '" + run.id() + "'");
        assets.database()
                .execute("UPDATE stocktake.finding SET found_at = found_at" + back + " WHERE run_id = '" + run.id()
                        + "'");
        return run;
    }

    private boolean isForgotten(Run run) {
        return assets.database()
                .sql()
                .sql("SELECT findings_forgotten_at IS NOT NULL AND NOT forgetting FROM stocktake.run WHERE id = ?")
                .param(run.id())
                .query(Boolean.class)
                .single();
    }

    private long findings() {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.finding")
                .query(Long.class)
                .single();
    }

    private long findingsOf(Run run) {
        return findingsOf(run.id());
    }

    private long findingsOf(UUID run) {
        return assets.database()
                .sql()
                .sql("SELECT count(*) FROM stocktake.finding WHERE run_id = ?")
                .param(run)
                .query(Long.class)
                .single();
    }
}
