package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.embedded.Behaviour;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.ObjectEntry;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.embedded.SyntheticStore.HeadStatus;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.json.Json;
import dev.stocktake.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A store that lists or answers in its own way gives the findings of an honest one, or no verdict. */
class OddStoresTest {
    private static final List<String> OBJECTS = objects();
    private static final List<String> ONLY_FILES =
            List.of("%/x%zz", "img/0100", "img0", "loose-0007", "z/\uFFFD", "\uD83D\uDE00/1");
    private static final List<String> ONLY_RECORDS =
            List.of("!", "%/x", "img!", "img.", "img/", "img/0100a", "img/9999", "loose-1", "z/\uE000", "zz/1");

    private EditedRoutes routes;
    private Assets assets;

    private static List<String> objects() {
        List<String> keys = new ArrayList<>();
        IntStream.range(0, 2500).forEach(i -> keys.add(String.format("img/%04d", i)));
        IntStream.range(0, 1100).forEach(i -> keys.add(String.format("video/%04d", i)));
        IntStream.range(0, 60).forEach(i -> keys.add(String.format("loose-%04d", i)));
        keys.addAll(List.of("%/x%zz", "%/x%20", "img", "img0", "img0/1", "img./1", "img!/1", "/leading", "//", "~"));
        keys.addAll(List.of("z/\uFFFD", "z/\uD83D\uDE00", "\uFFFD/1", "\uD83D\uDE00/1", "\uD83D\uDE00"));
        return keys;
    }

    @BeforeEach
    void fill(@TempDir Path folder) {
        routes = EditedRoutes.in(folder).impatient();
        assets = Assets.empty();
        List<String> records = new ArrayList<>(OBJECTS);
        records.removeAll(ONLY_FILES);
        records.addAll(ONLY_RECORDS);
        assets.records(records);
    }

    static Stream<Arguments> oddities() {
        HeadStatus honest = HeadStatus.HONEST;
        Behaviour asS3 = Behaviour.honest();
        return Stream.of(
                arguments("as S3 does", asS3, honest, "START_AFTER"),
                arguments("small pages", Behaviour.pagesOf(700), honest, "START_AFTER"),
                arguments("ignores StartAfter", Behaviour.ignoringStartAfter(), honest, "TOKENS"),
                arguments("begins at StartAfter", Behaviour.startingAtStartAfter(), honest, "TOKENS"),
                arguments("skips behind StartAfter", Behaviour.skippingBehindStartAfter(), honest, "TOKENS"),
                arguments(
                        "ignores StartAfter, small pages",
                        Behaviour.ignoringStartAfter().over(Behaviour.pagesOf(13)),
                        honest,
                        "TOKENS"),
                arguments("every page shuffled", Behaviour.shuffledPages(), honest, "COPY"),
                arguments("in reverse", Behaviour.inOrder(Comparator.reverseOrder()), honest, "COPY"),
                arguments(
                        "in no order of case",
                        Behaviour.inOrder(Comparator.comparing(key -> Integer.reverse(key.hashCode()))),
                        honest,
                        "COPY"),
                arguments("first entry for ever by token", Behaviour.repeatingTheFirstByToken(), honest, "START_AFTER"),
                arguments("echoes what it was asked raw", Behaviour.echoingRaw(), honest, "START_AFTER"),
                arguments("and its tokens are no XML", Behaviour.echoingAndTokensRaw(), honest, "START_AFTER"),
                arguments("HEAD 403 for absent", asS3, (HeadStatus) found -> found ? 200 : 403, "START_AFTER"),
                arguments("HEAD 200 for everything", asS3, (HeadStatus) found -> 200, "START_AFTER"),
                arguments("HEAD 404 for everything", asS3, (HeadStatus) found -> 404, "START_AFTER"),
                arguments("HEAD 403 for everything", asS3, (HeadStatus) found -> 403, "START_AFTER"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("oddities")
    void givesTheFindingsOfAnHonestStore(String name, Behaviour behaviour, HeadStatus head, String listing) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(OBJECTS.toArray(String[]::new)));
                StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
            store.behave(behaviour);
            store.behaveOnHead(head);

            Run run = stocktake.run();

            assertFindings(run);
            JsonNode traits = traits(run);
            assertThat(traits.path("listing").asText()).isEqualTo(listing);
            assertThat(traits.path("reason").isNull()).isEqualTo(listing.equals("START_AFTER"));
            assertThat(traits.path("head_tells_absent").asBoolean()).isEqualTo(head == HeadStatus.HONEST);
            assertThat(count("SELECT count(*) FROM stocktake.copied_object")).isZero();
        }
    }

