package dev.stocktake.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.settings.DatabaseUrl;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Test;

class DatabasesTest {
    private static final Path MIGRATIONS = Path.of("src", "main", "resources", "db", "migration");

    private final Database database = TestServers.databases().create();

    @Test
    void theMigrationsAreNumberedFromOneAndTheNewestIsKnown() throws IOException {
        try (Stream<Path> files = Files.list(MIGRATIONS)) {
            assertThat(files.map(file -> file.getFileName().toString().replaceFirst("__.*", "")))
                    .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, Databases.NEWEST_MIGRATION)
                            .mapToObj(number -> "V" + number)
                            .toList());
        }
    }

    @Test
    void whatTheNewestVersionMadeIsLeftAlone() {
        migrate();
        database.execute("UPDATE stocktake.flyway_schema_history SET checksum = 0");

        migrate();
    }

    @Test
    void whatAnEarlierVersionMadeIsCheckedAndUpdated() {
        migrate();
        database.execute(
                "DELETE FROM stocktake.flyway_schema_history WHERE version = '" + Databases.NEWEST_MIGRATION + "'");
        database.execute("UPDATE stocktake.flyway_schema_history SET checksum = 0 WHERE version = '1'");

        assertThatThrownBy(this::migrate).isInstanceOf(FlywayException.class).hasMessageContaining("checksum");
    }

    @Test
    void aMigrationThatFailedIsNotPassedOver() {
        migrate();
        database.execute("UPDATE stocktake.flyway_schema_history SET success = false WHERE version = '"
                + Databases.NEWEST_MIGRATION + "'");

        assertThatThrownBy(this::migrate).isInstanceOf(FlywayException.class);
    }

    @Test
    void whatALaterVersionMadeIsLeftToFlyway() {
        migrate();
        database.execute("INSERT INTO stocktake.flyway_schema_history"
                + " SELECT installed_rank + 1, '999', description, type, script, 7, installed_by, installed_on,"
                + " execution_time, true FROM stocktake.flyway_schema_history WHERE version = '"
                + Databases.NEWEST_MIGRATION + "'");
        database.execute("UPDATE stocktake.flyway_schema_history SET checksum = 0 WHERE version = '1'");

        assertThatThrownBy(this::migrate).isInstanceOf(FlywayException.class).hasMessageContaining("checksum");
    }

    @Test
    void aDatabaseThatIsNotThereIsNotTakenForOneWithoutASchema() {
        assertThatThrownBy(() -> migrate("postgres://nobody@127.0.0.1:1/none"))
                .hasRootCauseInstanceOf(ConnectException.class);
    }

    private void migrate() {
        migrate(database.url());
    }

    private static void migrate(String url) {
        try (HikariDataSource results = Databases.results(DatabaseUrl.parse(url), 3)) {
            Databases.migrate(results);
        }
    }
}
