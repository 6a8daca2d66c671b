package dev.stocktake.cleanup;

import dev.stocktake.cleanup.Plans.Folder;
import dev.stocktake.cleanup.Plans.MadePlan;
import dev.stocktake.text.Visible;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A plan, and what became of it, for people. */
public final class PlanText {
    private static final int FOLDERS = 20;
    private static final int ITEMS = 10;
    private static final int FAILURES = 100;

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
        if (plan.recordsDatabase() != null) {
            line(text, "Records database: %s", Visible.text(plan.recordsDatabase()));
        }
        if (plan.store() != null) {
            line(text, "Store: %s", plan.store());
        }
        line(text, plan.isOfRecords() ? "Records: %,d" : "Files: %,d (%,d bytes)", plan.items(), plan.bytes());
        line(text, "%s", fate(plan));
        if (plan.unconditional()) {
            text.append("What the store cannot tell apart may be lost: a file that is uploaded in the same instant.\n");
        }
        line(text, "To be confirmed until: %s", plan.expiresAt().toInstant());
        text.append("\n=== Left out ===\n");
        line(text, "Probably an asset under another key: %,d", made.nearMatches());
        line(text, "Younger than CLEANUP_MIN_AGE: %,d", made.tooYoung());
        line(text, "Found by fewer complete runs than CLEANUP_MIN_SIGHTINGS: %,d", made.tooFewSightings());
        if (made.noRoom() > 0) {
            line(
                    text,
                    "Their keys have no room for the quarantine's prefix in the 1,024 bytes of a key: %,d; a shorter"
                            + " QUARANTINE_PREFIX may help",
                    made.noRoom());
        }
        if (plan.items() > 0) {
            text.append("\n=== By folder ===\n");
            List<Folder> folders = plans.folders(plan.id(), FOLDERS + 1);
            folders.stream()
                    .limit(FOLDERS)
                    .forEach(folder -> line(
                            text,
                            plan.isOfRecords() ? "  %s: %,d %s" : "  %s: %,d %s (%,d bytes)",
                            folder.folder().isEmpty() ? "(in no folder)" : Visible.text(folder.folder()),
                            folder.items(),
                            plan.action().items(),
                            folder.bytes()));
            if (folders.size() > FOLDERS) {
                text.append("  and others\n");
            }
            items(text, "The oldest", plan, "last_modified, number");
            if (!plan.isOfRecords()) {
                items(text, "The largest", plan, "size DESC, number");
            }
            text.append("\n=== All of them ===\n");
            line(
                    text,
                    "psql \"$RESULTS_DATABASE_URL\" -c \"\\copy (SELECT * FROM stocktake.plan_item WHERE plan_id = '%s'"
                            + " ORDER BY number) TO 'plan.csv' CSV HEADER\"",
                    plan.id());
        } else {
            text.append("\nThere is nothing to clean up.\n");
        }
        return text.toString();
    }

    private static String fate(Plan plan) {
        return switch (plan.action()) {
            case QUARANTINE -> "They are moved to: " + Visible.text(plan.quarantine());
            case DELETE -> "THEY ARE DELETED FOR GOOD, without quarantine; nothing brings them back.";
            case DELETE_RECORD -> "They are deleted from their table; their rows are saved.";
            case MARK_RECORD -> "They are marked in their table; their rows are saved.";
        };
    }

    private void items(StringBuilder text, String title, Plan plan, String order) {
        text.append("\n=== ").append(title).append(" ===\n");
        plans.first(plan.id(), order, ITEMS)
                .forEach(item -> text.append("  - ")
                        .append(Visible.text(item.storageKey()))
                        .append(" (")
                        .append(about(item))
                        .append(")\n"));
    }

    private static String about(PlanItem item) {
        List<String> facts = new ArrayList<>();
        if (item.recordId() != null) {
            facts.add("record " + Visible.text(item.recordId()));
        }
        if (item.size() != null) {
            facts.add(String.format(Locale.ROOT, "%,d bytes", item.size()));
        }
        if (item.lastModified() != null) {
            facts.add("modified " + item.lastModified().toInstant());
        }
        facts.add("found first " + item.firstFoundAt().toInstant());
        return String.join(", ", facts);
    }

    /** What became of a plan. */
    public static String result(CleanupResult result) {
        StringBuilder text = new StringBuilder();
        text.append("=== Cleanup ===\n");
        line(text, "Plan: %s", result.plan().id());
        line(text, "Bucket: %s", result.plan().bucket());
        if (result.plan().recordsDatabase() != null) {
            line(text, "Records database: %s", Visible.text(result.plan().recordsDatabase()));
        }
        line(
                text,
                "%s: %,d of %,d %s",
                switch (result.plan().action()) {
                    case QUARANTINE -> "Moved into quarantine";
                    case DELETE -> "Deleted for good";
                    case DELETE_RECORD -> "Deleted";
                    case MARK_RECORD -> "Marked";
                },
                result.done(),
                result.plan().items(),
                result.plan().action().items());
        if (result.broughtBack() > 0) {
            line(text, "Of those brought back since: %,d", result.broughtBack());
        }
        line(text, "Left as they are: %,d", result.skipped());
        line(text, "Failed: %,d", result.failed());
        result.reasons().forEach((reason, items) -> line(text, "  %,d %s", items, Visible.text(reason)));
        if (result.purged() > 0) {
            line(text, "Purged since, so that nothing brings them back: %,d", result.purged());
        }
        failures(text, result);
        if (result.stopped() != null) {
            line(text, "It went no further, because %s.", Visible.text(result.stopped()));
        }
        if (!result.isWhole()) {
            line(
                    text,
                    "%,d %s were not looked at; the same confirmation goes on with them: --execute --confirm %s",
                    result.plan().items() - result.done() - result.skipped() - result.failed(),
                    result.plan().action().items(),
                    result.plan().hash());
        }
        return text.toString();
    }

    private static void failures(StringBuilder text, CleanupResult result) {
        if (result.failures().isEmpty() || result.plan().isOfRecords()) {
            return;
        }
        text.append("Where those are now that failed, to be moved or to be brought back:\n");
        result.failures().stream()
                .limit(FAILURES)
                .forEach(failure -> line(text, "  - %s: %s", Visible.text(failure.storageKey()), failure.where()));
        if (result.failures().size() > FAILURES) {
            text.append("  and others, which are in stocktake.action\n");
        }
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
