package dev.stocktake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.stocktake.demo.Example;
import dev.stocktake.embedded.EmbeddedDatabase;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.InProcess;
import dev.stocktake.fixture.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command as its users meet it: report, exit status, settings, route files. */
class CleanupAssetsCommandTest {
    @TempDir
    private Path folder;

    private Assets assets;
    private Map<String, String> environment;
    private EditedRoutes routes;

    @BeforeEach
    void prepare() throws IOException {
        assets = Assets.empty();
        environment = assets.environment();
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "100");
        routes =
                EditedRoutes.in(Files.createDirectory(folder.resolve("routes"))).impatient();
    }

    private BuiltJar.Result run(String... options) {
        return new InProcess(folder, environment).run(command(options));
    }

    /** As shipped: where the process matters, its folder, its environment or the encoding of its streams. */
    private BuiltJar.Result runShipped(String... options) {
        return new BuiltJar(folder, environment).run(command(options));
    }

    private static String[] command(String... options) {
        return Stream.concat(Stream.of("cleanup-assets"), Stream.of(options)).toArray(String[]::new);
    }

    @Test
    void theExampleIsReportedToTheLetter() {
        EmbeddedDatabase.Database database = TestServers.databases().create();
        Example.fill(database, TestServers.store(), false);
        environment.put("DATABASE_URL", database.url());
        environment.put("S3_BUCKET", Example.BUCKET);

        BuiltJar.Result result = runShipped();

        assertThat(result.output()
                        .replaceFirst("Timestamp: 20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\n", "Timestamp: *\n"))
                .isEqualTo("""
                        === Storage Maintenance Report ===
                        Timestamp: *

                        === DB → Storage Check ===
                        ✅ All 150 DB records have corresponding files

                        === Storage → DB Check ===
                        ⚠️  Found 3 orphaned files:
                          - assets/lion/pl_preview.png (created: 2024-01-14)
                          - assets/cat/pl_preview.png (created: 2024-01-14)
                          - assets/dog/pl_preview.png (created: 2024-01-13)

                        === Summary ===
                        Orphaned files: 3
                        Orphaned records: 0
                        """);
        assertThat(result.errors().lines().filter(line -> line.contains("File exists but no DB record: assets/")))
                .hasSize(3);
        assertThat(result.exitStatus()).isEqualTo(1);
    }

    @Test
    void twoSidesThatAgreeEndWithStatus0AndNothingOnStandardError() {
        assets.objects("a", "b").records("a", "b");

        BuiltJar.Result result = run();

        assertThat(result.output())
                .contains("✅ All 2 DB records have corresponding files", "✅ All 2 files have DB records");
        assertThat(result.errors()).isEmpty();
        assertThat(result.exitStatus()).isZero();
    }

    @Test
    void twoEmptySidesAgree() {
        BuiltJar.Result result = run();

        assertThat(result.output()).contains("✅ All 0 DB records", "✅ All 0 files", "Orphaned files: 0");
        assertThat(result.exitStatus()).isZero();
    }

    @Test
    void theJsonReportIsOneDocumentByTheNamesOfTheColumns() throws IOException {
        assets.objects("a", "only a file").records("a", "only-a-record");

        BuiltJar.Result result = run("--format", "json");

        JsonNode report = new ObjectMapper().readTree(result.output());
        assertThat(report.get("status").asText()).isEqualTo("COMPLETE");
        assertThat(report.get("trigger").asText()).isEqualTo("cli");
        assertThat(report.get("orphaned_files").asInt()).isEqualTo(1);
        assertThat(report.get("orphaned_records").asInt()).isEqualTo(1);
        assertThat(report.get("findings").findValuesAsText("storage_key"))
                .containsExactly("only a file", "only-a-record");
        assertThat(result.exitStatus()).isEqualTo(1);
    }

    @Test
    void withoutAVerdictTheReportSaysSoAndTheStatusIs3() {
        assets.objects("a").records("a");
        environment.put("S3_BUCKET", "no-such-bucket");

        BuiltJar.Result result = run();

        assertThat(result.output())
                .startsWith("=== Storage Maintenance Report ===\n❌ NO VERDICT")
                .contains("no-such-bucket")
                .doesNotContain("✅", "Orphaned files");
        assertThat(result.errors()).doesNotContain("\tat ", "Exception");
        assertThat(result.exitStatus()).isEqualTo(3);
    }

    @Test
    void aDatabaseThatIsNotThereIsToldAtOnceAndInOneLineWithStatus3() {
        environment.put("DATABASE_URL", "postgres://someone:s3cret-word@127.0.0.1:1/assets");

        BuiltJar.Result result = run();

        assertThat(result.output()).isEmpty();
        assertThat(result.errors().strip().lines())
                .hasSize(2)
                .first()
                .asString()
                .contains("No answer yet from the results database, which is tried for 5 s");
        assertThat(result.errors())
                .contains("127.0.0.1:1/assets", "DATABASE_URL")
                .doesNotContain("s3cret-word");
        assertThat(result.exitStatus()).isEqualTo(3);
    }

    @Test
    void anotherActiveRunIsToldInOneLineWithStatus3() {
        run();
        assets.database()
                .execute("INSERT INTO stocktake.lease SELECT bucket, prefix, id, now() + interval '1 hour'"
                        + " FROM stocktake.run");

        BuiltJar.Result result = run();

        assertThat(result.output()).isEmpty();
        assertThat(result.errors().strip().lines()).hasSize(1).allMatch(line -> line.contains("try again then"));
        assertThat(result.exitStatus()).isEqualTo(3);
    }

    @Test
    void aPasswordWithSpecialCharactersAndTheDriversOwnParametersWork() {
        assets.objects("a").records("a");
        assets.database().execute("CREATE ROLE \"me@work\" SUPERUSER LOGIN PASSWORD 'p@ss/w#rd%:+?'");
        environment.put(
                "DATABASE_URL",
                assets.database().url("me%40work", "p%40ss%2Fw%23rd%25%3A+%3F") + "?sslmode=prefer&connect_timeout=5");

        assertThat(run().exitStatus()).isZero();
    }

    @Test
    void theRightsThatTheReadmeNamesAreEnough() {
        assets.objects("a", "only-a-file").records("a");
        EmbeddedDatabase.Database database = assets.database();
        String reader = database.name() + "_reader";
        String stocktake = database.name() + "_stocktake";
        database.execute("CREATE ROLE " + reader + " LOGIN PASSWORD 'reads'");
        database.execute("GRANT SELECT ON assets TO " + reader);
        database.execute("CREATE ROLE " + stocktake + " LOGIN PASSWORD 'keeps'");
        database.execute("DROP SCHEMA stocktake CASCADE");
        database.execute("CREATE SCHEMA stocktake AUTHORIZATION " + stocktake);
        environment.put("DATABASE_URL", database.url(reader, "reads"));
        environment.put("RESULTS_DATABASE_URL", database.url(stocktake, "keeps"));

        BuiltJar.Result result = run();

        assertThat(result.output()).contains("Found 1 orphaned file:");
        assertThat(result.exitStatus()).isEqualTo(1);
    }

    @Test
    void whatElseTheEnvironmentHoldsDoesNotReachTheRoutes() {
        assets.objects("a").records("a");
        // names of placeholders in the route files, and of Camel's own settings
        environment.put("serving", "true");
        environment.put("SCHEDULE_QUARTZ", "nonsense");
        environment.put("CAMEL_MAIN_ROUTESINCLUDEPATTERN", "file:nowhere/*.yaml");

        assertThat(runShipped().exitStatus()).isZero();
    }

    @Test
    void everyWrongSettingIsToldAtOnceAndNoSecretWithThem() {
        environment.put("DATABASE_URL", "postgres://user:hidden-1@localhost:notaport/db");
        environment.put("S3_BUCKET", "s3://assets");
        environment.put("GRACE_PERIOD", "soon");
        environment.put("CRON_TIME_ZONE", "Europe/Berln");
        environment.put("CRON_MAINTENANCE_SCHEDULE", "0 3 * *");
        environment.put("S3_SECRET_ACCESS_KEY", "hidden-2");
        environment.remove("S3_ACCESS_KEY_ID");
        environment.put("STOCKTAKE_ROUTES", "nowhere");

        BuiltJar.Result result = run();

        assertThat(result.errors().strip().lines())
                .hasSize(7)
                .anyMatch(line -> line.startsWith("DATABASE_URL "))
                .anyMatch(line -> line.startsWith("S3_BUCKET ") && line.contains("was: \"s3://assets\""))
                .anyMatch(line -> line.startsWith("GRACE_PERIOD ") && line.contains("was: \"soon\""))
                .anyMatch(line -> line.startsWith("CRON_TIME_ZONE ") && line.contains("Europe/Berlin"))
                .anyMatch(line -> line.startsWith("CRON_MAINTENANCE_SCHEDULE must have five fields"))
                .anyMatch(line -> line.startsWith("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY "))
                .anyMatch(line -> line.startsWith("STOCKTAKE_ROUTES "));
        assertThat(result.errors() + result.output()).doesNotContain("hidden-");
        assertThat(result.exitStatus()).isEqualTo(2);
    }

    @Test
    void aDotEnvFileIsReadAndTheRealEnvironmentWins() throws IOException {
        assets.objects("a").records("a");
        Files.writeString(
                folder.resolve(".env"),
                "DATABASE_URL='" + environment.remove("DATABASE_URL")
                        + "'\nS3_BUCKET=not-this-one # the real one wins\n");

        Files.setPosixFilePermissions(folder.resolve(".env"), PosixFilePermissions.fromString("rw-r-----"));
        BuiltJar.Result shared = runShipped();
        assertThat(shared.exitStatus()).isZero();
        assertThat(shared.errors().lines().filter(line -> line.startsWith("Warning: ")))
                .containsExactly(
                        "Warning: .env can be read or changed by others than its owner (rw-r-----), and may hold secrets: chmod 600"
                                + " .env");

        Files.setPosixFilePermissions(folder.resolve(".env"), PosixFilePermissions.fromString("rw-------"));
        BuiltJar.Result own = run();
        assertThat(own.exitStatus()).isZero();
        assertThat(own.errors()).doesNotContain("Warning: ");
    }

    @ParameterizedTest
    @CsvSource({"--frmat text", "--format xml", "--exekute", "surplus"})
    void wrongUsageIsToldWithStatus2(String options) {
        BuiltJar.Result result = run(options.split(" ", -1));

        assertThat(result.errors())
                .contains(options.substring(options.lastIndexOf(' ') + 1))
                .doesNotContain("\tat ");
        assertThat(result.exitStatus()).isEqualTo(2);
    }

    @Test
    void helpExplainsItselfWithExamplesAndExitStatusesAndShowsNoValueOfASetting() {
        environment.put("CRON_SECRET", "a-secret-that-help-does-not-know");

        BuiltJar.Result result = run("--help");

        assertThat(result.output())
                .contains("--format", "--export", "Examples:", "Exit status:", "0  consistent", "1  orphans found")
                .doesNotContain("a-secret-that-help-does-not-know");
        assertThat(result.exitStatus()).isZero();
    }

    @Test
    void theExportHoldsOneSetOfWholeFilesForTheRun() throws IOException {
        assets.objects("a", "=1+1", "b,\"c\"\nd").records("a");

        BuiltJar.Result result = runShipped("--export", "reports/daily", "--format", "json");

        String id = new ObjectMapper().readTree(result.output()).get("id").asText();
        Path reports = folder.resolve("reports/daily");
        try (Stream<Path> files = Files.list(reports)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            id + ".ndjson",
                            id + ".csv",
                            id + ".txt",
                            id + ".files-from.txt",
                            id + ".delete-objects-0.json");
        }
        // of two keys, one has a line break
        assertThat(Files.readString(reports.resolve(id + ".files-from.txt"))).isEqualTo("=1+1\n");
        assertThat(new ObjectMapper()
                        .readTree(reports.resolve(id + ".delete-objects-0.json").toFile())
                        .path("Objects")
                        .findValuesAsText("Key"))
                .containsExactly("=1+1", "b,\"c\"\nd");
        assertThat(Files.readString(reports.resolve(id + ".csv")))
                .startsWith(
                        "run_id,kind,storage_key,record_id,size,etag,last_modified,found_at,near_match,near_match_by\n")
                .contains(",\"'=1+1\",", ",\"b,\"\"c\"\"\nd\",");
        assertThat(Files.readAllLines(reports.resolve(id + ".ndjson"))).hasSize(2);
        assertThat(Files.readString(reports.resolve(id + ".txt"))).contains("  - b,\"c\"\\nd (created: 2024-01-10)");
    }

    @Test
    void ofASuspiciousRunThereAreNoListsToDeleteBy() throws IOException {
        environment.put("SUSPICIOUS_ORPHAN_PERCENT", "20");
        assets.objects("a", "b").records("a");

        assertThat(run("--export", folder.resolve("reports").toString()).output())
                .contains("SUSPICIOUS");

        try (Stream<Path> files = Files.list(folder.resolve("reports"))) {
            assertThat(files.map(file -> file.getFileName().toString().replaceFirst("^[^.]*", "")))
                    .containsExactlyInAnyOrder(".ndjson", ".csv", ".txt");
        }
    }

    @Test
    void onlyItsOwnerCanReadTheExportAndTheFolderThatIsMadeForIt() throws IOException {
        assets.objects("a", "b").records("a");

        run("--export", folder.resolve("reports/daily").toString());

        assertThat(permissions(folder.resolve("reports"))).isEqualTo("rwx------");
        assertThat(permissions(folder.resolve("reports/daily"))).isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(folder.resolve("reports/daily"))) {
            assertThat(files.toList())
                    .hasSize(5)
                    .allSatisfy(file -> assertThat(permissions(file)).isEqualTo("rw-------"));
        }
    }

    @Test
    void whoElseMayReadTheExportIsAnEditOfTheRouteFile() throws IOException {
        assets.objects("a", "b").records("a");
        EditedRoutes.in(Files.createDirectory(folder.resolve("edited")))
                .replace("report-file.camel.yaml", "permissions: rw-------", "permissions: rw-rw-r--")
                .replace("report-file.camel.yaml", "folderPermissions: rwx------", "folderPermissions: rwxr-x---");
        environment.put("STOCKTAKE_ROUTES", "edited");

        run("--export", folder.resolve("reports").toString());

        assertThat(permissions(folder.resolve("reports"))).isEqualTo("rwxr-x---");
        try (Stream<Path> files = Files.list(folder.resolve("reports"))) {
            assertThat(files.toList())
                    .hasSize(5)
                    .allSatisfy(file -> assertThat(permissions(file)).isEqualTo("rw-rw-r--"));
        }
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void theExportFolderMayHaveAnOddName() throws IOException {
        String name = "50% a+b &c=d #1 (x) {y} it's \"so\"";

        runShipped("--export", name);

        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            assertThat(files).hasSize(4);
        }
    }

    @Test
    void withoutAVerdictOnlyTheTextThatSaysSoIsExported() throws IOException {
        environment.put("S3_BUCKET", "no-such-bucket");

        run("--export", folder.resolve("reports").toString());

        try (Stream<Path> files = Files.list(folder.resolve("reports"))) {
            assertThat(files.toList()).singleElement().satisfies(file -> {
                assertThat(file.toString()).endsWith(".txt");
                assertThat(Files.readString(file)).contains("NO VERDICT");
            });
        }
    }

    @Test
    void anExportFolderThatCannotBeIsRefusedByTheNameOfTheOption() throws IOException {
        Files.writeString(folder.resolve("a-file"), "");

        BuiltJar.Result result =
                run("--export", folder.resolve("a-file/reports").toString());

        assertThat(result.errors()).startsWith("--export must be").contains("a-file/reports");
        assertThat(result.exitStatus()).isEqualTo(2);
    }

    @Test
    void editedRoutesReadAnotherTableAndReportToAnotherFolderWithoutRecompiling() throws IOException {
        assets.objects("media/1", "media/2", "media/3");
        assets.database()
                .execute("CREATE TABLE uploads (uuid uuid DEFAULT gen_random_uuid(), path text, at timestamp)");
        assets.database()
                .execute("INSERT INTO uploads (path, at) VALUES ('media/1', '2024-01-01'), ('media/4', '2024-01-01')");
        routes.replace(
                "records.camel.yaml",
                "SELECT storage_key, id AS record_id, created_at\n          FROM assets",
                "SELECT path AS storage_key, uuid AS record_id, at AS created_at\n          FROM uploads");
        routes.replace(
                "maintenance.camel.yaml",
                "            description: The export, where EXPORT_DIR is set\n            uri: direct:report-file\n",
                """
                            description: The export, where EXPORT_DIR is set
                            uri: direct:report-file
                        - to:
                            id: keep-every-report
                            description: A copy for the auditors
                            uri: file
                            parameters:
                              directoryName: for-the-auditors
                              fileName: ${variable.run.id}.txt
                """);

        BuiltJar.Result result = runShipped("--export", "reports");

        assertThat(result.output()).contains("Found 1 orphaned record:\n  - media/4", "Found 2 orphaned files:");
        assertThat(result.exitStatus()).isEqualTo(1);
        try (Stream<Path> files = Files.list(folder.resolve("for-the-auditors"))) {
            assertThat(files.toList())
                    .singleElement()
                    .satisfies(file -> assertThat(Files.readString(file)).isEqualTo(result.output()));
        }
    }

    @Test
    void aSinkThatFailsDoesNotChangeTheVerdictButTheStatus() {
        assets.objects("a").records("a");
        routes.replace(
                "maintenance.camel.yaml", "uri: direct:report-file\n", "uri: file:/dev/zero/nothing-can-be-here\n");

        BuiltJar.Result result = run();

        assertThat(result.output()).contains("✅ All 1 DB records");
        assertThat(result.errors()).contains("did not reach every sink").doesNotContain("\tat ");
        assertThat(result.exitStatus()).isEqualTo(3);
    }

    @ParameterizedTest(name = "{0}: {1} becomes {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                // file, text, what it becomes, and the line it is told with where that is not its own
                "records.camel.yaml     | uri: sql                    | uri: nosuch             |",
                "records.camel.yaml     | description: Reads          | descripton: Reads       | id: query-records",
                "records.camel.yaml     | - route:                    | - rout:                 |",
                "records.camel.yaml     | '#recordsDatabase'          | '#otherDatabase'        |",
                "records.camel.yaml     | FROM assets                 | 'FROM assets; SELECT 1' | name: recordsQuery",
                "records.camel.yaml     | 'id: count-invalid-records' | 'id: query-records'     |",
                "maintenance.camel.yaml | direct:compare              | direct:compar           |",
                "reconcile.camel.yaml   | '${body.isCheckpointDue}'   | '${body.isCheckpointDue' |",
                "storage.camel.yaml     | 'pageSize: 1000'            | 'pageSize: 5000'        | name: storage",
                "storage.camel.yaml     | read-again                  | read-agin               |",
            })
    void aBrokenRouteFileIsToldWithFileLineAndReasonOnOneLine(String file, String text, String other, String toldAt) {
        int edited = routes.lineOf(file, text);
        routes.replace(file, text, other);
        int line = toldAt == null ? edited : routes.lineOf(file, toldAt);
        // and before anything is connected to
        environment.put("DATABASE_URL", "postgres://user:password@127.0.0.1:1/assets");

        BuiltJar.Result result = run();

        assertThat(result.errors().strip().lines())
                .singleElement()
                .asString()
                .startsWith(routes.folder().resolve(file) + ":" + line + ": ")
                .hasSizeLessThan(400);
        assertThat(result.output()).isEmpty();
        assertThat(result.exitStatus()).isEqualTo(2);
    }

    @Test
    void aRouteFileIsNamedAsSeenFromTheWorkingDirectory() {
        routes.replace("records.camel.yaml", "- route:", "- rout:");

        assertThat(runShipped().errors()).startsWith("routes/records.camel.yaml:");
    }

    @Test
    void noOutputAnywhereHoldsASecret() throws IOException {
        environment.put("S3_SECRET_ACCESS_KEY", "wrong-and-still-secret");
        environment.put("CRON_SECRET", "the-bearer-secret-of-http");
        environment.put("DATABASE_PASSWORD", "postgres-password-word");

        BuiltJar.Result result = runShipped("--export", "reports");

        StringBuilder everything = new StringBuilder(result.output()).append(result.errors());
        try (Stream<Path> files = Files.walk(folder.resolve("reports"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                everything.append(Files.readString(file));
            }
        }
        assets.database()
                .sql()
                .sql("SELECT row_to_json(r)::text FROM stocktake.run AS r")
                .query(String.class)
                .list()
                .forEach(everything::append);
        assertThat(result.exitStatus()).isEqualTo(3);
        for (String secret : List.of("wrong-and-still-secret", "the-bearer-secret-of-http", "postgres-password-word")) {
            assertThat(everything).doesNotContain(secret);
        }
    }
}
