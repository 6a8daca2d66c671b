package dev.stocktake.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.cleanup.CleanupResult;
import dev.stocktake.cleanup.CleanupResult.Failure;
import dev.stocktake.cleanup.Outcome;
import dev.stocktake.cleanup.Plan;
import dev.stocktake.cleanup.PlanText;
import dev.stocktake.cleanup.RefusedException;
import dev.stocktake.cleanup.Restores.Restored;
import dev.stocktake.embedded.HostileStore;
import dev.stocktake.embedded.StoreCondition;
import dev.stocktake.embedded.StoreRequest;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.CleanableAssets;
import dev.stocktake.fixture.PlanOrders;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.json.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** The way into quarantine and back at stores that refuse what others do. */
class FileJourneyTest {
    private static final String QUARANTINE = ".stocktake-quarantine/";
    private static final String TRIAL = QUARANTINE + "stocktake-trial";
    private static final int FILES = 327;
    private static final int PART = 5 << 20;

    private final CleanableAssets cleanable = new CleanableAssets();
    private final Assets assets = cleanable.assets();

    private HostileStore store;
    private StartedStocktake stocktake;

    @BeforeEach
    void start() {
        store = HostileStore.before(assets.store().endpoint().getPort());
        stocktake = cleanable.start(settings());
    }

    @AfterEach
    void stop() {
        cleanable.close();
        store.close();
    }

    @Test
    void atAStoreWithoutConditionsEveryFileComesBackAsItWas() {
        Map<String, byte[]> content = new HashMap<>();
        Random random = new Random(7);
        for (int i = 0; i < FILES; i++) {
            byte[] bytes = new byte[1 + random.nextInt(5000)];
            random.nextBytes(bytes);
            content.put("file-" + i + " ä%", bytes);
        }
        content.forEach((key, bytes) -> assets.store().put(assets.bucket(), key, bytes, Assets.LONG_AGO));
        store.refuseCopiesThatMayNotReplace();
        assets.store().forget(assets.bucket(), StoreCondition.DELETE_IF_MATCH, StoreCondition.COPY_SOURCE_IF_MATCH);
        StartedStocktake generous =
                cleanable.start(with(settings(), "CLEANUP_MAX_RATIO", "100", "SUSPICIOUS_ORPHAN_PERCENT", "100"));
        cleanable.twice(generous);
        Plan plan = generous.application()
                .plan(PlanOrders.accepting(PlanOrders.files()))
                .plan();

        CleanupResult moved = generous.application().execute(plan, "somebody");
        List<String> between = cleanable.keys();
        List<Restored> restored = generous.restore(plan);

        assertThat(moved.done()).isEqualTo(FILES);
        assertThat(between).doesNotContainAnyElementsOf(content.keySet());
        assertThat(restored).hasSize(FILES).extracting(Restored::outcome).containsOnly(Outcome.DONE);
        assertThat(restored).allSatisfy(file -> assertThat(file.reason()).startsWith("without a condition"));
        long equal = content.entrySet().stream()
                .filter(file -> Arrays.equals(file.getValue(), cleanable.content(file.getKey())))
                .count();
        System.out.println("A store without conditions: " + FILES + " files, " + moved.done() + " moved, "
                + restored.stream()
                        .filter(file -> file.outcome() == Outcome.DONE)
                        .count() + " restored, " + equal + " with equal bytes");
        assertThat(equal).isEqualTo(FILES);
        assertThat(reasons("quarantine")).containsOnly("copied without a condition, and compared before and after");
        assertThat(reasons("restore")).allSatisfy(reason -> assertThat(reason).startsWith("without a condition"));
    }

