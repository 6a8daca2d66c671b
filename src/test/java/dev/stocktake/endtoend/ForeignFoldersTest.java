package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.Application;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.ForeignFolder;
import dev.stocktake.run.Run;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of another table or application in the same bucket. */
class ForeignFoldersTest {
    private final Assets assets = Assets.empty();

    private static List<String> keys(String form, int count) {
        return IntStream.range(0, count).mapToObj(form::formatted).toList();
    }

    private StartedStocktake start() {
        return StartedStocktake.forOneRun(assets.environment());
    }

    /** Both sides. */
    private void matched(String form, int count) {
        List<String> keys = keys(form, count);
        assets.objects(keys).records(keys);
    }

    /** After a run that found nothing to be suspicious of, so that the number of orphans alone is not. */
    private Run suspected(StartedStocktake stocktake) {
        Run run = stocktake.run();
        assertThat(run.isComplete()).as(run.failure()).isTrue();
        return run;
    }

    private static List<String> folders(Run run) {
        return run.foreignFolders().stream().map(ForeignFolder::folder).toList();
    }

    @Test
    void filesOfAnotherTableAreSuspiciousUntilSomebodyAnswersForThem() {
        matched("assets/%03d.png", 960);
        assets.objects(keys("users/%d.png", 40));
        assets.store().put(assets.bucket(), "users/7.png", new byte[] {1}, Instant.parse("2024-01-12T12:00:00Z"));
        try (StartedStocktake stocktake = start()) {
            Application application = stocktake.application();
            suspected(stocktake);
            Run second = suspected(stocktake);
            String found = "Nothing in the folder \"users/\" matches, and 40 files there are orphaned, the newest"
                    + " \"users/7.png\" of 2024-01-12";

            assertThat(second.suspicions())
                    .containsExactly(
                            found + ": they may belong to another table or application. Acknowledge the run, or"
                                    + " add that table to the records query");
            assertThat(application.reports().json(second)).contains("\"folder\" : \"users/\"", "\"files\" : 40");
            assets.backdateFindings();
            assertThatThrownBy(() -> application.plan(PlanOrders.files()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining(found);

            application.acknowledgements().acknowledge(second.id(), "somebody", "nobody needs them");

            assertThat(application.plan(PlanOrders.ofRun(second.id())).tooFewSightings())
                    .as("the first run does not count")
                    .isEqualTo(40);
            Run third = suspected(stocktake);
            assertThat(third.suspicions()).isEmpty();
            assertThat(third.remarks())
                    .isEqualTo(found + ", as is known by the acknowledgement of run " + second.id() + ".");
            assertThat(application.reports().text(third)).endsWith("Note: " + third.remarks() + "\n");
            assets.backdateFindings();
            assertThat(application.plan(PlanOrders.files()).plan().items()).isEqualTo(40);

            assets.objects(keys("users/new/%d.png", 10)).objects(keys("teams/%d.png", 10));
            Run fourth = suspected(stocktake);
            assertThat(fourth.suspicions())
                    .singleElement()
                    .asString()
                    .startsWith("Nothing in the folder \"teams/\" matches, and 10 files");
            assertThat(folders(fourth)).containsExactly("users/", "teams/");
        }
    }

    @Test
    void aTableThatTheRecordsQueryNamesIsNotForeign(@TempDir Path folder) {
        matched("assets/%03d.png", 200);
        assets.objects(keys("users/%d.png", 20));
        assets.database().execute("CREATE TABLE users (id bigint PRIMARY KEY, avatar text)");
        assets.database()
                .execute("INSERT INTO users SELECT i, 'users/' || i || '.png' FROM generate_series(0, 9) AS i");
        assets.database().execute("CREATE INDEX ON users (avatar COLLATE \"C\") WHERE octet_length(avatar) <= 1024");
        EditedRoutes routes = EditedRoutes.in(folder)
                .replace(
                        "records.camel.yaml",
                        "SELECT storage_key, id AS record_id, created_at\n          FROM assets",
                        "SELECT storage_key, 'asset ' || id AS record_id, created_at FROM assets UNION ALL"
                                + " SELECT avatar, 'user ' || id, NULL FROM users");
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment(), routes)) {
            Run run = suspected(stocktake);

            assertThat(run.counts().orphanedFiles()).isEqualTo(10);
            assertThat(run.suspicious()).isNull();
        }
    }

    @Test
    void aFolderWithOneMatchIsNotForeign() {
        matched("assets/%03d.png", 200);
        assets.objects(keys("users/%d.png", 20)).records("users/7.png");
        try (StartedStocktake stocktake = start()) {
            assertThat(suspected(stocktake).suspicious()).isNull();
        }
    }

