package dev.stocktake.cleanup;

import dev.stocktake.cleanup.Plans.Folder;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.text.Visible;
import java.util.List;
import java.util.Locale;

/** A plan, and what became of it, for people. */
public final class PlanText {
    private static final int FOLDERS = 20;
    private static final int FILES = 10;

    private final Plans plans;

    public PlanText(Plans plans) {
        this.plans = plans;
    }

    /** What a person should see before they confirm. */
    public String review(MadePlan made) {
        Plan plan = made.plan();
        StringBuilder text = new StringBuilder();
        text.append("=== Cleanup Plan ===\n");
        line(text, "Plan: %s", plan.id());
        line(text, "Hash: %s", plan.hash());
        line(text, "Run: %s", plan.runId());
        line(
                text,
                "Bucket: %s%s",
                plan.bucket(),
                plan.prefix().isEmpty() ? "" : ", prefix " + Visible.text(plan.prefix()));
        line(text, "Files: %,d (%,d bytes)", plan.files(), plan.bytes());
        line(text, "They are moved to: %s", Visible.text(plan.quarantine()));
        line(text, "To be confirmed until: %s", plan.expiresAt().toInstant());
        text.append("\n=== Left out ===\n");
        line(text, "Probably an asset under another key: %,d", made.nearMatches());
        line(text, "Younger than CLEANUP_MIN_AGE: %,d", made.tooYoung());
        line(text, "Found by fewer complete runs than CLEANUP_MIN_SIGHTINGS: %,d", made.tooFewSightings());
        if (plan.files() > 0) {
            text.append("\n=== By folder ===\n");
            List<Folder> folders = plans.folders(plan.id(), FOLDERS + 1);
            folders.stream()
                    .limit(FOLDERS)
                    .forEach(folder -> line(
                            text,
                            "  %s: %,d files (%,d bytes)",
                            folder.folder().isEmpty() ? "(in no folder)" : Visible.text(folder.folder()),
                            folder.files(),
                            folder.bytes()));
            if (folders.size() > FOLDERS) {
                text.append("  and others\n");
            }
            files(text, "The oldest", plan, "last_modified, number");
            files(text, "The largest", plan, "size DESC, number");
            text.append("\n=== All of them ===\n");
            line(
                    text,
                    "psql \"$RESULTS_DATABASE_URL\" -c \"\\copy (SELECT * FROM stocktake.plan_item WHERE plan_id = '%s'"
                            + " ORDER BY number) TO 'plan.csv' CSV HEADER\"",
                    plan.id());
        }
        return text.toString();
    }

    private void files(StringBuilder text, String title, Plan plan, String order) {
        text.append("\n=== ").append(title).append(" ===\n");
        plans.first(plan.id(), order, FILES)
                .forEach(item -> line(
                        text,
                        "  - %s (%,d bytes, modified %s, found first %s)",
                        Visible.text(item.storageKey()),
                        item.size(),
                        item.lastModified().toInstant(),
                        item.firstFoundAt().toInstant()));
    }

    /** What became of a plan. */
    public static String result(CleanupResult result) {
        StringBuilder text = new StringBuilder();
        text.append("=== Cleanup ===\n");
        line(text, "Plan: %s", result.plan().id());
        line(
                text,
                "Moved into quarantine: %,d of %,d files",
                result.done(),
                result.plan().files());
        line(text, "Left where they are: %,d", result.skipped());
        line(text, "Could not be moved: %,d", result.failed());
        result.reasons().forEach((reason, files) -> line(text, "  %,d %s", files, Visible.text(reason)));
        if (result.stopped() != null) {
            line(text, "It went no further, because %s.", Visible.text(result.stopped()));
        }
        if (!result.isWhole()) {
            line(
                    text,
                    "%,d files were not looked at; the same confirmation goes on with them: --execute --confirm %s",
                    result.plan().files() - result.done() - result.skipped() - result.failed(),
                    result.plan().hash());
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
