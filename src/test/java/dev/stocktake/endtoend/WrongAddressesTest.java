package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.embedded.StoreFaultProxy;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.InProcess;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.LogLines;
import dev.stocktake.run.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a store and databases are tried that are not where the settings say, and what is said meanwhile. */
class WrongAddressesTest {
    private static final String NOWHERE = "http://127.0.0.1:1";
    private static final Pattern TIME = Pattern.compile("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");

    @TempDir
    private Path folder;

    private Assets assets;
    private Map<String, String> environment;
    private EditedRoutes routes;

    @BeforeEach
    void prepare() throws IOException {
        assets = Assets.empty().objects("a").records("a");
        environment = assets.environment();
        // where the routes try again, they do so without delay
        routes =
                EditedRoutes.in(Files.createDirectory(folder.resolve("routes"))).impatient();
    }

    @Test
    void aPersonAtATerminalIsToldAtOnceWhatIsTriedForTenSecondsAndThenAllThatIsWrong() {
        environment.put("S3_ENDPOINT", NOWHERE);
        environment.put("RESULTS_DATABASE_URL", assets.database().url());
        environment.put("DATABASE_URL", "postgres://someone:s3cret-word@127.0.0.1:1/shop");

        BuiltJar.Result result = onTerminal("cleanup-assets");

        assertThat(result.output().lines().filter(line -> line.contains("No answer yet from the store")))
                .hasSize(1)
                .allSatisfy(line -> assertThat(line)
                        .contains("which is tried for 10 s, until 20", "S3_ENDPOINT", NOWHERE)
                        .containsPattern("until " + TIME));
        assertThat(result.output())
                .contains("No answer yet from the records database, which is tried for 10 s, until 20")
                .contains("❌ NO VERDICT")
                .containsPattern(
                        "Reason: The store .*S3_ENDPOINT.* the records database .*DATABASE_URL.* Tried for 10 s\\.")
                .doesNotContain("Trying again", "s3cret-word");
        assertThat(result.exitStatus()).isEqualTo(3);
        assertThat(failures()).hasSize(1).allMatch(failure -> failure.contains("Tried for 10 s."));
    }

    @Test
    void withoutATerminalTheRoutesKeepTheirPatienceAndSayHowLong() {
        environment.put("S3_ENDPOINT", NOWHERE);
        routes.replace("read-again.camel.yaml", "redeliveryDelay: 1", "redeliveryDelay: 10")
                .replace("read-again.camel.yaml", "backOffMultiplier: 1.75", "backOffMultiplier: 3");

        BuiltJar.Result result = new InProcess(folder, environment).run("cleanup-assets");

        assertThat(result.errors())
                .contains("Trying again (1 of 7, waiting about 11 s in all)", "Trying again (7 of 7")
                .doesNotContain("No answer yet from the store");
        assertThat(result.exitStatus()).isEqualTo(3);
    }

    @Test
    void aStoreThatAnsweredOnceIsTriedWithAllPatienceAtATerminalToo() {
        try (StoreFaultProxy proxy =
                        StoreFaultProxy.before(assets.store().endpoint().getPort());
                LogLines logs = LogLines.recorded()) {
            environment.put("S3_ENDPOINT", "http://127.0.0.1:" + proxy.port());
            try (StartedStocktake stocktake = StartedStocktake.onTerminal(environment, routes)) {
                stocktake.application().refuseSilence();
                proxy.cut();

                Run run = stocktake.run();

                assertThat(run.failure()).contains("S3_ENDPOINT").doesNotContain("Tried for");
            }
            assertThat(logs.with("Trying again (7 of 7")).isNotEmpty();
            assertThat(logs.with("No answer yet")).isEmpty();
        }
    }

    @Test
    void aResultsDatabaseThatIsDownIsSaidAtOnceWithOrWithoutATerminal() {
        environment.put("RESULTS_DATABASE_URL", "postgres://someone:s3cret-word@127.0.0.1:1/shop");

        BuiltJar.Result unwatched = new BuiltJar(folder, environment).run("serve");
        assertThat(unwatched.errors().lines().findFirst())
                .hasValueSatisfying(line -> assertThat(line)
                        .contains("No answer yet from the results database, which is tried for 5 s, until 20")
                        .containsPattern("until " + TIME)
                        .contains("127.0.0.1:1/shop"));
        assertThat(unwatched.errors()).contains("RESULTS_DATABASE_URL").doesNotContain("s3cret-word", "Exception");
        assertThat(unwatched.exitStatus()).isEqualTo(3);

        BuiltJar.Result watched = onTerminal("audit", "verify");
        assertThat(watched.output())
                .contains("No answer yet from the results database, which is tried for 10 s, until");
        assertThat(watched.exitStatus()).isEqualTo(3);
    }

    @Test
    void commandsOfAPersonWaitForWhatTheyAskOnly() {
        environment.put("S3_ENDPOINT", NOWHERE);

        BuiltJar.Result audit = onTerminal("audit", "verify");
        assertThat(audit.output()).doesNotContain("No answer yet from the store");
        assertThat(audit.exitStatus()).as(audit.output()).isZero();

        BuiltJar.Result purge = onTerminal("purge", "--older-than", "30d");
        assertThat(purge.output())
                .contains("No answer yet from the store, which is tried for 10 s, until")
                .contains("Tried for 10 s.");
        assertThat(purge.exitStatus()).isEqualTo(3);
    }

    private BuiltJar.Result onTerminal(String... arguments) {
        return new BuiltJar(folder, environment).runOnTerminal(List.of(), arguments);
    }

    private List<String> failures() {
        return assets.database()
                .sql()
                .sql("SELECT failure FROM stocktake.run")
                .query(String.class)
                .list();
    }
}
