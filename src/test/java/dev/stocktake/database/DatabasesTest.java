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
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {"serializable", "repeatable read"})
    void everyTransactionIsReadCommittedWhateverTheDefaultOfTheRole(String isolation) {
        String role = "role_" + isolation.charAt(0) + "_of_" + database.name();
        database.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'");
        DatabaseUrl url = DatabaseUrl.parse(database.url(role, "secret"));
        try (SharedConnections records = Databases.records(url, 8);
                SharedConnections results = Databases.results(url, 8)) {
            for (DataSource kind : List.of(records, Databases.writable(records), results, Databases.copies(results))) {
                database.execute("ALTER ROLE " + role + " RESET default_transaction_isolation");
                try (Connection before = kind.getConnection()) {
                    assertThat(isolation(before)).isEqualTo("read committed");
                    database.execute("ALTER ROLE " + role + " SET default_transaction_isolation = '" + isolation + "'");
                    try (Connection after = kind.getConnection()) {
                        assertThat(isolation(after)).isEqualTo("read committed");
                    }
                }
            }
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** PostgreSQL refuses rather than hides, also where a policy comes after the start of a run. */
    @Test
    void everyConnectionToTheRecordsIsShownAllRowsUnlessFilteredIsSaid() throws SQLException {
        DatabaseUrl url = DatabaseUrl.parse(database.url());
        try (SharedConnections records = Databases.records(url, 2);
                SharedConnections filtered = Databases.records(url, 2)) {
            Databases.showFiltered(filtered);

            assertThat(rowSecurity(records)).isEqualTo("off");
            assertThat(rowSecurity(Databases.writable(records))).isEqualTo("off");
            assertThat(rowSecurity(filtered)).isEqualTo("on");
        }
    }

    private static String rowSecurity(DataSource records) throws SQLException {
        try (Connection connection = records.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW row_security")) {
            row.next();
            return row.getString(1);
        }
    }

    /** The next to get such a connection may be the application, with the same role. */
    @Test
    void behindAPoolerThatSharesConnectionsByTransactionsNothingStaysSetOnThem() throws SQLException {
        DatabaseUrl url = DatabaseUrl.parse(database.url() + "?pgbouncer=true");
        try (SharedConnections records = Databases.records(url, 2);
                SharedConnections results = Databases.results(url, 2)) {
            try (Connection connection = records.getConnection()) {
                assertThat(shown(connection)).containsExactly("off", "off", "on", "read committed");
                connection.rollback();
                connection.setAutoCommit(true);
                assertThat(shown(connection)).containsExactly("on", "on", "off", "read committed");
            }
            try (Connection connection = Databases.writable(records).getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE written_in_between (id int)");
            }
            assertThat(rowSecurity(records)).isEqualTo("off");
            assertThat(database.sql()
                            .sql("SELECT count(*) FROM written_in_between")
                            .query(Long.class)
                            .single())
                    .isZero();
            try (Connection connection = results.getConnection()) {
                assertThat(shown(connection)).containsExactly("on", "on", "off", "read committed");
            }
            Databases.showFiltered(records);
            assertThat(rowSecurity(records)).isEqualTo("on");
        }
    }

    private static List<String> shown(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('row_security'),"
                        + " current_setting('enable_sort'), current_setting('transaction_read_only'),"
                        + " current_setting('transaction_isolation')")) {
            row.next();
            return List.of(row.getString(1), row.getString(2), row.getString(3), row.getString(4));
        }
    }

    private static String isolation(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW transaction_isolation")) {
            row.next();
            return row.getString(1);
        }
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
