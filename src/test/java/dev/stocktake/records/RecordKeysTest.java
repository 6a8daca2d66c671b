package dev.stocktake.records;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.database.Databases;
import dev.stocktake.embedded.AwkwardKeys;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.settings.DatabaseUrl;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordKeysTest {
    private static final String ALL = "COPY (SELECT storage_key FROM assets ORDER BY id) TO STDOUT";

    private final Database database = TestServers.databases().create();
    private final HikariDataSource records = Databases.records(DatabaseUrl.parse(database.url()), 1);
    private final RecordKeys keys = new RecordKeys(records);
    private final List<String> read = new ArrayList<>();

    @AfterEach
    void close() {
        records.close();
    }

    @Test
    void everyKeyIsReadAsItIs() {
        List<String> awkward = new ArrayList<>(AwkwardKeys.ADDRESSABLE);
        awkward.addAll(
                List.of("\\N", "\\.", "\\t", "\\", "\\\\", "\b\f\u000B", "a\tb\\\nc\r\n", "", "\uD83E\uDD81\uFFFF"));
        database.execute("CREATE TABLE assets (id bigint GENERATED ALWAYS AS IDENTITY, storage_key text)");
        awkward.forEach(key -> database.sql()
                .sql("INSERT INTO assets (storage_key) VALUES (?)")
                .param(key)
                .update());

        keys.read(ALL, "", read::add, () -> false);

        assertThat(read).isEqualTo(awkward);
    }

    @Test
    void whoeverIsStoppedReadsNoFurtherAndLeavesTheConnectionUsable() {
        // in FROM, PostgreSQL would make all rows before it gives the first
        String endless = "COPY (SELECT generate_series(1, 1000000000)::text) TO STDOUT";

        keys.read(endless, "", read::add, () -> read.size() == 10);
        keys.read("COPY (SELECT 'another') TO STDOUT", "", read::add, () -> false);

        assertThat(read).hasSize(11).endsWith("10", "another");
    }
}
