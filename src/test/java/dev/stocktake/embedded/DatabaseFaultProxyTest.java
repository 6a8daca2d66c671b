package dev.stocktake.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.TestServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What it does to a process; its faults are tested where they are used. */
class DatabaseFaultProxyTest {
    private final Database database = TestServers.databases().create();
    private final DatabaseFaultProxy proxy =
            DatabaseFaultProxy.before(TestServers.databases().port(), backend -> {});

    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        database.execute("CREATE TABLE things (name text)");
        connection = connected();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        proxy.close();
    }

    @Test
    void leadsAProcessThroughItWhateverTheAddress() throws SQLException {
        insert("one");

        assertThat(things()).isOne();
    }

    @Test
    void aPausedProcessDoesNothingUntilItGoesOn() throws Exception {
        proxy.pause();
        CompletableFuture<Void> insertion = CompletableFuture.runAsync(() -> insert("one"));

        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> insertion.get(200, TimeUnit.MILLISECONDS));

        assertThat(things()).isZero();
        proxy.resume();
        insertion.get(10, TimeUnit.SECONDS);
        assertThat(things()).isOne();
    }

    @Test
    void aProcessThatIsEndedDoesNothingMoreUntilItIsStartedAgain() throws SQLException {
        proxy.cut();

        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> insert("one"));
        assertThatExceptionOfType(SQLException.class).isThrownBy(this::connected);

        assertThat(things()).isZero();
        proxy.mend();
        connection = connected();
        insert("one");
        assertThat(things()).isOne();
    }

    private Connection connected() throws SQLException {
        return DriverManager.getConnection(
                database.jdbcUrl().replaceFirst("\\?.*", "") + proxy.way(), "postgres", "postgres");
    }

    private void insert(String name) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO things VALUES ('" + name + "')");
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private long things() {
        return database.sql()
                .sql("SELECT count(*) FROM things")
                .query(Long.class)
                .single();
    }
}
