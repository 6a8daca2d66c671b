package dev.stocktake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import dev.stocktake.fixture.BuiltJar.Turn;
import dev.stocktake.fixture.InProcess;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.json.Json;
import dev.stocktake.storage.ClaimObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The walk-through of README, by the built jar, and what its commands say where it does not go as there. */
class CleanupCommandsTest {
    private static final Pattern HASH = Pattern.compile("Hash: ([0-9a-f]{64})");
    private static final Pattern PLAN = Pattern.compile("Plan: ([0-9a-f-]{36})");
    private static final Pattern HASH_OF_THE_LAST = Pattern.compile("Hash of the last: ([0-9a-f]{64})");
    private static final Pattern AUDIT_HEAD = Pattern.compile("Audit head: ([0-9]+ [0-9a-f]{64})\\n$");

    private final Assets assets = Assets.empty();

    @TempDir
    private Path folder;

    private BuiltJar jar;
    private InProcess commands;

    @BeforeEach
    void fill() {
        List<String> matched =
                IntStream.range(0, 50).mapToObj(i -> "matched-" + i).toList();
        assets.objects(matched).records(matched).objects("old/orphan", "stays");
        Map<String, String> environment = assets.environment();
        environment.put("CLEANUP_MIN_SIGHTINGS", "1");
        environment.put("STOCKTAKE_ROUTES", Path.of("routes").toAbsolutePath().toString());
        jar = new BuiltJar(folder, environment);
        commands = new InProcess(folder, environment);
    }

    @Test
    void planConfirmRestorePurgeAndVerify() {
        foundBefore();
        BuiltJar.Result report = jar.run("cleanup-assets", "--export", "reports");
        assertThat(report.exitStatus()).isEqualTo(1);

        BuiltJar.Result planned = jar.run("cleanup-assets", "--execute", "--prefix", "old/");
        assertThat(planned.exitStatus()).as(planned.errors()).isEqualTo(1);
        assertThat(planned.output())
                .contains("Files: 1 (3 bytes)")
                .contains("old/: 1 files (3 bytes)")
                .contains("- old/orphan (3 bytes, modified 2024-01-10T12:00:00Z")
                .contains("Nothing was done. To execute this plan: cleanup-assets --execute --confirm ");

        String hash = found(HASH, planned);
        BuiltJar.Result executed = jar.run("cleanup-assets", "--execute", "--confirm", hash);
        assertThat(executed.exitStatus()).as(executed.errors()).isZero();
        assertThat(executed.output()).contains("Moved into quarantine: 1 of 1 files");
        assertThat(executed.errors()).contains("moved into quarantine: old/orphan");
        String head = found(AUDIT_HEAD, executed);
        assertThat(executed.errors()).contains("Audit head: " + head);
        BuiltJar.Result again = commands.run("cleanup-assets", "--execute", "--confirm", hash);
        assertThat(again.exitStatus()).isEqualTo(4);
        assertThat(again.errors()).contains("a plan is used once").doesNotContain("Exception");

        String plan = found(PLAN, planned);
        BuiltJar.Result restored = jar.run("restore", "--plan", plan);
        assertThat(restored.exitStatus()).as(restored.errors()).isZero();
        assertThat(restored.output()).contains("Restored: 1 of 1");
        assertThat(restored.errors()).contains("Audit head: " + found(AUDIT_HEAD, restored));

        BuiltJar.Result purged = jar.run("purge", "--older-than", "0s");
        assertThat(purged.exitStatus()).as(purged.errors()).isZero();
        assertThat(purged.output()).contains("Files in quarantine for 0s: 0");

        BuiltJar.Result verified = jar.run("audit", "verify");
        assertThat(verified.exitStatus()).as(verified.errors()).isZero();
        assertThat(verified.output())
                .contains("Actions: 5")
                .contains("What this proves: ", "What it does not: ", "--head", "audit_head", ".audit-head.json");
        assertThat(found(AUDIT_HEAD, restored)).endsWith(" " + found(HASH_OF_THE_LAST, verified));
        BuiltJar.Result since = commands.run(
                "audit", "verify", "--head", head.replaceFirst(".* ", "").toUpperCase(Locale.ROOT) + " ");
        assertThat(since.exitStatus()).as(since.errors()).isZero();
        assertThat(since.output())
                .contains("The hash of --head is that of action " + head.replaceFirst(" .*", "") + ": ")
                .contains("Actions since: 1\n");
        assertThat(commands.run("audit", "verify", "--head", "not-a-hash").exitStatus())
                .isEqualTo(4);
    }

