package dev.stocktake.settings;

import dev.stocktake.schedule.CronSchedule;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Every setting, read from the environment, checked, with its default filled in. Immutable, and printing it shows no
 * secret.
 *
 * @param database {@code DATABASE_URL} with {@code DATABASE_USER} and {@code DATABASE_PASSWORD}: the asset records
 * @param resultsDatabase {@code RESULTS_DATABASE_URL}: Stocktake's own schema; default: {@code database}. The two
 *     overrides of {@code database} are not applied to a URL of its own
 * @param bucket {@code S3_BUCKET}: the bucket's name
 * @param prefix {@code S3_PREFIX}: the keys to compare, exactly as given; empty for all
 * @param endpoint {@code S3_ENDPOINT}: scheme, host and port of a store other than AWS, no trailing slash
 * @param region {@code S3_REGION}; default: {@code us-east-1} with an endpoint, else what the AWS SDK finds
 * @param forcePathStyle {@code S3_FORCE_PATH_STYLE}; default: whether there is an endpoint
 * @param accessKeyId {@code S3_ACCESS_KEY_ID}; here if and only if {@code secretAccessKey} is
 * @param secretAccessKey {@code S3_SECRET_ACCESS_KEY}; else the AWS SDK's default credential chain
 * @param sessionToken {@code S3_SESSION_TOKEN}: of temporary credentials; only with the two keys
 * @param schedule {@code CRON_MAINTENANCE_SCHEDULE}: when to start runs; default {@code 0 3 * * *}
 * @param timeZone {@code CRON_TIME_ZONE}: the schedule's clock; default UTC
 * @param cronSecret {@code CRON_SECRET}: the HTTP API's bearer secret, at least 16 visible ASCII characters; always
 *     here for {@link Purpose#SERVE}, never for any other purpose
 * @param cleanupSecret {@code CLEANUP_SECRET}: what else it takes to plan and execute cleanups over HTTP, of the same form and
 *     not the same; empty where nobody can
 * @param host {@code HOST}: the address to listen on; default {@code 127.0.0.1}
 * @param port {@code PORT}: 0 for any free one; default 8080
 * @param gracePeriod {@code GRACE_PERIOD}: what is younger is not judged; whole seconds; default one hour
 * @param settlePeriod {@code SETTLE_PERIOD}: how long a difference must have lasted when it is verified; at most the grace
 *     period counts; whole seconds; default 5 seconds
 * @param resumeLimit {@code RESUME_LIMIT}: an interrupted run that began longer ago is not resumed; whole seconds; default
 *     6 hours
 * @param keepFindings {@code KEEP_FINDINGS}: for how long after its end the findings of a run stay, those of the newest aside; a
 *     day at least; empty for ever; default 90 days
 * @param suspiciousOrphanPercent {@code SUSPICIOUS_ORPHAN_PERCENT}: of either side, 1 to 100; a verdict with more orphans
 *     is suspicious; default 20
 * @param parallelism {@code PARALLELISM}: ranges compared side by side, 1 to 256; default 16
 * @param databaseConnections {@code DATABASE_CONNECTIONS}: to the records database at the most, 2 to 256; default 4
 * @param resultsDatabaseConnections {@code RESULTS_DATABASE_CONNECTIONS}: to Stocktake's own schema at the most, 2 to 256;
 *     default 4
 * @param maxRequestsPerSecond {@code S3_MAX_REQUESTS_PER_SECOND}: never exceeded, at least 1; empty for no cap
 * @param listPricePer1000 {@code S3_LIST_PRICE_PER_1000}: of 1,000 list requests, in any currency; default 0.005
 * @param headPricePer1000 {@code S3_HEAD_PRICE_PER_1000}: of 1,000 other requests; default 0.0004
 * @param exportDirectory {@code EXPORT_DIR}: may not exist yet; empty for no file export
 * @param cleanupLimits what a cleanup may do; default: files found by 2 runs and 72 hours old, 5 % of the objects, 10,000
 * @param quarantineBucket {@code QUARANTINE_BUCKET}: empty for the bucket itself
 * @param quarantinePrefix {@code QUARANTINE_PREFIX}: ends in a slash; default {@code .stocktake-quarantine/}
 * @param autoDeleteOrphans {@code AUTO_DELETE_ORPHANS}: whether scheduled runs clean up without a confirmation; default false
 * @param autoDeleteAfterDays {@code AUTO_DELETE_AFTER_DAYS}: after which they do; 1 to 36500; default 30
 */
public record Settings(
        DatabaseUrl database,
        DatabaseUrl resultsDatabase,
        String bucket,
        String prefix,
        Optional<URI> endpoint,
        Optional<String> region,
        boolean forcePathStyle,
        Optional<String> accessKeyId,
        Optional<Secret> secretAccessKey,
        Optional<Secret> sessionToken,
        CronSchedule schedule,
        ZoneId timeZone,
        Optional<Secret> cronSecret,
        Optional<Secret> cleanupSecret,
        String host,
        int port,
        Duration gracePeriod,
        Duration settlePeriod,
        Duration resumeLimit,
        Optional<Duration> keepFindings,
        int suspiciousOrphanPercent,
        int parallelism,
        int databaseConnections,
        int resultsDatabaseConnections,
        OptionalInt maxRequestsPerSecond,
        BigDecimal listPricePer1000,
        BigDecimal headPricePer1000,
        Optional<Path> exportDirectory,
        CleanupLimits cleanupLimits,
        Optional<String> quarantineBucket,
        String quarantinePrefix,
        boolean autoDeleteOrphans,
        int autoDeleteAfterDays) {

    /** How AWS begins the key ids that are of no use without a session token. */
    private static final String TEMPORARY = "ASIA";

    private static final List<String> NAMES = List.of(
            "DATABASE_URL",
            "DATABASE_USER",
            "DATABASE_PASSWORD",
            "RESULTS_DATABASE_URL",
            "S3_BUCKET",
            "S3_PREFIX",
            "S3_ENDPOINT",
            "S3_REGION",
            "S3_FORCE_PATH_STYLE",
            "S3_ACCESS_KEY_ID",
            "S3_SECRET_ACCESS_KEY",
            "S3_SESSION_TOKEN",
            "CRON_MAINTENANCE_SCHEDULE",
            "CRON_TIME_ZONE",
            "CRON_SECRET",
            "CLEANUP_SECRET",
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
            "AUTO_DELETE_AFTER_DAYS");

    /**
     * Reads and checks the settings; nothing is opened, made or connected to. A blank value counts as unset, but
     * {@code S3_PREFIX} is unset only when it is empty: a space is a legal prefix.
     *
     * @param environment by name, as {@link Environment#read} merges it; other names are ignored
     * @throws SettingsException with every problem, one line each
     */
    public static Settings from(Map<String, String> environment, Purpose purpose) {
        SettingsReader read = new SettingsReader(environment);
        Optional<DatabaseUrl> database = read.required(
                        "DATABASE_URL",
                        "the records' database, as in postgres://user:password@host:5432/db",
                        DatabaseUrl::parse)
                .map(url -> url.as(
                        read.text("DATABASE_USER"),
                        read.secret("DATABASE_PASSWORD").map(Secret::of)));
        Optional<DatabaseUrl> results =
                read.optional("RESULTS_DATABASE_URL", DatabaseUrl::parse).or(() -> database);
        Optional<String> bucket = read.required("S3_BUCKET", "the bucket's name", SettingForm::bucket);
        Optional<String> prefix = read.read("S3_PREFIX", read.exact("S3_PREFIX"), SettingForm::prefix);
        Optional<URI> endpoint = read.optional("S3_ENDPOINT", SettingForm::endpoint);
        // stores other than AWS ignore the region, but the SDK cannot sign without one
        Optional<String> region =
                read.optional("S3_REGION", SettingForm::region).or(() -> endpoint.map(store -> "us-east-1"));
        boolean forcePathStyle = read.or("S3_FORCE_PATH_STYLE", endpoint.isPresent(), SettingForm::yesOrNo);
        Optional<String> accessKeyId = read.optional("S3_ACCESS_KEY_ID", SettingForm::accessKeyId);
        Optional<Secret> secretAccessKey =
                read.read("S3_SECRET_ACCESS_KEY", read.secret("S3_SECRET_ACCESS_KEY"), SettingForm::secretAccessKey);
        checkPair(read, "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY");
        Optional<Secret> sessionToken =
                read.read("S3_SESSION_TOKEN", read.secret("S3_SESSION_TOKEN"), SettingForm::secretAccessKey);
        checkSessionToken(read, endpoint.isEmpty());
        CronSchedule schedule =
                read.or("CRON_MAINTENANCE_SCHEDULE", CronSchedule.parse("0 3 * * *"), CronSchedule::parse);
        ZoneId timeZone = read.or("CRON_TIME_ZONE", ZoneId.of("UTC"), SettingForm::timeZone);
        Optional<Secret> cronSecret = switch (purpose) {
            case SERVE -> cronSecret(read);
            case CLEANUP_ASSETS -> Optional.empty();
        };
        Optional<Secret> cleanupSecret = switch (purpose) {
            case SERVE -> cleanupSecret(read, cronSecret);
            case CLEANUP_ASSETS -> Optional.empty();
        };
        String host = read.or("HOST", "127.0.0.1", SettingForm::host);
        int port = read.or("PORT", 8080, SettingForm.wholeNumber(0, 65_535));
        Duration gracePeriod = read.or("GRACE_PERIOD", Duration.ofHours(1), TimeSpan::parse);
        Duration settlePeriod = read.or("SETTLE_PERIOD", Duration.ofSeconds(5), TimeSpan::parse);
        Duration resumeLimit = read.or("RESUME_LIMIT", Duration.ofHours(6), TimeSpan::parse);
        Optional<Duration> keepFindings =
                read.or("KEEP_FINDINGS", Optional.of(Duration.ofDays(90)), SettingForm::keeping);
        int suspiciousOrphanPercent = read.or("SUSPICIOUS_ORPHAN_PERCENT", 20, SettingForm.wholeNumber(1, 100));
        int parallelism = read.or("PARALLELISM", 16, SettingForm.wholeNumber(1, 256));
        int databaseConnections = read.or("DATABASE_CONNECTIONS", 4, SettingForm.wholeNumber(2, 256));
        int resultsDatabaseConnections = read.or("RESULTS_DATABASE_CONNECTIONS", 4, SettingForm.wholeNumber(2, 256));
        OptionalInt maxRequestsPerSecond = read.optional(
                        "S3_MAX_REQUESTS_PER_SECOND", SettingForm.wholeNumber(1, 1_000_000))
                .map(OptionalInt::of)
                .orElseGet(OptionalInt::empty);
        BigDecimal listPricePer1000 = read.or("S3_LIST_PRICE_PER_1000", new BigDecimal("0.005"), SettingForm::price);
        BigDecimal headPricePer1000 = read.or("S3_HEAD_PRICE_PER_1000", new BigDecimal("0.0004"), SettingForm::price);
        Optional<Path> exportDirectory = read.optional("EXPORT_DIR", SettingForm::directory);
        CleanupLimits cleanupLimits = new CleanupLimits(
                read.or("CLEANUP_MIN_SIGHTINGS", 2, SettingForm.wholeNumber(1, 100)),
                read.or("CLEANUP_MIN_AGE", Duration.ofDays(3), TimeSpan::parse),
                read.or("CLEANUP_MAX_RATIO", 5, SettingForm::percent),
                read.or("CLEANUP_MAX_COUNT", 10_000, SettingForm.wholeNumber(0, 999_999_999)));
        Optional<String> quarantineBucket = read.optional("QUARANTINE_BUCKET", SettingForm::bucket);
        String quarantinePrefix = read.or("QUARANTINE_PREFIX", ".stocktake-quarantine/", SettingForm::quarantinePrefix);
        if (quarantineBucket.isEmpty() && prefix.orElse("").startsWith(quarantinePrefix)) {
            read.problem("S3_PREFIX must not lie in QUARANTINE_PREFIX, which is never compared, was: "
                    + ShownText.quoted(prefix.orElse("")) + " in " + ShownText.quoted(quarantinePrefix));
        }
        boolean autoDeleteOrphans = read.or("AUTO_DELETE_ORPHANS", false, SettingForm::yesOrNo);
        int autoDeleteAfterDays = read.or("AUTO_DELETE_AFTER_DAYS", 30, SettingForm.wholeNumber(1, 36_500));
        read.refuseProblems();
        return new Settings(
                database.orElseThrow(),
                results.orElseThrow(),
                bucket.orElseThrow(),
                prefix.orElse(""),
                endpoint,
                region,
                forcePathStyle,
                accessKeyId,
                secretAccessKey,
                sessionToken,
                schedule,
                timeZone,
                cronSecret,
                cleanupSecret,
                host,
                port,
                gracePeriod,
                settlePeriod,
                resumeLimit,
                keepFindings,
                suspiciousOrphanPercent,
                parallelism,
                databaseConnections,
                resultsDatabaseConnections,
                maxRequestsPerSecond,
                listPricePer1000,
                headPricePer1000,
                exportDirectory,
                cleanupLimits,
                quarantineBucket,
                quarantinePrefix,
                autoDeleteOrphans,
                autoDeleteAfterDays);
    }

    /**
     * One line for each variable that is no setting but looks like a misspelt one which is unset. Names only.
     *
     * @param environment as for {@link #from}
     */
    public static List<String> warnings(Map<String, String> environment) {
        // HOST and PORT are too short to be told from other programs' variables
        List<String> unset = NAMES.stream()
                .filter(name -> name.length() > 4 && !environment.containsKey(name))
                .toList();
        return environment.keySet().stream()
                .filter(name -> !NAMES.contains(name))
                .sorted()
                .flatMap(name -> NearestName.of(name, unset, 2).stream()
                        .map(near -> ShownText.quoted(name) + " is no setting; did you mean " + near + "?"))
                .toList();
    }

    /**
     * The settings that are not secret, by their names, in a form that {@link #from} reads again; empty text for what
     * is unset. Without the databases and the credentials.
     */
    public Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("S3_BUCKET", bucket);
        properties.put("S3_PREFIX", prefix);
        properties.put("S3_ENDPOINT", endpoint.map(URI::toString).orElse(""));
        properties.put("S3_REGION", region.orElse(""));
        properties.put("S3_FORCE_PATH_STYLE", Boolean.toString(forcePathStyle));
        properties.put("CRON_MAINTENANCE_SCHEDULE", schedule.unix());
        properties.put("CRON_TIME_ZONE", timeZone.getId());
        properties.put("HOST", host);
        properties.put("PORT", Integer.toString(port));
        properties.put("GRACE_PERIOD", TimeSpan.format(gracePeriod));
        properties.put("SETTLE_PERIOD", TimeSpan.format(settlePeriod));
        properties.put("RESUME_LIMIT", TimeSpan.format(resumeLimit));
        properties.put("KEEP_FINDINGS", keepFindings.map(TimeSpan::format).orElse(SettingForm.FOREVER));
        properties.put("SUSPICIOUS_ORPHAN_PERCENT", Integer.toString(suspiciousOrphanPercent));
        properties.put("PARALLELISM", Integer.toString(parallelism));
        properties.put("DATABASE_CONNECTIONS", Integer.toString(databaseConnections));
        properties.put("RESULTS_DATABASE_CONNECTIONS", Integer.toString(resultsDatabaseConnections));
        properties.put(
                "S3_MAX_REQUESTS_PER_SECOND",
                maxRequestsPerSecond.isPresent() ? Integer.toString(maxRequestsPerSecond.getAsInt()) : "");
        properties.put("S3_LIST_PRICE_PER_1000", listPricePer1000.toPlainString());
        properties.put("S3_HEAD_PRICE_PER_1000", headPricePer1000.toPlainString());
        properties.put("EXPORT_DIR", exportDirectory.map(Path::toString).orElse(""));
        properties.put("CLEANUP_MIN_SIGHTINGS", Integer.toString(cleanupLimits.minSightings()));
        properties.put("CLEANUP_MIN_AGE", TimeSpan.format(cleanupLimits.minAge()));
        properties.put("CLEANUP_MAX_RATIO", cleanupLimits.maxPercent() + "%");
        properties.put("CLEANUP_MAX_COUNT", Integer.toString(cleanupLimits.maxCount()));
        properties.put("QUARANTINE_BUCKET", quarantineBucket.orElse(""));
        properties.put("QUARANTINE_PREFIX", quarantinePrefix);
        properties.put("AUTO_DELETE_ORPHANS", Boolean.toString(autoDeleteOrphans));
        properties.put("AUTO_DELETE_AFTER_DAYS", Integer.toString(autoDeleteAfterDays));
        return Collections.unmodifiableMap(properties);
    }

    /** Everything by its name; of secrets only whether they are set. */
    @Override
    public String toString() {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("DATABASE_URL", database);
        shown.put("RESULTS_DATABASE_URL", resultsDatabase);
        properties().forEach((name, value) -> shown.put(name, ShownText.quoted(value)));
        shown.put("S3_ACCESS_KEY_ID", accessKeyId.map(Settings::beginning).orElse("unset"));
        shown.put("S3_SECRET_ACCESS_KEY", secretAccessKey.map(Secret::toString).orElse("unset"));
        shown.put("S3_SESSION_TOKEN", sessionToken.map(Secret::toString).orElse("unset"));
        shown.put("CRON_SECRET", cronSecret.map(Secret::toString).orElse("unset"));
        shown.put("CLEANUP_SECRET", cleanupSecret.map(Secret::toString).orElse("unset"));
        return shown.entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue())
                .collect(Collectors.joining(", ", "Settings[", "]"));
    }

    private static Optional<Secret> cronSecret(SettingsReader read) {
        Optional<String> value = read.secret("CRON_SECRET");
        if (value.isEmpty()) {
            read.problem("CRON_SECRET must be set to a secret of at least 16 characters, was: unset");
        }
        return read.read("CRON_SECRET", value, SettingForm::httpSecret);
    }

    private static Optional<Secret> cleanupSecret(SettingsReader read, Optional<Secret> cronSecret) {
        Optional<Secret> secret = read.read("CLEANUP_SECRET", read.secret("CLEANUP_SECRET"), SettingForm::httpSecret);
        if (secret.isPresent() && secret.equals(cronSecret)) {
            read.problem("CLEANUP_SECRET must not be the same as CRON_SECRET: whoever may look may not move files yet");
        }
        return secret;
    }

    private static void checkPair(SettingsReader read, String one, String other) {
        boolean hasOne = read.secret(one).isPresent();
        if (hasOne != read.secret(other).isPresent()) {
            read.problem(
                    one + " and " + other + " must be set together or not at all, was: only " + (hasOne ? one : other));
        }
    }

    private static void checkSessionToken(SettingsReader read, boolean onAws) {
        boolean hasToken = read.secret("S3_SESSION_TOKEN").isPresent();
        Optional<String> id = read.text("S3_ACCESS_KEY_ID");
        if (hasToken && id.isEmpty()) {
            read.problem(
                    "S3_SESSION_TOKEN must be set together with S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, was: alone");
        }
        if (hasToken || id.isEmpty()) {
            return;
        }
        if (read.secret("AWS_SESSION_TOKEN").isPresent()
                && read.text("AWS_ACCESS_KEY_ID").isEmpty()) {
            read.problem(
                    "S3_SESSION_TOKEN must be set where S3_ACCESS_KEY_ID is one of temporary credentials, was: unset, but"
                            + " AWS_SESSION_TOKEN is set, which is not read beside S3_ACCESS_KEY_ID");
        } else if (onAws && id.get().startsWith(TEMPORARY)) {
            read.problem("S3_SESSION_TOKEN must be set, because S3_ACCESS_KEY_ID begins with " + TEMPORARY
                    + " as those of temporary credentials do, was: unset");
        }
    }

    /** Enough to tell two keys apart; a short one would be given away. */
    private static String beginning(String key) {
        return (key.length() < 12 ? "" : key.substring(0, 4)) + "…";
    }
}
