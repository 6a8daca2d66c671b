package dev.stocktake.records;

import dev.stocktake.compare.AssetRecord;
import dev.stocktake.compare.Checkpoint;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.RecordsMarker;
import dev.stocktake.compare.RecordsPage;
import dev.stocktake.compare.Tally;
import dev.stocktake.database.Databases;
import dev.stocktake.database.SharedConnections;
import dev.stocktake.failure.Explanation;
import dev.stocktake.failure.LogReadAgain;
import dev.stocktake.failure.Retries;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.near.NearMatches;
import dev.stocktake.near.NearRecords;
import dev.stocktake.run.RunInProgress;
import dev.stocktake.run.Runs;
import dev.stocktake.settings.DatabaseUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.sql.SqlEndpoint;
import org.apache.camel.main.Main;
import org.apache.camel.support.DefaultExchange;

/** The routes of the records, started by themselves on a records query. */
final class StartedRecords implements AutoCloseable {
    private final Main main = new Main();
    private final SharedConnections records;
    private final SharedConnections results;
    private final DataSource copies;
    private final KeySpace keySpace;
    private final Runs runs;

    private StartedRecords(String recordsUrl, String resultsUrl, String query, String prefix) {
        records = Databases.records(DatabaseUrl.parse(recordsUrl), 3);
        results = Databases.results(DatabaseUrl.parse(resultsUrl), 3);
        copies = Databases.copies(results);
        keySpace = new KeySpace(prefix);
        runs = new Runs(results, "bucket", prefix, () -> "", () -> "", Duration.ZERO, Clock.systemUTC());
        Databases.migrate(results);
        main.bind("recordsDatabase", records);
        main.bind("resultsDatabase", results);
        main.bind("copies", copies);
        RecordsClock clock = new RecordsClock();
        main.bind("recordRows", new RecordRows(clock));
        main.bind("recordsDatabaseCheck", new RecordsDatabaseCheck(records, keySpace, clock));
        main.bind("recordsCopy", new RecordsCopy(records, results));
        main.bind("nearRecords", new NearRecords(new RecordKeys(records)));
        main.bind("nearMatches", new NearMatches(results, new RecordKeys(records)));
        main.bind(
                "logReadAgain",
                new LogReadAgain(new Explanation("the store", "shop", "reader", "results"), new Retries()));
        main.setDefaultPropertyPlaceholderLocation("false");
        main.addInitialProperty("camel.component.sql.autowired-enabled", "false");
        main.configure().withRoutesIncludePattern(routes(query));
        main.start();
    }

    /** Over the same database for both, as its superuser. */
    static StartedRecords on(String url, String query) {
        return new StartedRecords(url, url, query, "");
    }

    static StartedRecords on(String recordsUrl, String resultsUrl, String query, String prefix) {
        return new StartedRecords(recordsUrl, resultsUrl, query, prefix);
    }

    private static String routes(String query) {
        try {
            EditedRoutes routes = EditedRoutes.in(Files.createTempDirectory("routes"))
                    .impatient()
                    .replace(
                            "records.camel.yaml",
                            "SELECT storage_key, id AS record_id, created_at",
                            query.replace("\n", "\n          "))
                    .replace("records.camel.yaml", "          FROM assets\n", "");
            return "file:" + routes.folder() + "/records*.camel.yaml,file:" + routes.folder()
                    + "/read-again.camel.yaml";
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Lets PostgreSQL read every statement of these routes that holds the records query; how many there are. */
    int prepareAll() throws SQLException {
        int prepared = 0;
        try (Connection connection = records.getConnection()) {
            for (Endpoint endpoint : camelContext().getEndpoints()) {
                if (endpoint instanceof SqlEndpoint sql
                        && sql.getPrepareStatementStrategy() instanceof RecordsQuery query) {
                    try (PreparedStatement statement =
                            connection.prepareStatement(query.prepareQuery(sql.getQuery(), true, exchange()))) {
                        statement.getParameterMetaData();
                        prepared++;
                    }
                }
            }
        }
        return prepared;
    }

    RunInProgress open() {
        return runs.open("cli");
    }

    RecordsDatabase check() {
        return (RecordsDatabase) send("check-records-database", exchange()).getBody();
    }

    /** Copies the records for a run; their number. */
    long copy(RunInProgress running) {
        Exchange exchange = exchange();
        exchange.setVariable("running", running);
        return send("copy-records", exchange).getBody(Long.class);
    }

    long copied(RunInProgress running) {
        Exchange exchange = exchange();
        exchange.setVariable("running", running);
        return send("count-copied-records", exchange).getBody(Long.class);
    }

    void deleteCopy(RunInProgress running) {
        Exchange exchange = exchange();
        exchange.setVariable("running", running);
        send("delete-copied-records", exchange);
    }

    /** Every record of the key space, page by page; from the copy of a run, or with null from where they are. */
    List<AssetRecord> pages(RunInProgress copiedFor) {
        List<AssetRecord> all = new ArrayList<>();
        RecordsMarker from = new RecordsMarker("", null);
        while (from != null) {
            Exchange exchange = atPage(from);
            if (copiedFor != null) {
                exchange.setVariable("running", copiedFor);
                exchange.setVariable("recordsDatabase", copied());
            }
            List<AssetRecord> page =
                    ((RecordsPage) send("query-records", exchange).getBody()).records();
            all.addAll(page);
            from = page.isEmpty()
                    ? null
                    : new RecordsMarker(
                            page.get(page.size() - 1).storageKey(),
                            page.get(page.size() - 1).recordId());
        }
        return all;
    }

    /** How PostgreSQL reads a page when nothing but the pool's settings turns its planner. */
    QueryPlan planOfPage(RunInProgress copiedFor, RecordsMarker from) throws SQLException {
        Exchange exchange = atPage(from);
        exchange.setVariable("running", copiedFor);
        try (Connection connection = (copiedFor == null ? records : copies).getConnection()) {
            return PageQuery.of(copiedFor == null ? "read-records" : "read-copied-records", exchange)
                    .explain(connection);
        }
    }

    private Exchange atPage(RecordsMarker from) {
        Exchange exchange = exchange();
        exchange.getIn()
                .setBody(Cursor.at(
                        new Checkpoint(
                                new Range(0, "", keySpace.end()), keySpace.prefix(), null, from, null, Tally.ZERO),
                        null,
                        Duration.ZERO,
                        0));
        return exchange;
    }

    private static RecordsDatabase copied() {
        return new RecordsDatabase(
                "UTF8",
                null,
                null,
                false,
                null,
                RecordsDatabase.Reading.COPY,
                false,
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private Exchange exchange() {
        return new DefaultExchange(camelContext());
    }

    private org.apache.camel.Message send(String route, Exchange exchange) {
        camelContext().createProducerTemplate().send("direct:" + route, exchange);
        if (exchange.getException() != null) {
            throw RuntimeCamelException.wrapRuntimeException(exchange.getException());
        }
        return exchange.getMessage();
    }

    private CamelContext camelContext() {
        return main.getCamelContext();
    }

    @Override
    public void close() {
        main.stop();
        records.close();
        results.close();
    }
}