    static Stream<Arguments> hopeless() {
        return Stream.of(
                arguments(
                        "neither way leads on",
                        Behaviour.ignoringStartAfter().over(Behaviour.repeatingTheFirstByToken()),
                        HeadStatus.HONEST,
                        "does not advance"),
                arguments(
                        "the same token again",
                        Behaviour.ignoringStartAfter().over(Behaviour.repeatingTheToken()),
                        HeadStatus.HONEST,
                        "the same token"),
                arguments("HEAD 503", Behaviour.honest(), (HeadStatus) found -> 503, "failed"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hopeless")
    void hasNoVerdictWhereNoWayLeadsToTheEnd(String name, Behaviour behaviour, HeadStatus head, String reason) {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(OBJECTS.toArray(String[]::new)));
                StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
            store.behave(behaviour);
            store.behaveOnHead(head);

            Run run = stocktake.run();

            assertThat(run.status()).isEqualTo(Run.Status.INCOMPLETE);
            assertThat(run.failure()).contains(reason);
            assertThat(count("SELECT count(*) FROM stocktake.finding")).isZero();
        }
    }

    @Test
    void anOrderThatTurnsOutToBeUtf16InTheMiddleIsCopiedFromThenOn() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(OBJECTS.toArray(String[]::new)));
                StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
            store.behave(Behaviour.inOrder(Comparator.naturalOrder()));

            Run copied = stocktake.run();
            assertFindings(copied);
            assertThat(traits(copied).path("listing").asText()).isEqualTo("COPY");
            assertThat(traits(copied).path("byte_order").asBoolean()).isFalse();

            store.behave(Behaviour.honest());
            Run cured = stocktake.run();
            assertFindings(cured);
            assertThat(traits(cured).path("listing").asText()).isEqualTo("COPY");
            assertThat(traits(cured).path("byte_order").asBoolean()).isTrue();