    @Test
    void orphanedRecordsAndNearMatchesSpeakForNoFolder() {
        matched("assets/%03d.png", 200);
        assets.objects(keys("users/%d.png", 20)).objects("users/Lion.png");
        assets.records(keys("users/gone-%d.png", 5)).records("users/lion.png", "users/lion.png");
        try (StartedStocktake stocktake = start()) {
            assertThat(suspected(stocktake).suspicions())
                    .singleElement()
                    .asString()
                    .startsWith("Nothing in the folder \"users/\" matches, and 20 files there are orphaned");
        }
    }

    @ParameterizedTest(name = "{index}")
    @ValueSource(
            strings = {
                "100%/",
                "%2F/",
                "it's \"quoted\"/",
                "größe ☃/",
                "\uDBFF\uDFFF/",
                "a\uDBFF\uDFFF\uDBFF\uDFFF/",
                "a b+c/",
                "?x#y/",
                ":z/",
                "/",
                "//x/",
                "..\\/",
                "new\nline/"
            })
    void whateverItIsCalled(String folder) {
        matched("assets/%03d.png", 200);
        // next to it in the order of keys
        assets.records(folder.substring(0, folder.length() - 1) + "0", folder.substring(0, folder.length() - 1) + "_");
        assets.objects(IntStream.range(0, 12).mapToObj(i -> folder + "x/" + i).toList());
        try (StartedStocktake stocktake = start()) {
            Run run = suspected(stocktake);

            assertThat(run.suspicions()).hasSize(1);
            assertThat(folders(run)).containsExactly(folder.equals("/") ? "/x/" : folder);
            stocktake.application().acknowledgements().acknowledge(run.id(), "somebody", "known");
            assertThat(suspected(stocktake).suspicious()).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"media/, media/users/", "media, media/users/", "med, media/users/", "media/us, media/users/"})
    void belowThePrefix(String prefix, String folder) {
        matched("media/assets/%03d.png", 200);
        matched("media/user-%03d.png", 200);
        matched("other/%03d.png", 20);
        assets.objects(keys("media/users/%d.png", 12)).objects(keys("others/%d", 20));
        Map<String, String> environment = assets.environment();
        environment.put("S3_PREFIX", prefix);
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment)) {
            assertThat(folders(suspected(stocktake))).containsExactly(folder);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"assets/users/%d.png", "assets/a/users/%d.png"})
    void belowAFolderWithFewOthers(String form) {
        matched("assets/a/b/%03d.png", 200);
        matched("assets/c/%03d.png", 20);
        assets.objects(keys(form, 12));
        try (StartedStocktake stocktake = start()) {
            assertThat(folders(suspected(stocktake))).containsExactly(form.replace("%d.png", ""));
        }
    }

    @Test
    void aFolderAmongManyIsAnAssets() {
        List<String> renditions = new ArrayList<>();
        for (int asset = 0; asset < 21; asset++) {
            renditions.addAll(keys("assets/" + asset + "/%d.png", 12));
        }
        assets.objects(renditions).records(renditions.subList(12, renditions.size()));
        // and what is below one of them
        assets.objects(keys("assets/7/old/%d.png", 12));
        try (StartedStocktake stocktake = start()) {
            Run run = suspected(stocktake);

            assertThat(run.counts().orphanedFiles()).isEqualTo(24);
            assertThat(run.suspicious()).isNull();
        }
    }

    @Test
    void fewFilesOrNoFolderAreNotForeign() {
        matched("assets/%03d.png", 200);
        assets.objects(keys("users/%d.png", 9)).objects(keys("loose-%d.png", 20));
        try (StartedStocktake stocktake = start()) {
            assertThat(suspected(stocktake).suspicious()).isNull();
        }
    }

    @Test
    void alsoWhereTheRecordsAreCopied() {
        matched("assets/%03d.png", 200);
        assets.objects(keys("users/%d.png", 12))
                .objects(keys("teams/%d.png", 12))
                .records("teams/3.png");
        assets.database().execute("DROP INDEX assets_storage_key_idx");
        try (StartedStocktake stocktake = start()) {
            Run run = suspected(stocktake);

            assertThat(run.remarks()).contains("compared in a copy");
            assertThat(folders(run)).containsExactly("users/");
            stocktake.application().acknowledgements().acknowledge(run.id(), "somebody", "known");
            assertThat(suspected(stocktake).remarks().lines()).hasSize(2);
        }
    }

    @Test
    void manyAreNamedInPart() {
        matched("assets/%03d.png", 1000);
        for (int i = 10; i < 22; i++) {
            assets.objects(keys("app-" + i + "/%d", i));
        }
        try (StartedStocktake stocktake = start()) {
            Run run = suspected(stocktake);

            assertThat(run.suspicions()).hasSize(11).last().asString().startsWith("The same is true of 2 more folders");
            assertThat(run.suspicions().get(0)).startsWith("Nothing in the folder \"app-21/\"");
            assertThat(run.foreignFolders()).hasSize(12);
        }
    }
}
