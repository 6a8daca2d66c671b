package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.stocktake.embedded.EmbeddedDatabase;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.settings.SettingsException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** As many ranges side by side as the databases have connections for. */
class ConnectionLimitsTest {
    private final Map<String, String> environment = Assets.empty().environment();
    private final Database records = TestServers.databases().create();
    private final Database results = TestServers.databases().create();

    @Test
    void theServerOfBothDatabasesMustAllowWhatTheyNeedTogether() {
        try (EmbeddedDatabase small = EmbeddedDatabase.start(23)) {
            Database both = small.create();
            environment.put("DATABASE_URL", both.url());

            assertThat(refusal(5))
                    .isEqualTo("PARALLELISM must be at most 4 here, because the server of 127.0.0.1:" + small.port()
                            + "/" + both.name()
                            + " allows 20 connections and each range may take 3, beside 8 for all, was: 5");
            assertStarts(4);
        }
    }

    @Test
    void twoDatabasesOfOneServerAreAddedUp() {
        try (EmbeddedDatabase small = EmbeddedDatabase.start(23)) {
            environment.put("DATABASE_URL", small.create().url());
            environment.put("RESULTS_DATABASE_URL", small.create().url());

            assertThat(refusal(5))
                    .startsWith("PARALLELISM must be at most 4 here")
                    .endsWith(", was: 5");
            assertStarts(4);
        }
    }

    @Test
    void twoServersAreLookedAtEachByItself() {
        try (EmbeddedDatabase small = EmbeddedDatabase.start(23)) {
            environment.put("DATABASE_URL", small.create().url());
            environment.put("RESULTS_DATABASE_URL", results.url());

            assertThat(refusal(19))
                    .startsWith("PARALLELISM must be at most 18 here")
                    .contains(" allows 20 connections and each range may take 1, beside 2 for all");
            assertStarts(18);
        }
    }

    @Test
    void aServerThatIsTooSmallForASingleRangeIsNamedByItsSetting() {
        try (EmbeddedDatabase small = EmbeddedDatabase.start(13)) {
            environment.put("DATABASE_URL", small.create().url());

            assertThat(refusal(1))
                    .startsWith(
                            "DATABASE_URL must be where at least 11 connections are allowed, because the server of ")
                    .endsWith(" allows 10 connections and each range may take 3, beside 8 for all");
        }
    }

    @Test
    void theLimitOfARoleHolds() {
        results.execute("CREATE ROLE limited LOGIN PASSWORD 'limited' CONNECTION LIMIT 14");
        environment.put("DATABASE_URL", records.url("limited", "limited"));
        environment.put("RESULTS_DATABASE_URL", results.url());

        assertThat(refusal(13))
                .startsWith("PARALLELISM must be at most 12 here, because the role limited of ")
                .contains(" allows 14 connections");
        assertStarts(12);
    }

    @Test
    void theLimitOfADatabaseHoldsForAllButSuperusers() {
        results.execute("CREATE ROLE reader LOGIN PASSWORD 'reader'");
        records.execute("ALTER DATABASE " + records.name() + " CONNECTION LIMIT 11");
        environment.put("RESULTS_DATABASE_URL", results.url());

        environment.put("DATABASE_URL", records.url());
        assertStarts(16);

        environment.put("DATABASE_URL", records.url("reader", "reader"));
        assertThat(refusal(16))
                .startsWith("PARALLELISM must be at most 9 here, because the database 127.0.0.1:")
                .contains(" allows 11 connections");
        assertStarts(9);
    }

    @Test
    void aRecordsDatabaseThatDoesNotTellStopsNoStart() {
        environment.put("DATABASE_URL", "postgres://nobody:nothing@127.0.0.1:9/none?connect_timeout=1");
        environment.put("RESULTS_DATABASE_URL", results.url());

        assertStarts(16);
    }

    private String refusal(int parallelism) {
        environment.put("PARALLELISM", Integer.toString(parallelism));
        List<String> problems = catchThrowableOfType(
                        SettingsException.class,
                        () -> StartedStocktake.forOneRun(environment).close())
                .problems();
        assertThat(problems).hasSize(1);
        return problems.get(0);
    }

    private void assertStarts(int parallelism) {
        environment.put("PARALLELISM", Integer.toString(parallelism));
        StartedStocktake.forOneRun(environment).close();
    }
}
