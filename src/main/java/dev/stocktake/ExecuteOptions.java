package dev.stocktake;

import dev.stocktake.cleanup.KeysFile;
import dev.stocktake.cleanup.PlanOrder;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.compare.Finding.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What {@code cleanup-assets --execute} can be told. */
final class ExecuteOptions {
    @Option(
            names = "--execute",
            required = true,
            description =
                    "Make a plan of the orphaned files that the newest complete run found, show it, and, once it is"
                            + " confirmed, move them into quarantine. On a terminal it asks for the confirmation.")
    void setExecute(boolean given) {
        // without it there is no such object
    }

    @Option(
            names = "--run",
            paramLabel = "ID",
            description = "The run whose findings are planned; default: the newest.")
    private UUID run;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description =
                    "orphaned_file, the default, or orphaned_record, where cleanup-records.camel.yaml lets them be"
                            + " deleted or marked.")
    private String kind;

    @Option(names = "--prefix", paramLabel = "TEXT", description = "Only keys that begin with this.")
    private String keyPrefix;

    @Option(
            names = "--keys-from",
            paramLabel = "FILE",
            description = "Only what this reviewed export (.ndjson or .csv) names. One that is no finding is refused.")
    private Path keysFrom;

    @Option(
            names = "--expected-count",
            paramLabel = "N",
            description = "Exactly so many, even if CLEANUP_MAX_COUNT or CLEANUP_MAX_RATIO allow fewer.")
    private Long expectedCount;

    @Option(
            names = "--unsafe-min-age",
            paramLabel = "BUCKET",
            description = "The bucket's name: needed where CLEANUP_MIN_AGE is below 24h.")
    private String unsafeMinAge;

    @Option(
            names = "--permanently",
            paramLabel = "BUCKET",
            description = "The bucket's name: delete files for good instead of moving them. Nothing brings them back.")
    private String permanently;

    @Option(
            names = "--accept-unconditional",
            paramLabel = "BUCKET",
            description =
                    "The bucket's name: needed where the store ignores conditions, so that a file that is uploaded in"
                            + " the same instant can be lost.")
    private String acceptUnconditional;

    @Option(
            names = "--claim",
            paramLabel = "BUCKET",
            description =
                    "The bucket's name: needed with the first confirmation. It says that no other database may reference"
                            + " files there, such as the one of which this is a copy; from then on nobody else cleans it up.")
    private String claim;

    @Option(
            names = "--confirm",
            paramLabel = "HASH",
            description = "Execute the plan with this hash, which was shown before, or go on with it.")
    private String confirm;

    /** Of the plan that is confirmed; empty to make one. */
    Optional<String> confirmed() {
        return Optional.ofNullable(confirm);
    }

    /** The name by which somebody claims the bucket; empty where nobody does. */
    Optional<String> claimed() {
        return Optional.ofNullable(claim);
    }

    /** What is wrong with them together, one sentence each. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        boolean plans = Stream.of(
                        run, kind, keyPrefix, keysFrom, expectedCount, unsafeMinAge, permanently, acceptUnconditional)
                .anyMatch(Objects::nonNull);
        if (confirm != null && plans) {
            problems.add("--confirm must stand alone, or with --claim: the plan holds all the rest");
        }
        if (kind != null && kind().isEmpty()) {
            problems.add("--kind must be orphaned_file or orphaned_record, was: \"" + kind + "\"");
        }
        if (permanently != null && kind().equals(Optional.of(Kind.ORPHANED_RECORD))) {
            problems.add("--permanently is about files: cleanup-records.camel.yaml says what happens to records");
        }
        return problems;
    }

    private Optional<Kind> kind() {
        return kind == null ? Optional.of(Kind.ORPHANED_FILE) : Kind.of(kind);
    }

    /**
     * The plan that they ask for.
     *
     * @param bucket that is compared
     * @param madeBy who asks
     * @throws dev.stocktake.settings.SettingsException when the file of keys cannot be read
     * @throws RefusedException when what is to be gone for good is not named
     */
    PlanOrder order(String bucket, String madeBy) {
        if (permanently != null && !permanently.equals(bucket)) {
            throw new RefusedException(
                    "--permanently must be the name of the bucket whose files are to be gone for good, \"" + bucket
                            + "\", was: \"" + permanently + "\"");
        }
        Kind planned = kind().orElseThrow();
        return new PlanOrder(
                Optional.ofNullable(run),
                planned,
                permanently != null,
                keyPrefix == null ? "" : keyPrefix,
                Optional.ofNullable(keysFrom).map(file -> KeysFile.read(file, planned)),
                expectedCount == null ? OptionalLong.empty() : OptionalLong.of(expectedCount),
                bucket.equals(unsafeMinAge),
                bucket.equals(acceptUnconditional),
                Optional.empty(),
                madeBy);
    }
}