    @Test
    void everyExportHoldsTheAuditHeadOnceThereIsAnAction() throws IOException {
        commands.run("cleanup-assets", "--export", folder.resolve("before").toString());
        assertThat(folder.resolve("before").toFile().list()).noneMatch(name -> name.contains("audit"));
        assets.backdateFindings();
        plan();

        commands.run("cleanup-assets", "--export", folder.resolve("after").toString());
        assets.database().execute("DROP TABLE assets");
        assertThat(commands.run(
                                "cleanup-assets",
                                "--export",
                                folder.resolve("none").toString())
                        .exitStatus())
                .isEqualTo(3);

        for (String export : List.of("after", "none")) {
            try (Stream<Path> files = Files.list(folder.resolve(export))) {
                Path file = files.filter(each -> each.toString().endsWith(".audit-head.json"))
                        .findFirst()
                        .orElseThrow();
                assertThat(file.getFileName().toString()).matches("[0-9a-f-]{36}\\.audit-head\\.json");
                JsonNode head = Json.MAPPER.readTree(Files.readString(file));
                assertThat(head.path("number").asLong()).isOne();
                assertThat(OffsetDateTime.parse(head.path("at").asText())).isBefore(OffsetDateTime.now(ZoneOffset.UTC));
                BuiltJar.Result verified = commands.run(
                        "audit", "verify", "--head", head.path("hash").asText());
                assertThat(verified.exitStatus()).as(verified.errors()).isZero();
            }
        }
    }

    @Test
    void aPurgeSaysTheAuditHead() {
        foundBefore();
        String hash = found(HASH, commands.run("cleanup-assets", "--execute", "--prefix", "old/"));
        commands.run("cleanup-assets", "--execute", "--confirm", hash);

        BuiltJar.Result purged = commands.run(
                "purge", "--older-than", "0s", "--confirm", found(HASH, commands.run("purge", "--older-than", "0s")));

        assertThat(purged.output()).contains("Deleted: 1\n");
        assertThat(purged.errors()).contains("Audit head: " + found(AUDIT_HEAD, purged));
    }

    @Test
    void restoringWhatWasPurgedSaysSo() throws IOException {
        foundBefore();
        BuiltJar.Result planned = commands.run("cleanup-assets", "--execute", "--format", "json");
        JsonNode plan = Json.MAPPER.readTree(planned.output());
        assertThat(plan.path("no_room").asLong()).isZero();
        String id = plan.path("plan").path("id").asText();
        BuiltJar.Result executed = commands.run(
                "cleanup-assets",
                "--execute",
                "--format",
                "json",
                "--confirm",
                plan.path("plan").path("hash").asText());
        JsonNode result = Json.MAPPER.readTree(executed.output());
        assertThat(result.path("done").asLong()).isEqualTo(2);
        assertThat(result.path("failures").isArray()).isTrue();
        Files.writeString(folder.resolve("back.csv"), "kind,storage_key\norphaned_file,stays\n");
        BuiltJar.Result some = commands.run(
                "restore",
                "--plan",
                id,
                "--keys-from",
                folder.resolve("back.csv").toString());
        assertThat(some.exitStatus()).as(some.errors()).isZero();
        commands.run(
                "purge", "--older-than", "0s", "--confirm", found(HASH, commands.run("purge", "--older-than", "0s")));

        BuiltJar.Result partly = commands.run("restore", "--plan", id);
        assertThat(partly.exitStatus()).as(partly.errors()).isEqualTo(1);
        assertThat(partly.output())
                .contains("Restored: 1 of 1")
                .contains("Purged before, so that nothing brings them back: 1\n");

        Files.writeString(folder.resolve("gone.csv"), "kind,storage_key\norphaned_file,old/orphan\n");
        BuiltJar.Result gone = commands.run(
                "restore",
                "--plan",
                id,
                "--keys-from",
                folder.resolve("gone.csv").toString());
        assertThat(gone.exitStatus()).isEqualTo(4);
        assertThat(gone.errors()).contains("files of it that were purged since: 1.");
    }

    @Test
    void aChangedActionIsToldWithExitStatus4() {
        foundBefore();
        plan();
        assets.database().execute("ALTER TABLE stocktake.action DISABLE TRIGGER refuse_change");
        assets.database().execute("UPDATE stocktake.action SET made_by = 'nobody'");

        BuiltJar.Result changed = commands.run("audit", "verify");

        assertThat(changed.exitStatus()).isEqualTo(4);
        assertThat(changed.errors()).contains("Row 1 of stocktake.action was changed after it was written.");
        assertThat(changed.output()).doesNotContain("What this proves");

        assets.database().execute("ALTER TABLE stocktake.action RENAME TO other");
        assets.database().execute("CREATE VIEW stocktake.action AS SELECT * FROM stocktake.other");

        BuiltJar.Result replaced = commands.run("audit", "verify");

        assertThat(replaced.exitStatus()).isEqualTo(4);
        assertThat(replaced.errors())
                .contains("stocktake.action is not the table that Stocktake made: it is a view")
                .doesNotContain("Exception");
        assertThat(replaced.output()).doesNotContain("Actions:");
    }

