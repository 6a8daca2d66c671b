package dev.stocktake.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.stocktake.schedule.CronSchedule;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private static final String URL = "postgres://app:hunter2@db/shop";
    private static final String CRON_SECRET = "0123456789abcdef";
    private static final Map<String, String> REQUIRED =
            Map.of("DATABASE_URL", URL, "S3_BUCKET", "assets", "CRON_SECRET", CRON_SECRET);

    @TempDir
    Path directory;

    @Test
    void everythingButThreeSettingsHasADefault() {
        DatabaseUrl database = DatabaseUrl.parse(URL);

        assertThat(Settings.from(REQUIRED, Purpose.SERVE))
                .isEqualTo(new Settings(
                        database,
                        database,
                        "assets",
                        "",
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        CronSchedule.parse("0 3 * * *"),
                        ZoneId.of("UTC"),
                        Optional.of(Secret.of(CRON_SECRET)),
                        Optional.empty(),
                        "127.0.0.1",
                        8080,
                        Duration.ofHours(1),
                        Duration.ofSeconds(5),
                        Duration.ofHours(6),
                        Optional.of(Duration.ofDays(90)),
                        20,
                        16,
                        4,
                        4,
                        OptionalInt.empty(),
                        new BigDecimal("0.005"),
                        new BigDecimal("0.0004"),
                        Optional.empty(),
                        new CleanupLimits(2, Duration.ofDays(3), 5, 10_000),
                        Optional.empty(),
                        ".stocktake-quarantine/",
                        false,
                        30));
    }

    @Test
    void blankValuesCountAsUnset() {
        Map<String, String> blank = new HashMap<>(REQUIRED);
        for (String name : List.of(
                "DATABASE_USER",
                "DATABASE_PASSWORD",
                "RESULTS_DATABASE_URL",
                "S3_ENDPOINT",
                "S3_REGION",
                "S3_FORCE_PATH_STYLE",
                "S3_ACCESS_KEY_ID",
                "S3_SECRET_ACCESS_KEY",
                "S3_SESSION_TOKEN",
                "CRON_MAINTENANCE_SCHEDULE",
                "CRON_TIME_ZONE",
                "HOST",
                "PORT",
                "GRACE_PERIOD",
                "SETTLE_PERIOD",
                "RESUME_LIMIT",
                "KEEP_FINDINGS",
                "SUSPICIOUS_ORPHAN_PERCENT",
                "PARALLELISM",
                "DATABASE_CONNECTIONS",
                "RESULTS_DATABASE_CONNECTIONS",
                "S3_MAX_REQUESTS_PER_SECOND",
                "S3_LIST_PRICE_PER_1000",
                "S3_HEAD_PRICE_PER_1000",
                "EXPORT_DIR",
                "CLEANUP_MIN_SIGHTINGS",
                "CLEANUP_MIN_AGE",
                "CLEANUP_MAX_RATIO",
                "CLEANUP_MAX_COUNT",
                "QUARANTINE_BUCKET",
                "QUARANTINE_PREFIX",
                "AUTO_DELETE_ORPHANS",
                "AUTO_DELETE_AFTER_DAYS")) {
            blank.put(name, " \t");
        }
        blank.put("S3_PREFIX", "");

        assertThat(Settings.from(blank, Purpose.SERVE)).isEqualTo(Settings.from(REQUIRED, Purpose.SERVE));
    }

    @Test
    void everySettingIsRead() {
        Map<String, String> all = new HashMap<>(REQUIRED);
        all.put("DATABASE_USER", "reader");
        all.put("DATABASE_PASSWORD", " secret ");
        all.put("RESULTS_DATABASE_URL", "postgres://writer:pw@other/results");
        all.put("S3_PREFIX", "/a b/");
        all.put("S3_ENDPOINT", "https://store.example.org:9000/");
        all.put("S3_REGION", "auto");
        all.put("S3_FORCE_PATH_STYLE", "False");
        all.put("S3_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
        all.put("S3_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        all.put("CRON_MAINTENANCE_SCHEDULE", "30 4 * * MON-FRI");
        all.put("CRON_TIME_ZONE", "Europe/Berlin");
        all.put("HOST", "0.0.0.0");
        all.put("PORT", "0");
        all.put("GRACE_PERIOD", "1h30m");
        all.put("SETTLE_PERIOD", "10s");
        all.put("RESUME_LIMIT", "2h");
        all.put("KEEP_FINDINGS", "30d");
        all.put("SUSPICIOUS_ORPHAN_PERCENT", "5");
        all.put("PARALLELISM", "32");
        all.put("DATABASE_CONNECTIONS", "2");
        all.put("RESULTS_DATABASE_CONNECTIONS", "8");
        all.put("S3_MAX_REQUESTS_PER_SECOND", "1");
        all.put("S3_LIST_PRICE_PER_1000", "0.0045");
        all.put("S3_HEAD_PRICE_PER_1000", "0");
        all.put("EXPORT_DIR", directory.toString());
        all.put("CLEANUP_SECRET", "another-secret-for-cleanups");
        all.put("CLEANUP_MIN_SIGHTINGS", "3");
        all.put("CLEANUP_MIN_AGE", "7d");
        all.put("CLEANUP_MAX_RATIO", "10 %");
        all.put("S3_SESSION_TOKEN", "a-session-token");
        all.put("CLEANUP_MAX_COUNT", "20000");
        all.put("QUARANTINE_BUCKET", "attic");
        all.put("QUARANTINE_PREFIX", "old/");
        all.put("AUTO_DELETE_ORPHANS", "FALSE");
        all.put("AUTO_DELETE_AFTER_DAYS", "7");

        assertThat(Settings.from(all, Purpose.SERVE))
                .isEqualTo(new Settings(
                        new DatabaseUrl(
                                "jdbc:postgresql://db:5432/shop",
                                Optional.of("reader"),
                                Optional.of(Secret.of(" secret "))),
                        DatabaseUrl.parse("postgres://writer:pw@other/results"),
                        "assets",
                        "/a b/",
                        Optional.of(URI.create("https://store.example.org:9000")),
                        Optional.of("auto"),
                        false,
                        Optional.of("AKIAIOSFODNN7EXAMPLE"),
                        Optional.of(Secret.of("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")),
                        Optional.of(Secret.of("a-session-token")),
                        CronSchedule.parse("30 4 * * MON-FRI"),
                        ZoneId.of("Europe/Berlin"),
                        Optional.of(Secret.of(CRON_SECRET)),
                        Optional.of(Secret.of("another-secret-for-cleanups")),
                        "0.0.0.0",
                        0,
                        Duration.ofMinutes(90),
                        Duration.ofSeconds(10),
                        Duration.ofHours(2),
                        Optional.of(Duration.ofDays(30)),
                        5,
                        32,
                        2,
                        8,
                        OptionalInt.of(1),
                        new BigDecimal("0.0045"),
                        new BigDecimal("0"),
                        Optional.of(directory),
                        new CleanupLimits(3, Duration.ofDays(7), 10, 20_000),
                        Optional.of("attic"),
                        "old/",
                        false,
                        7));
    }

    @Test
    void theResultsGoToTheRecordsDatabaseWithItsOverridesUnlessTheyHaveTheirOwn() {
        Settings settings = with("DATABASE_USER", "reader");

        assertThat(settings.resultsDatabase()).isEqualTo(settings.database());
        assertThat(settings.resultsDatabase().user()).contains("reader");
    }

    @Test
    void anEndpointImpliesARegionAndPathStyle() {
        Settings settings = with("S3_ENDPOINT", "http://localhost:9000");

        assertThat(settings.region()).contains("us-east-1");
        assertThat(settings.forcePathStyle()).isTrue();
    }

    @Test
    void surroundingSpaceIsStrippedFromPlainValues() {
        assertThat(with("S3_BUCKET", " assets\r")).isEqualTo(Settings.from(REQUIRED, Purpose.SERVE));
        assertThat(with("PORT", " 8081 ").port()).isEqualTo(8081);
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "a/", "/", "/a", " a ", "ü/", "a%2Fb", "😀", "//"})
    void thePrefixIsKeptExactly(String prefix) {
        assertThat(with("S3_PREFIX", prefix).prefix()).isEqualTo(prefix);
    }

    @Test
    void thePrefixMayHave1024BytesOfUtf8() {
        assertThat(with("S3_PREFIX", "ü".repeat(512)).prefix()).hasSize(512);
        assertThat(problem("S3_PREFIX", "ü".repeat(512) + "x"))
                .startsWith("S3_PREFIX must be at most 1024 bytes of UTF-8, as keys are, was: \"üü")
                .endsWith("…\"");
    }

    @ParameterizedTest
    @CsvSource({
        "0s, PT0S",
        "45s, PT45S",
        "30m, PT30M",
        "1h, PT1H",
        "1h30m, PT1H30M",
        "2d, PT48H",
        "1d2h3m4s, PT26H3M4S",
        "90m, PT1H30M",
        "36500d, PT876000H"
    })
    void theGracePeriodIsOfDaysHoursMinutesAndSeconds(String text, Duration duration) {
        Settings settings = with("GRACE_PERIOD", text);

        assertThat(settings.gracePeriod()).isEqualTo(duration);
        assertThat(with("GRACE_PERIOD", settings.properties().get("GRACE_PERIOD"))
                        .gracePeriod())
                .isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT-2"})
    void timeZonesAreIanaNames(String name) {
        assertThat(with("CRON_TIME_ZONE", name).timeZone()).isEqualTo(ZoneId.of(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "0.0.0.0", "::", "::1", "[::1]", "fe80::1", "my-host.example.org"})
    void theHostIsANameOrAnAddress(String host) {
        assertThat(with("HOST", host).host()).isEqualTo(host);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:9000, http://localhost:9000",
        "HTTPS://Store.example.org, https://Store.example.org",
        "https://acc.r2.cloudflarestorage.com/, https://acc.r2.cloudflarestorage.com",
        "http://[::1]:9000, http://[::1]:9000",
        "http://10.0.0.1:7480/, http://10.0.0.1:7480"
    })
    void theEndpointIsSchemeHostAndPort(String text, URI endpoint) {
        assertThat(with("S3_ENDPOINT", text).endpoint()).contains(endpoint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DATABASE_URL    | mysql://app:hunter2@db/shop | must begin with postgres://, postgresql:// or jdbc:postgresql://, was: "mysql://app:***@db/shop"
            RESULTS_DATABASE_URL | postgres://db          | must name a database, as in postgres://user:password@host:5432/db, was: "postgres://…"
            S3_BUCKET       | s3://assets                 | must be the bucket's name alone, not a URL: the store goes in S3_ENDPOINT, was: "s3://assets"
            S3_BUCKET       | assets/images               | must be the bucket's name alone: a path in it goes in S3_PREFIX, was: "assets/images"
            S3_BUCKET       | my assets                   | must be a bucket's name of 1 to 255 characters without spaces, was: "my assets"
            S3_ENDPOINT     | localhost:9000              | must begin with http:// or https://, like https://localhost:9000, was: "localhost:9000"
            S3_ENDPOINT     | store.example.org           | must begin with http:// or https://, like https://store.example.org, was: "store.example.org"
            S3_ENDPOINT     | 10.0.0.1:9000               | must be a URL like https://host:port, was: "10.0.0.1:9000"
            S3_ENDPOINT     | s3://assets                 | must begin with http:// or https://, like https://host:port, was: "s3://assets"
            S3_ENDPOINT     | https://store/assets        | must end after the host or port: the bucket goes in S3_BUCKET, was: "https://store/assets"
            S3_ENDPOINT     | https://store?region=a      | must end after the host or port: the bucket goes in S3_BUCKET, was: "https://store?region=a"
            S3_ENDPOINT     | https://key:hunter2@store   | must not contain a user: credentials go in S3_ACCESS_KEY_ID, was: "https://***@store"
            S3_ENDPOINT     | key:hunter2@store           | must begin with http:// or https://, like https://host:port, was: "***@store"
            S3_ENDPOINT     | http://my_store:9000        | must have a host name of letters, digits, "." and "-" (no "_"), was: "http://my_store:9000"
            S3_ENDPOINT     | http://store:99999          | must have a port from 1 to 65535, was: "http://store:99999"
            S3_ENDPOINT     | https://                    | must be a URL like https://host:port, was: "https://"
            S3_REGION       | eu central                  | must be a region's name like eu-central-1 or auto, was: "eu central"
            S3_FORCE_PATH_STYLE | yes                     | must be true or false, was: "yes"
            CRON_MAINTENANCE_SCHEDULE | 0 3 * *           | must have five fields (minute hour day-of-month month day-of-week), was: "0 3 * *"
            CRON_MAINTENANCE_SCHEDULE | 0 3 1 * 1         | restricts both day-of-month and day-of-week; use one of them, was: "0 3 1 * 1"
            CRON_TIME_ZONE  | Europe/Berln                | must be an IANA time zone name like Europe/Berlin or UTC (did you mean Europe/Berlin?), was: "Europe/Berln"
            CRON_TIME_ZONE  | europe/berlin               | must be an IANA time zone name like Europe/Berlin or UTC (did you mean Europe/Berlin?), was: "europe/berlin"
            CRON_TIME_ZONE  | new_york                    | must be an IANA time zone name like Europe/Berlin or UTC (did you mean America/New_York?), was: "new_york"
            CRON_TIME_ZONE  | Mitteleuropa                | must be an IANA time zone name like Europe/Berlin or UTC, was: "Mitteleuropa"
            CRON_TIME_ZONE  | utc                         | must be an IANA time zone name like Europe/Berlin or UTC (did you mean UTC?), was: "utc"
            CRON_TIME_ZONE  | GMT+2                       | must be an IANA time zone name like Europe/Berlin or UTC, was: "GMT+2"
            CRON_TIME_ZONE  | +02:00                      | must be an IANA time zone name like Europe/Berlin or UTC, was: "+02:00"
            CRON_TIME_ZONE  | CST                         | must be an IANA time zone name like Europe/Berlin or UTC, was: "CST"
            CRON_SECRET     | hunter2hunter2              | must have at least 16 characters, was: 14 characters
            CRON_SECRET     | hunter2 hunter2 hunter2     | must be of visible ASCII characters, without spaces
            HOST            | localhost:8080              | must be a host name or an IP address to listen on, without a port, was: "localhost:8080"
            HOST            | http://localhost            | must be a host name or an IP address to listen on, without a port, was: "http://localhost"
            PORT            | 65536                       | must be a whole number from 0 to 65535, was: "65536"
            PORT            | -1                          | must be a whole number from 0 to 65535, was: "-1"
            PORT            | 80a                         | must be a whole number from 0 to 65535, was: "80a"
            PORT            | 99999999999999              | must be a whole number from 0 to 65535, was: "99999999999999"
            GRACE_PERIOD    | 60                          | must be a duration like 0s, 30m, 1h30m or 2d, of whole numbers, was: "60"
            GRACE_PERIOD    | 1.5h                        | must be a duration like 0s, 30m, 1h30m or 2d, of whole numbers, was: "1.5h"
            GRACE_PERIOD    | -1h                         | must be a duration like 0s, 30m, 1h30m or 2d, of whole numbers, was: "-1h"
            GRACE_PERIOD    | 30m1h                       | must be a duration like 0s, 30m, 1h30m or 2d, of whole numbers, was: "30m1h"
            GRACE_PERIOD    | 36500d1s                    | must be at most 36500d, was: "36500d1s"
            SETTLE_PERIOD   | soon                        | must be a duration like 0s, 30m, 1h30m or 2d, of whole numbers, was: "soon"
            RESUME_LIMIT    | 6                           | must be a duration like 0s, 30m, 1h30m or 2d, of whole numbers, was: "6"
            KEEP_FINDINGS   | 23h59m59s                   | must be a duration like 30d, from 1d to 36500d, or forever, was: "23h59m59s"
            KEEP_FINDINGS   | 0s                          | must be a duration like 30d, from 1d to 36500d, or forever, was: "0s"
            KEEP_FINDINGS   | never                       | must be a duration like 30d, from 1d to 36500d, or forever, was: "never"
            KEEP_FINDINGS   | 90                          | must be a duration like 30d, from 1d to 36500d, or forever, was: "90"
            KEEP_FINDINGS   | 36501d                      | must be a duration like 30d, from 1d to 36500d, or forever, was: "36501d"
            SUSPICIOUS_ORPHAN_PERCENT | 101               | must be a whole number from 1 to 100, was: "101"
            PARALLELISM     | 0                           | must be a whole number from 1 to 256, was: "0"
            PARALLELISM     | 257                         | must be a whole number from 1 to 256, was: "257"
            DATABASE_CONNECTIONS | 1                      | must be a whole number from 2 to 256, was: "1"
            DATABASE_CONNECTIONS | few                    | must be a whole number from 2 to 256, was: "few"
            RESULTS_DATABASE_CONNECTIONS | 0              | must be a whole number from 2 to 256, was: "0"
            RESULTS_DATABASE_CONNECTIONS | 257            | must be a whole number from 2 to 256, was: "257"
            S3_MAX_REQUESTS_PER_SECOND | 0                | must be a whole number from 1 to 1000000, was: "0"
            S3_MAX_REQUESTS_PER_SECOND | -1               | must be a whole number from 1 to 1000000, was: "-1"
            S3_MAX_REQUESTS_PER_SECOND | 2.5              | must be a whole number from 1 to 1000000, was: "2.5"
            S3_LIST_PRICE_PER_1000     | $0.005           | must be a price like 0.005, without a currency, was: "$0.005"
            S3_HEAD_PRICE_PER_1000     | -1               | must be a price like 0.005, without a currency, was: "-1"
            CLEANUP_MIN_SIGHTINGS | 0                     | must be a whole number from 1 to 100, was: "0"
            CLEANUP_MIN_AGE | 3 days                      | must be a duration like 0s, 30m, 1h30m or 2d, of whole numbers, was: "3 days"
            CLEANUP_MAX_RATIO | 101%                      | must be a whole number from 0 to 100, was: "101"
            CLEANUP_MAX_COUNT | many                      | must be a whole number from 0 to 999999999, was: "many"
            CLEANUP_SECRET  | short                       | must have at least 16 characters, was: 5 characters
            QUARANTINE_BUCKET | a/b                       | must be the bucket's name alone: a path in it goes in S3_PREFIX, was: "a/b"
            QUARANTINE_PREFIX | attic                     | must end in /, as the name of a folder of the bucket, was: "attic"
            QUARANTINE_PREFIX | /                         | must end in /, as the name of a folder of the bucket, was: "/"
            AUTO_DELETE_ORPHANS | 1                       | must be true or false, was: "1"
            AUTO_DELETE_AFTER_DAYS | 0                    | must be a whole number from 1 to 36500, was: "0"
            AUTO_DELETE_AFTER_DAYS | 36501                | must be a whole number from 1 to 36500, was: "36501"
            """)
    void aWrongValueIsNamedShownAndPutRight(String name, String value, String message) {
        assertThat(problem(name, value)).isEqualTo(name + " " + message);
    }

    @Test
    void aPrefixThatTheLocaleHasMangledIsRefused() {
        assertThat(problem("S3_PREFIX", "b\uFFFDro/")).contains("LC_ALL=C.UTF-8");
        assertThat(problem("S3_PREFIX", "b\uD800ro/"))
                .contains("LC_ALL=C.UTF-8")
                .contains("b\\uD800ro/");
    }

    @Test
    void aProblemIsOneLineWhateverTheValueHolds() {
        assertThat(problem("S3_PREFIX", "a\r\n\u001b[31m\u202E"))
                .isEqualTo("S3_PREFIX must not contain control characters, was: \"a\\r\\n\\u001B[31m\\u202E\"");
    }

    @Test
    void aSessionTokenGoesWithTheKeysItIsFor() {
        assertThat(problem("S3_SESSION_TOKEN", "a-session-token"))
                .isEqualTo(
                        "S3_SESSION_TOKEN must be set together with S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, was: alone");
        Map<String, String> temporary = new HashMap<>(REQUIRED);
        temporary.put("S3_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE");
        temporary.put("S3_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        assertThat(refused(temporary, Purpose.SERVE).problems())
                .containsExactly(
                        "S3_SESSION_TOKEN must be set, because S3_ACCESS_KEY_ID begins with ASIA as those of temporary"
                                + " credentials do, was: unset");
        temporary.put("AWS_SESSION_TOKEN", "a-session-token");
        assertThat(refused(temporary, Purpose.SERVE).problems())
                .containsExactly(
                        "S3_SESSION_TOKEN must be set where S3_ACCESS_KEY_ID is one of temporary credentials, was:"
                                + " unset, but AWS_SESSION_TOKEN is set, which is not read beside S3_ACCESS_KEY_ID");
        temporary.put("S3_SESSION_TOKEN", "a-session-token");
        assertThat(Settings.from(temporary, Purpose.SERVE).sessionToken()).contains(Secret.of("a-session-token"));
        // the keys of another store beside those of the machine
        temporary.remove("S3_SESSION_TOKEN");
        temporary.put("AWS_ACCESS_KEY_ID", "ASIAANOTHER");
        temporary.put("S3_ENDPOINT", "https://store.example.org");
        assertThat(Settings.from(temporary, Purpose.SERVE).sessionToken()).isEmpty();
    }

    @Test
    void theTwoStoreCredentialsGoTogether() {
        assertThat(problem("S3_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"))
                .isEqualTo("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together or not at all,"
                        + " was: only S3_ACCESS_KEY_ID");
        assertThat(problem("S3_SECRET_ACCESS_KEY", "hunter2hunter2"))
                .isEqualTo("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together or not at all,"
                        + " was: only S3_SECRET_ACCESS_KEY");
    }

    @Test
    void theExportDirectoryIsNotMadeYet() {
        Path wanted = directory.resolve("reports/daily");

        assertThat(with("EXPORT_DIR", wanted.toString()).exportDirectory()).contains(wanted);
        assertThat(directory.resolve("reports")).doesNotExist();
    }

    @Test
    void theExportDirectoryMustNotBeOrLieInAFile() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertThat(problem("EXPORT_DIR", file.toString()))
                .isEqualTo("EXPORT_DIR must be a directory, and " + file + " is none, was: \"" + file + "\"");
        assertThat(problem("EXPORT_DIR", file.resolve("reports").toString()))
                .startsWith("EXPORT_DIR must be a directory, and " + file + " is none");
        assertThat(problem("EXPORT_DIR", "what?"))
                .isEqualTo("EXPORT_DIR must not contain ?, ${ or {{, which mean something else in route files,"
                        + " was: \"what?\"");
        assertThat(problem("EXPORT_DIR", "${body}")).startsWith("EXPORT_DIR must not contain ?, ${ or {{");
        assertThat(problem("EXPORT_DIR", "a\0b")).isEqualTo("EXPORT_DIR must be a path, was: \"a\\u0000b\"");
    }

    @Test
    void allProblemsAreToldAtOnceInTheOrderOfTheDocumentation() {
        Map<String, String> wrong = Map.of(
                "S3_ENDPOINT", "localhost",
                "S3_SECRET_ACCESS_KEY", "hunter2hunter2",
                "CRON_MAINTENANCE_SCHEDULE", "hourly",
                "CRON_SECRET", "hunter2",
                "PORT", "http",
                "AUTO_DELETE_ORPHANS", "maybe");

        SettingsException refused = refused(wrong, Purpose.SERVE);

        assertThat(refused.problems())
                .containsExactly(
                        "DATABASE_URL must be set to the records' database, as in"
                                + " postgres://user:password@host:5432/db, was: unset",
                        "S3_BUCKET must be set to the bucket's name, was: unset",
                        "S3_ENDPOINT must begin with http:// or https://, like https://localhost, was: \"localhost\"",
                        "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together or not at all,"
                                + " was: only S3_SECRET_ACCESS_KEY",
                        "CRON_MAINTENANCE_SCHEDULE must have five fields (minute hour day-of-month month day-of-week),"
                                + " was: \"hourly\"",
                        "CRON_SECRET must have at least 16 characters, was: 7 characters",
                        "PORT must be a whole number from 0 to 65535, was: \"http\"",
                        "AUTO_DELETE_ORPHANS must be true or false, was: \"maybe\"");
        assertThat(refused).hasMessage(String.join("\n", refused.problems())).hasMessageNotContaining("hunter2");
    }

    @Test
    void onlyTheServiceNeedsACronSecret() {
        Map<String, String> without = Map.of("DATABASE_URL", URL, "S3_BUCKET", "assets");
        Map<String, String> withShort = Map.of("DATABASE_URL", URL, "S3_BUCKET", "assets", "CRON_SECRET", "short");

        assertThat(Settings.from(without, Purpose.CLEANUP_ASSETS).cronSecret()).isEmpty();
        assertThat(Settings.from(withShort, Purpose.CLEANUP_ASSETS).cronSecret())
                .isEmpty();
        assertThat(refused(without, Purpose.SERVE).problems())
                .containsExactly("CRON_SECRET must be set to a secret of at least 16 characters, was: unset");
    }

    @Test
    void propertiesAreTheResolvedSettingsWithoutSecrets() {
        Map<String, String> properties =
                with("S3_ENDPOINT", "http://localhost:9000/").properties();

        assertThat(properties)
                .containsExactly(
                        Map.entry("S3_BUCKET", "assets"),
                        Map.entry("S3_PREFIX", ""),
                        Map.entry("S3_ENDPOINT", "http://localhost:9000"),
                        Map.entry("S3_REGION", "us-east-1"),
                        Map.entry("S3_FORCE_PATH_STYLE", "true"),
                        Map.entry("CRON_MAINTENANCE_SCHEDULE", "0 3 * * *"),
                        Map.entry("CRON_TIME_ZONE", "UTC"),
                        Map.entry("HOST", "127.0.0.1"),
                        Map.entry("PORT", "8080"),
                        Map.entry("GRACE_PERIOD", "1h"),
                        Map.entry("SETTLE_PERIOD", "5s"),
                        Map.entry("RESUME_LIMIT", "6h"),
                        Map.entry("KEEP_FINDINGS", "90d"),
                        Map.entry("SUSPICIOUS_ORPHAN_PERCENT", "20"),
                        Map.entry("PARALLELISM", "16"),
                        Map.entry("DATABASE_CONNECTIONS", "4"),
                        Map.entry("RESULTS_DATABASE_CONNECTIONS", "4"),
                        Map.entry("S3_MAX_REQUESTS_PER_SECOND", ""),
                        Map.entry("S3_LIST_PRICE_PER_1000", "0.005"),
                        Map.entry("S3_HEAD_PRICE_PER_1000", "0.0004"),
                        Map.entry("EXPORT_DIR", ""),
                        Map.entry("CLEANUP_MIN_SIGHTINGS", "2"),
                        Map.entry("CLEANUP_MIN_AGE", "3d"),
                        Map.entry("CLEANUP_MAX_RATIO", "5%"),
                        Map.entry("CLEANUP_MAX_COUNT", "10000"),
                        Map.entry("QUARANTINE_BUCKET", ""),
                        Map.entry("QUARANTINE_PREFIX", ".stocktake-quarantine/"),
                        Map.entry("AUTO_DELETE_ORPHANS", "false"),
                        Map.entry("AUTO_DELETE_AFTER_DAYS", "30"));
    }

    @ParameterizedTest
    @CsvSource({"forever, forever", "Forever, forever", "24h, 1d", "1d12h, 1d12h", "36500d, 36500d"})
    void findingsAreKeptForADayAtLeastOrForEver(String value, String read) {
        assertThat(with("KEEP_FINDINGS", value).properties()).containsEntry("KEEP_FINDINGS", read);
        assertThat(with("KEEP_FINDINGS", value)).isEqualTo(with("KEEP_FINDINGS", read));
    }

    @Test
    void printingShowsNoSecret() {
        Map<String, String> all = new HashMap<>(REQUIRED);
        all.put("RESULTS_DATABASE_URL", "jdbc:postgresql://other/results?user=writer&password=hunter2");
        all.put("S3_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
        all.put("S3_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        all.put("S3_SESSION_TOKEN", "FwoGZXIvYXdzEXAMPLE");

        assertThat(Settings.from(all, Purpose.SERVE).toString())
                .contains(
                        "S3_ACCESS_KEY_ID=AKIA…,",
                        "S3_SECRET_ACCESS_KEY=***",
                        "S3_SESSION_TOKEN=***",
                        "CRON_SECRET=***",
                        "S3_PREFIX=\"\"")
                .doesNotContain("hunter2", "AKIAI", "wJalr", "FwoG", CRON_SECRET);
    }

    @Test
    void aShortAccessKeyIdIsNotShownAtAll() {
        Map<String, String> all = new HashMap<>(REQUIRED);
        all.put("S3_ACCESS_KEY_ID", "minio");
        all.put("S3_SECRET_ACCESS_KEY", "minio123");

        assertThat(Settings.from(all, Purpose.SERVE).toString()).doesNotContain("mini");
    }

    @Test
    void wrongSecretsAreNotShown() {
        Map<String, String> wrong = new HashMap<>(REQUIRED);
        wrong.put("S3_ACCESS_KEY_ID", "hunter2 hunter2");
        wrong.put("S3_SECRET_ACCESS_KEY", "hunter2\n");
        wrong.put("CRON_SECRET", "hunter2hunter2hunter2ü");

        assertThat(refused(wrong, Purpose.SERVE).problems())
                .containsExactly(
                        "S3_ACCESS_KEY_ID must be of visible ASCII characters, without spaces",
                        "S3_SECRET_ACCESS_KEY must not begin or end with a space or contain control characters",
                        "CRON_SECRET must be of visible ASCII characters, without spaces");
    }

    @Test
    void warnsOfVariablesThatAreProbablyMisspeltSettings() {
        Map<String, String> environment = new HashMap<>(REQUIRED);
        environment.put("S3_PREFFIX", "a/");
        environment.put("GRACE_PERIODE", "2h");
        environment.put("PATH", "/bin");
        environment.put("PORTS", "1");
        // one letter from DATABASE_URL, which is set: another program's
        environment.put("DATABASE_URI", URL);

        assertThat(Settings.warnings(environment))
                .containsExactly(
                        "\"GRACE_PERIODE\" is no setting; did you mean GRACE_PERIOD?",
                        "\"S3_PREFFIX\" is no setting; did you mean S3_PREFIX?");
    }

    private static Settings with(String name, String value) {
        Map<String, String> environment = new HashMap<>(REQUIRED);
        environment.put(name, value);
        return Settings.from(environment, Purpose.SERVE);
    }

    private static String problem(String name, String value) {
        Map<String, String> environment = new HashMap<>(REQUIRED);
        environment.put(name, value);
        List<String> problems = refused(environment, Purpose.SERVE).problems();
        assertThat(problems).hasSize(1);
        return problems.get(0);
    }

    private static SettingsException refused(Map<String, String> environment, Purpose purpose) {
        return catchThrowableOfType(SettingsException.class, () -> Settings.from(environment, purpose));
    }
}
