package dev.stocktake;

import dev.stocktake.cleanup.KeysFile;
import dev.stocktake.cleanup.PlanOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
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

    @Option(names = "--prefix", paramLabel = "TEXT", description = "Only keys that begin with this.")
    private String keyPrefix;

    @Option(
            names = "--keys-from",
            paramLabel = "FILE",
            description = "Only the keys of this reviewed export (.ndjson or .csv). One that is no finding is refused.")
    private Path keysFrom;

    @Option(
            names = "--expected-files",
            paramLabel = "N",
            description = "Exactly so many files, even if CLEANUP_MAX_COUNT or CLEANUP_MAX_RATIO allow fewer.")
    private Long expectedFiles;

    @Option(
            names = "--unsafe-min-age",
            paramLabel = "BUCKET",
            description = "The bucket's name: needed where CLEANUP_MIN_AGE is below 24h.")
    private String unsafeMinAge;

    @Option(
            names = "--confirm",
            paramLabel = "HASH",
            description = "Execute the plan with this hash, which was shown before, or go on with it.")
    private String confirm;

    /** Of the plan that is confirmed; empty to make one. */
    Optional<String> confirmed() {
        return Optional.ofNullable(confirm);
    }

    /** What is wrong with them together, one sentence each. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        boolean plans =
                run != null || keyPrefix != null || keysFrom != null || expectedFiles != null || unsafeMinAge != null;
        if (confirm != null && plans) {
            problems.add("--confirm must stand alone: the plan holds all the rest");
        }
        return problems;
    }

    /**
     * The plan that they ask for.
     *
     * @param bucket that is compared
     * @param madeBy who asks
     * @throws dev.stocktake.settings.SettingsException when the file of keys cannot be read
     */
    PlanOrder order(String bucket, String madeBy) {
        return new PlanOrder(
                Optional.ofNullable(run),
                keyPrefix == null ? "" : keyPrefix,
                Optional.ofNullable(keysFrom).map(KeysFile::read),
                expectedFiles == null ? OptionalLong.empty() : OptionalLong.of(expectedFiles),
                bucket.equals(unsafeMinAge),
                Optional.empty(),
                madeBy);
    }
}