            Run trusting = stocktake.run();
            assertFindings(trusting);
            assertThat(traits(trusting).path("listing").asText()).isEqualTo("START_AFTER");
        }
    }

    @Test
    void ofAKeyThatComesAgainTheNewestIsCompared() {
        ObjectEntry newest = ObjectEntry.of("img0");
        ObjectEntry older =
                new ObjectEntry("img0", 77, "old", newest.lastModified().minusSeconds(1));
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(OBJECTS.toArray(String[]::new)));
                StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
            store.behave(Behaviour.pages(page -> {
                        List<ObjectEntry> entries = new ArrayList<>(page.entries());
                        entries.add(0, older);
                        entries.add(older);
                        return page.withEntries(entries);
                    })
                    .over(Behaviour.inOrder(Comparator.reverseOrder())));

            Run run = stocktake.run();

            assertFindings(run);
            assertThat(count("SELECT size FROM stocktake.finding WHERE storage_key = 'img0'"))
                    .isEqualTo(newest.size());
        }
    }

    @Test
    void aKeyThatNoTableCanHoldIsNotCopied() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b", "nul\0"));
                StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
            store.behave(Behaviour.inOrder(Comparator.reverseOrder()));

            Run run = stocktake.run();

            assertThat(run.status()).isEqualTo(Run.Status.INCOMPLETE);
            assertThat(run.failure()).contains("\"nul\\u0000\" holds the character U+0000");
        }
    }

    @Test
    void aCopyThatLostObjectsIsNoVerdict() {
        routes.replace(
                "listing-copy.camel.yaml",
                "SELECT count(*) FROM stocktake.copied_object WHERE",
                "SELECT count(*) - 1 FROM stocktake.copied_object WHERE");
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a", "b", "c"));
                StartedStocktake stocktake = StartedStocktake.forOneRun(environment(store), routes)) {
            store.behave(Behaviour.inOrder(Comparator.reverseOrder()));

            assertThat(stocktake.run().failure()).contains("3 objects of the listing were copied", "2 are still there");
        }
    }

    @Test
    void theAgeOfACopyIsThatOfItsOldestPage() {
        Instant then = ObjectEntry.of("any").lastModified().plusSeconds(600);
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(OBJECTS.toArray(String[]::new)))) {
            Map<String, String> settings = environment(store);
            settings.put("GRACE_PERIOD", "1h");
            store.behave(Behaviour.dated(then)
                    .when(request -> request.maxKeys() == 1000
                            && request.continuationToken().isEmpty())
                    .over(Behaviour.inOrder(Comparator.reverseOrder())));
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(settings, routes)) {
                Run run = stocktake.run();

                assertThat(run.failure()).isNull();
                assertThat(assets.orphanedFiles(run)).isEmpty();
                assertThat(run.counts().tooRecent()).isEqualTo(ONLY_FILES.size());
            }
        }
    }

    private void assertFindings(Run run) {
        assertThat(run.failure()).isNull();
        assertThat(assets.orphanedFiles(run)).isEqualTo(ONLY_FILES);
        assertThat(assets.orphanedRecords(run)).isEqualTo(ONLY_RECORDS);
        assertThat(run.counts().objects()).isEqualTo(OBJECTS.size());
        assertThat(run.counts().matched()).isEqualTo(OBJECTS.size() - ONLY_FILES.size());
    }

    private JsonNode traits(Run run) {
        try {
            return Json.MAPPER.readTree(assets.database()
                    .sql()
                    .sql("SELECT store::text FROM stocktake.run WHERE id = ?")
                    .param(run.id())
                    .query(String.class)
                    .single());
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    private long count(String query) {
        return assets.database().sql().sql(query).query(Long.class).single();
    }

    private Map<String, String> environment(SyntheticStore store) {
        Map<String, String> environment = assets.environment();
        environment.put("S3_ENDPOINT", store.endpoint().toString());
        environment.put("S3_BUCKET", SyntheticStore.BUCKET);
        return environment;
    }

    @ParameterizedTest
    @CsvSource({"1, 100%", "16, 100%", "1, b/100%/c"})
    void aPrefixIsComparedHoweverTheStoreRepeatsIt(int parallelism, String prefix) {
        List<String> keys = IntStream.range(0, 2500)
                .mapToObj(i -> prefix + String.format("%04d%%", i))
                .toList();
        assets.records(keys.subList(0, 2499));
        List<String> objects = new ArrayList<>(keys);
        objects.add(prefix);
        objects.add("another");
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(objects.toArray(String[]::new)))) {
            store.behave(Behaviour.echoingAndTokensRaw());
            Map<String, String> environment = assets.environment();
            environment.put("S3_ENDPOINT", store.endpoint().toString());
            environment.put("S3_BUCKET", SyntheticStore.BUCKET);
            environment.put("S3_PREFIX", prefix);
            environment.put("PARALLELISM", Integer.toString(parallelism));
            try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment, routes)) {
                Run run = stocktake.run();

                assertThat(run.failure()).isNull();
                assertThat(run.counts().objects()).isEqualTo(2501);
                assertThat(assets.orphanedFiles(run)).containsExactly(prefix, prefix + "2499%");
            }
        }
    }
}