    @Test
    void ofTwoProcessesThatExecuteOnePlanOneWins() throws Exception {
        List<String> orphans =
                IntStream.range(0, 300).mapToObj(i -> "old/orphan-" + i).toList();
        assets.objects(orphans);
        foundBefore();
        String hash =
                found(HASH, commands.run("cleanup-assets", "--execute", "--prefix", "old/", "--expected-count", "301"));

        Process one = jar.startUnread("cleanup-assets", "--execute", "--confirm", hash);
        Process other = jar.startUnread("cleanup-assets", "--execute", "--confirm", hash);

        assertThat(List.of(one.waitFor(), other.waitFor())).containsExactlyInAnyOrder(0, 4);
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT count(*) FROM stocktake.action WHERE what = 'quarantine' AND outcome = 'done'")
                        .query(Long.class)
                        .single())
                .isEqualTo(301);
        assertThat(assets.database()
                        .sql()
                        .sql("SELECT count(*) FROM stocktake.action WHERE what = 'confirm'")
                        .query(Long.class)
                        .single())
                .isOne();
    }

    @Test
    void asksThePersonAtTheTerminal() {
        foundBefore();

        BuiltJar.Result wrong = jar.runOnTerminal(answering(assets.bucket(), "yes"), "cleanup-assets", "--execute");
        assertThat(wrong.exitStatus()).as(wrong.output()).isEqualTo(4);
        assertThat(wrong.output()).contains("That is not what the plan says; nothing was done.");

        BuiltJar.Result right = jar.runOnTerminal(answering(assets.bucket(), "2"), "cleanup-assets", "--execute");
        assertThat(right.exitStatus()).as(right.output()).isZero();
        assertThat(right.output()).contains("Moved into quarantine: 2 of 2 files");
    }

    @Test
    void theFirstCleanupClaimsTheBucketAndAnotherDatabaseMustTakeItOver() {
        foundBefore();
        assets.store().delete(assets.bucket(), ClaimObject.KEY);
        BuiltJar.Result planned = commands.run("cleanup-assets", "--execute", "--prefix", "old/");
        String hash = found(HASH, planned);
        assertThat(planned.output())
                .contains("no other database may reference files there")
                .contains("--execute --confirm " + hash + " --claim " + assets.bucket() + "\n");

        BuiltJar.Result unclaimed = commands.run("cleanup-assets", "--execute", "--confirm", hash);
        assertThat(unclaimed.exitStatus()).isEqualTo(4);
        assertThat(unclaimed.errors()).contains("--claim " + assets.bucket()).doesNotContain("Exception");
        BuiltJar.Result wrong = commands.run("cleanup-assets", "--execute", "--confirm", hash, "--claim", "yes");
        assertThat(wrong.exitStatus()).isEqualTo(4);
        assertThat(wrong.errors())
                .contains("The claim must name the bucket, \"" + assets.bucket() + "\", was: \"yes\"");
        BuiltJar.Result onTerminal = jar.runOnTerminal(answering(assets.bucket(), "1"), "cleanup-assets", "--execute");
        assertThat(onTerminal.exitStatus()).isEqualTo(4);

        BuiltJar.Result executed =
                commands.run("cleanup-assets", "--execute", "--confirm", hash, "--claim", assets.bucket());
        assertThat(executed.exitStatus()).as(executed.errors()).isZero();
        assertThat(executed.output())
                .contains("Bucket: " + assets.bucket() + "\nRecords database: 127.0.0.1:")
                .contains("Moved into quarantine: 1 of 1 files");
        assertThat(commands.run("claim", "show").exitStatus()).isZero();

        Map<String, String> elsewhere = assets.environment();
        elsewhere.put("STOCKTAKE_ROUTES", Path.of("routes").toAbsolutePath().toString());
        elsewhere.put(
                "DATABASE_URL",
                TestServers.databases().copyOf(assets.database()).url());
        InProcess copy = new InProcess(folder, elsewhere);
        BuiltJar.Result shown = copy.run("claim", "show");
        assertThat(shown.exitStatus()).isEqualTo(4);
        assertThat(shown.output())
                .contains("Another database has claimed this bucket: \""
                        + assets.database().name());
        BuiltJar.Result released = copy.run("claim", "release");
        assertThat(released.exitStatus()).isEqualTo(4);
        assertThat(released.errors()).contains("Only the database that has a claim can release it");
        BuiltJar.Result asked = copy.run("claim", "take-over");
        assertThat(asked.exitStatus()).isEqualTo(1);
        assertThat(asked.output()).contains("Nothing was changed.");
        BuiltJar.Result mistyped = new BuiltJar(folder, elsewhere)
                .runOnTerminal(List.of(new Turn("type the name of the bucket: ", "yes")), "claim", "take-over");
        assertThat(mistyped.exitStatus()).isEqualTo(4);
        BuiltJar.Result shownHere = commands.run("claim", "show");
        assertThat(shownHere.exitStatus()).as(shownHere.errors()).isZero();
        BuiltJar.Result taken = copy.run("claim", "take-over", "--confirm", found(HASH, asked));
        assertThat(taken.exitStatus()).as(taken.errors()).isZero();
        assertThat(taken.output()).contains("It is this database's.");

        assertThat(commands.run("claim", "show").exitStatus()).isEqualTo(4);
        BuiltJar.Result typed = new BuiltJar(folder, elsewhere)
                .runOnTerminal(List.of(new Turn("type the name of the bucket: ", assets.bucket())), "claim", "release");
        assertThat(typed.exitStatus()).as(typed.output()).isZero();
        assertThat(commands.run("claim", "show").exitStatus()).isEqualTo(1);
    }

    @Test
    void plansToDeleteForGoodOnlyWithTheBucketsName() {
        foundBefore();

        BuiltJar.Result wrong = commands.run("cleanup-assets", "--execute", "--permanently", "yes");
        assertThat(wrong.exitStatus()).isEqualTo(4);
        assertThat(wrong.errors()).contains("--permanently must be the name of the bucket", assets.bucket());

        BuiltJar.Result planned = commands.run("cleanup-assets", "--execute", "--permanently", assets.bucket());
        assertThat(planned.output()).contains("THEY ARE DELETED FOR GOOD");
    }

    @Test
    void refusesInOneLineEach() {
        BuiltJar.Result noRun = commands.run("cleanup-assets", "--execute");
        assertThat(noRun.exitStatus()).isEqualTo(4);
        assertThat(noRun.errors()).contains("is COMPLETE").doesNotContain("Exception", "\tat ");

        BuiltJar.Result unknown = commands.run("cleanup-assets", "--execute", "--confirm", "abc");
        assertThat(unknown.exitStatus()).isEqualTo(4);
        assertThat(unknown.errors()).contains("There is no plan with the hash \"abc\"");

        BuiltJar.Result both = commands.run("cleanup-assets", "--execute", "--confirm", "abc", "--prefix", "x");
        assertThat(both.exitStatus()).isEqualTo(2);
        assertThat(both.errors()).contains("--confirm must stand alone");

        BuiltJar.Result kind = commands.run("cleanup-assets", "--execute", "--kind", "files");
        assertThat(kind.exitStatus()).isEqualTo(2);
        assertThat(kind.errors()).contains("--kind must be orphaned_file or orphaned_record, was: \"files\"");

        BuiltJar.Result without = commands.run("cleanup-assets", "--confirm", "abc");
        assertThat(without.exitStatus()).isEqualTo(2);

        BuiltJar.Result file = commands.run("cleanup-assets", "--execute", "--keys-from", "no-such-file.csv");
        assertThat(file.exitStatus()).isEqualTo(2);
        assertThat(file.errors())
                .contains("--keys-from must be a reviewed export")
                .doesNotContain("\tat ");

        BuiltJar.Result age = commands.run("purge", "--older-than", "soon");
        assertThat(age.exitStatus()).isEqualTo(2);
        assertThat(age.errors()).contains("--older-than must be a duration");
    }

    private static List<Turn> answering(String bucket, String number) {
        return List.of(
                new Turn("type the name of the bucket: ", bucket), new Turn("and how many it is about: ", number));
    }

    /** As "cleanup-assets --execute" plans, whose output nobody wants to see. */
    private void plan() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            stocktake.application().plan(PlanOrders.files());
        }
    }

    /** As if the run of another day had found the same. */
    private void foundBefore() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(assets.environment())) {
            stocktake.run();
        }
        assets.backdateFindings();
        assets.database().execute("UPDATE stocktake.run SET suspicious = NULL");
    }

    private static String found(Pattern pattern, BuiltJar.Result result) {
        Matcher matcher = pattern.matcher(result.output());
        assertThat(matcher.find()).as(result.output()).isTrue();
        return matcher.group(1);
    }
}