    @ParameterizedTest(name = "{0} {1}, only where nothing is there: {2}")
    @CsvSource({
        "501, NotImplemented, false",
        "501, NotImplemented, true",
        "400, NotImplemented, false",
        "400, InvalidArgument, true",
        "412, PreconditionFailed, true"
    })
    void aStoreThatDoesNotKnowTheConditionOfACopyIsLookedAtInstead(
            int status, String code, boolean onlyWhereNothingIs) {
        assets.objects("orphan", "named");
        cleanable.twice(stocktake);
        store.refuse(
                request -> request.isCopy()
                        && !request.header("if-none-match").isEmpty()
                        && !(onlyWhereNothingIs && assets.objectKeys().contains(request.key())),
                status,
                code);
        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("--accept-unconditional " + assets.bucket());
        Plan plan = accepted();
        store.after(request -> request.deletes("named"), () -> assets.records("named"));

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.done()).isOne();
        assertThat(result.reasons().keySet())
                .singleElement()
                .asString()
                .contains("it was put back without a condition, which this store does not mind");
        assertThat(cleanable.keys()).contains("named").doesNotContain("orphan");
        assertThat(stocktake.restore(plan))
                .extracting(Restored::reason)
                .containsExactly(
                        "without a condition, which this store does not mind: looked at before, compared after");
        assertThat(cleanable.content("orphan")).containsExactly(1, 2, 3);
    }

    @Test
    void whatCameRightBeforeAFileCouldComeBackWithoutAConditionStays() {
        assets.objects("orphan");
        cleanable.twice(stocktake);
        store.refuseCopiesThatMayNotReplace();
        Plan plan = accepted();
        stocktake.application().execute(plan, "somebody");
        store.after(StoreRequest.nth(1, request -> request.looksAt(copyOf(plan, "orphan"))), () -> upload("orphan"));

        assertThat(stocktake.restore(plan))
                .extracting(restored -> restored.outcome() + " " + restored.reason())
                .containsExactly("SKIPPED another file came there; this one stays in quarantine");

        assertThat(cleanable.content("orphan")).asString(UTF_8).isEqualTo("newer");
        assertThat(cleanable.content(copyOf(plan, "orphan"))).containsExactly(1, 2, 3);
    }

    @Test
    void whatCameRightAfterAFileCameBackWithoutAConditionIsTold() {
        assets.objects("orphan");
        cleanable.twice(stocktake);
        store.refuseCopiesThatMayNotReplace();
        Plan plan = accepted();
        stocktake.application().execute(plan, "somebody");
        store.after(request -> request.copiesTo("orphan"), () -> upload("orphan"));

        assertThat(stocktake.restore(plan))
                .extracting(Restored::outcome, Restored::detail)
                .singleElement()
                .asString()
                .contains("FAILED", "another file is there", "it is now: in quarantine, and another file where it was");
        assertThat(cleanable.content("orphan")).asString(UTF_8).isEqualTo("newer");
    }

    @ParameterizedTest
    @CsvSource({"PUT, s3:PutObject", "DELETE, s3:DeleteObject"})
    void oneThatMayNotBringAFileBackToWhereItWasIsRefusedBeforeTheFirst(String method, String right) {
        assets.objects("orphan");
        cleanable.twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        store.refuse(
                request -> request.method().equals(method) && !request.key().startsWith(QUARANTINE),
                403,
                "AccessDenied");

        for (Runnable attempt : List.<Runnable>of(
                () -> stocktake.application().plan(PlanOrders.files()),
                () -> stocktake.application().execute(plan, "somebody"))) {
            assertThatThrownBy(attempt::run)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("Grant ")
                    .hasMessageContaining(right);
        }
        assertThat(cleanable.actions()).isEmpty();
        assertThat(trials()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {405, 501, 400})
    void aStoreThatDoesNotCopyOutIsRefusedBeforeTheFirstFile(int status) {
        assets.objects("orphan");
        cleanable.twice(stocktake);
        store.refuse(request -> request.isCopy() && request.copySource().startsWith(QUARANTINE), status, "Nonsense");

        assertThatThrownBy(this::accepted)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("and back again (the store answered " + status + " Nonsense)")
                .hasMessageContaining("nothing could be undone")
                .hasMessageNotContaining("Grant");
        assertThat(trials()).isEmpty();
    }

    @Test
    void saysWhereEachFileIsThatFailed() throws Exception {
        assets.objects("not-copied", "not-deleted", "not-put-back");
        cleanable.twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        store.refuse(request -> request.copies("not-copied"), 405, "MethodNotAllowed");
        store.refuse(request -> request.deletes("not-deleted"), 405, "MethodNotAllowed");
        store.refuse(request -> request.copiesTo("not-put-back"), 405, "MethodNotAllowed");
        store.after(request -> request.deletes("not-put-back"), () -> assets.records("not-put-back"));

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.failed()).isEqualTo(3);
        assertThat(result.failures())
                .extracting(Failure::storageKey, Failure::where)
                .extracting(Object::toString)
                .containsExactly(
                        "(\"not-copied\", \"where it was\")",
                        "(\"not-deleted\", \"where it was, and a copy in quarantine\")",
                        "(\"not-put-back\", \"in quarantine\")");
        assertThat(PlanText.result(result))
                .contains("Failed: 3")
                .contains("  - not-copied: where it was\n")
                .contains("  - not-put-back: in quarantine\n");
        assertThat(nows()).containsExactly("not-copied outside", "not-deleted both", "not-put-back quarantine");
        JsonNode served = served(plan);
        assertThat(served.path("failures")).hasSize(3);
        assertThat(served.path("failures").get(2).path("storage_key").asText()).isEqualTo("not-put-back");
        assertThat(served.path("failures").get(2).path("now").asText()).isEqualTo("quarantine");
        store.calm();
        assertThat(stocktake.restore(plan)).extracting(Restored::outcome).containsOnly(Outcome.DONE);
        assertThat(stocktake.application().actions().result(plan, null).failures())
                .isEmpty();
    }

    @Test
    void aFileThatCouldNotComeBackWhenARecordCameLaterIsAFailureOfTheExecution() {
        assets.objects("orphan");
        StartedStocktake settling = cleanable.start(with(settings(), "SETTLE_PERIOD", "1s"));
        cleanable.twice(settling);
        Plan plan = settling.application().plan(PlanOrders.files()).plan();
        store.after(
                request -> request.deletes("orphan"),
                () -> store.refuse(request -> request.copiesTo("orphan"), 405, "MethodNotAllowed"));
        cleanable
                .assets()
                .database()
                .execute(
                        "CREATE FUNCTION record_it() RETURNS trigger LANGUAGE plpgsql AS"
                                + " $$ BEGIN INSERT INTO public.assets (storage_key, created_at) VALUES ('orphan', now()); RETURN NULL; END $$");
        cleanable
                .assets()
                .database()
                .execute("CREATE TRIGGER record_it AFTER INSERT ON stocktake.action FOR EACH ROW"
                        + " WHEN (NEW.what = 'quarantine') EXECUTE FUNCTION record_it()");

        CleanupResult result = settling.application().execute(plan, "somebody");

        assertThat(result.done()).isOne();
        assertThat(result.failures()).extracting(Failure::where).containsExactly("in quarantine");
        assertThat(PlanText.result(result)).contains("  - orphan: in quarantine\n");
    }

    @Test
    void aFileWhoseMultipartETagTheStoreTakesForAnothersIsMovedAllTheSame() {
        String etag = uploadInParts("large");
        assertThat(etag).endsWith("-2");
        StartedStocktake atAnyAge = cleanable.start(with(settings(), "CLEANUP_MIN_AGE", "0s", "GRACE_PERIOD", "0s"));
        Plan plan = cleanable.planned(atAnyAge, PlanOrders.unsafe());
        takeItsETagForAnothers("large");

        CleanupResult result = atAnyAge.application().execute(plan, "somebody");

        assertThat(result.done()).as(result.reasons().toString()).isOne();
        assertThat(reasons("quarantine"))
                .containsExactly(
                        "copied without a condition, and compared before and after, because the store takes the"
                                + " ETag that it gave it for that of another file");
        assertThat(atAnyAge.restore(plan)).extracting(Restored::outcome).containsExactly(Outcome.DONE);
        assertThat(cleanable.content("large")).hasSize(PART + 1);
    }

    @Test
    void aFileThatWasOverwrittenIsLeftWhateverTheStoreSaysOfETags() {
        assets.objects("before", "meanwhile");
        cleanable.twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        takeItsETagForAnothers("before");
        takeItsETagForAnothers("meanwhile");
        upload("before");
        store.after(
                request -> request.copies("meanwhile")
                        && request.header("x-amz-copy-source-if-match").isEmpty(),
                () -> upload("meanwhile"));

        CleanupResult result = stocktake.application().execute(plan, "somebody");

        assertThat(result.reasons()).isEqualTo(Map.of("skipped: it was overwritten since the plan was made", 2L));
        for (String key : List.of("before", "meanwhile")) {
            assertThat(cleanable.content(key)).asString(UTF_8).isEqualTo("newer");
        }
    }

    @Test
    void aFileThatTheStoreDoesNotDeleteByItsOwnETagIsDeletedWithoutItOnlyWhereThatIsAccepted() {
        assets.objects("orphan");
        cleanable.twice(stocktake);
        store.refuse(
                request ->
                        request.deletes("orphan") && !request.header("if-match").isEmpty(),
                412,
                "PreconditionFailed");

        CleanupResult left = stocktake
                .application()
                .execute(stocktake.application().plan(PlanOrders.files()).plan(), "somebody");

        assertThat(left.reasons().keySet())
                .singleElement()
                .asString()
                .contains("--accept-unconditional " + assets.bucket())
                .doesNotContain("overwritten");
        assertThat(cleanable.keys()).contains("orphan");

        assertThat(stocktake.application().execute(accepted(), "somebody").done())
                .isOne();
        assertThat(cleanable.keys()).doesNotContain("orphan");
    }

    @Test
    void withoutTheRightToDeleteAttemptsDoNotPileUpAndTheRightIsNamed() {
        assets.objects("orphan");
        cleanable.twice(stocktake);
        store.refuse(request -> request.method().equals("DELETE"), 403, "AccessDenied");

        for (int attempt = 0; attempt < 3; attempt++) {
            assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("Grant s3:DeleteObject")
                    .hasMessageNotContaining("s3:PutObject");
        }
        assertThat(trials()).containsExactly(TRIAL);

        store.calm();
        stocktake.application().plan(PlanOrders.files());
        assertThat(trials()).isEmpty();
    }

    @Test
    void aQuarantineThatMayNotBeWrittenToLacksAnotherRight() {
        assets.objects("orphan");
        cleanable.twice(stocktake);
        store.refuse(request -> request.method().equals("PUT"), 403, "AccessDenied");

        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("Grant s3:PutObject")
                .hasMessageNotContaining("s3:DeleteObject");
    }

    @Test
    void whatEarlierTrialsLeftIsDeletedByALaterOneAndNothingElse() {
        assets.objects("orphan");
        cleanable.twice(stocktake);
        String old = TRIAL + "-6f9619ff-8b86-d011-b42d-00c04fc964ff-2";
        String own = TRIAL + "-mine";
        assets.objects(old, own);
        String young = TRIAL + "-7f9619ff-8b86-d011-b42d-00c04fc964ff-1";
        assets.store().put(assets.bucket(), young, new byte[] {1}, Instant.now());

        stocktake.application().plan(PlanOrders.files());

        assertThat(trials()).containsExactlyInAnyOrder(own, young);
    }

    @Test
    void aStoreThatIsOverloadedDuringTheTrialIsNotSaidToLackARight() {
        assets.objects("orphan");
        cleanable.twice(stocktake);
        store.refuse(request -> request.key().startsWith(TRIAL), 503, "SlowDown");

        assertThatThrownBy(() -> stocktake.application().plan(PlanOrders.files()))
                .isNotInstanceOf(RefusedException.class)
                .satisfies(failure -> assertThat(stocktake.application().explain(failure))
                        .contains("503")
                        .doesNotContain("Grant"));
    }

    @Test
    void whatWasPurgedIsSaidToBeSo() throws Exception {
        assets.objects("first", "second");
        cleanable.twice(stocktake);
        Plan plan = stocktake.application().plan(PlanOrders.files()).plan();
        stocktake.application().execute(plan, "somebody");
        stocktake.application().purge(stocktake.application().purges().due(Duration.ZERO), "somebody");

        assertThatThrownBy(() -> stocktake.restore(plan))
                .isInstanceOf(RefusedException.class)
                .hasMessage(
                        "All 2 files of plan " + plan.id() + " that were moved into quarantine and not brought back in"
                                + " time were purged: nothing brings them back.");
        CleanupResult result = stocktake.application().actions().result(plan, null);
        assertThat(PlanText.result(result)).contains("Purged since, so that nothing brings them back: 2");
        assertThat(served(plan).path("purged").asLong()).isEqualTo(2);
    }

    private JsonNode served(Plan plan) throws Exception {
        StartedStocktake serving = cleanable.add(StartedStocktake.serving(cleanable.environment(settings())));
        HttpRequest get = HttpRequest.newBuilder(
                        URI.create(serving.application().address() + "/api/plans/" + plan.id()))
                .header("Authorization", "Bearer " + StartedStocktake.SECRET)
                .build();
        return Json.MAPPER.readTree(HttpClient.newHttpClient()
                .send(get, HttpResponse.BodyHandlers.ofString())
                .body());
    }

    private void takeItsETagForAnothers(String key) {
        store.refuse(
                request -> request.copies(key)
                        && !request.header("x-amz-copy-source-if-match").isEmpty(),
                412,
                "PreconditionFailed");
    }

    private Plan accepted() {
        return stocktake
                .application()
                .plan(PlanOrders.accepting(PlanOrders.files()))
                .plan();
    }

    private static String copyOf(Plan plan, String key) {
        return plan.quarantine().split("/", 2)[1] + key;
    }

    private List<String> trials() {
        return assets.objectKeys().stream()
                .filter(key -> key.contains("stocktake-trial"))
                .toList();
    }

    private List<String> reasons(String what) {
        return assets.database()
                .sql()
                .sql("SELECT reason FROM stocktake.action WHERE what = ? AND outcome = 'done'")
                .param(what)
                .query(String.class)
                .list();
    }

    private List<String> nows() {
        return assets.database()
                .sql()
                .sql("SELECT storage_key || ' ' || (seen ->> 'now') FROM stocktake.action WHERE outcome = 'failed'"
                        + " ORDER BY storage_key")
                .query(String.class)
                .list();
    }

    private Map<String, String> settings() {
        return Map.of("S3_ENDPOINT", "http://127.0.0.1:" + store.port());
    }

    private static Map<String, String> with(Map<String, String> settings, String... more) {
        Map<String, String> all = new HashMap<>(settings);
        IntStream.range(0, more.length / 2).forEach(i -> all.put(more[2 * i], more[2 * i + 1]));
        return all;
    }

    private void upload(String key) {
        assets.store().put(assets.bucket(), key, "newer".getBytes(UTF_8), Instant.now());
    }

    private String uploadInParts(String key) {
        S3Client client = assets.store().client();
        String upload = client.createMultipartUpload(
                        request -> request.bucket(assets.bucket()).key(key))
                .uploadId();
        List<CompletedPart> parts = new ArrayList<>();
        for (int size : new int[] {PART, 1}) {
            int number = parts.size() + 1;
            String etag = client.uploadPart(
                            request -> request.bucket(assets.bucket())
                                    .key(key)
                                    .uploadId(upload)
                                    .partNumber(number),
                            RequestBody.fromBytes(new byte[size]))
                    .eTag();
            parts.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
        }
        return client.completeMultipartUpload(request -> request.bucket(assets.bucket())
                        .key(key)
                        .uploadId(upload)
                        .multipartUpload(done -> done.parts(parts)))
                .eTag()
                .replace("\"", "");
    }
}
