package dev.stocktake.ranges;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.StoredObject;
import dev.stocktake.database.Databases;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.run.Checkpoints;
import dev.stocktake.run.RunInProgress;
import dev.stocktake.run.Runs;
import dev.stocktake.settings.DatabaseUrl;
import dev.stocktake.storage.StartedLister;
import dev.stocktake.storage.StoreTraits;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Where a store must be listed by tokens, its folders and what lies between them are compared each for itself. */
class FolderRangesPropertyTest {
    private static final Comparator<String> BY_BYTES =
            Comparator.comparing(key -> key.getBytes(UTF_8), Arrays::compareUnsigned);
    private static final List<String> NEIGHBOURS = List.of(
            "img",
            "img ",
            "img!",
            "img-",
            "img.",
            "img./",
            "img.\uDBFF\uDFFF",
            "img/",
            "img//",
            "img/a",
            "img/\uDBFF\uDFFF",
            "img0",
            "img0/",
            "imh",
            "/",
            "//",
            ".",
            "./",
            "0",
            "\uDBFF\uDFFF/",
            "\uDBFF\uDFFF",
            "\uFFFF/\uD83D\uDE00");

    private static HikariDataSource results;
    private static RunInProgress running;
    private static volatile Listing bucket = Listing.ofKeys();
    private static SyntheticStore store;
    private static StartedLister lister;

    @BeforeContainer
    static void start() {
        results = Databases.results(
                DatabaseUrl.parse(TestServers.databases().create().url()), 2);
        Databases.migrate(results);
        running = new Runs(results, "any", "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC()).open("cli");
        store = SyntheticStore.of((key, inclusive) -> bucket.from(key, inclusive));
        lister = new StartedLister(store.endpoint(), SyntheticStore.BUCKET, "any-access-key", "any-secret-key");
    }

    @AfterContainer
    static void stop() {
        lister.close();
        store.close();
        results.close();
    }

    @Provide
    Arbitrary<Set<String>> keys() {
        Arbitrary<String> joined = Arbitraries.of(
                        "img", "/", ".", "!", "0", "a", "%", " ", "\u0001", "\uFFFF", "\uD83D\uDE00", "\uDBFF\uDFFF")
                .list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .map(parts -> String.join("", parts));
        Arbitrary<String> longest = joined.map(key -> cut(key + "\uDBFF\uDFFF".repeat(256)));
        Arbitrary<String> longFolder = joined.map(key -> cut("\uDBFF\uDFFF".repeat(250) + "/" + key));
        return Arbitraries.frequencyOf(
                        Tuple.of(5, joined),
                        Tuple.of(5, Arbitraries.of(NEIGHBOURS)),
                        Tuple.of(1, longest),
                        Tuple.of(1, longFolder))
                .set()
                .ofMaxSize(40);
    }

    @Provide
    Arbitrary<String> prefixes() {
        return Arbitraries.of("", "i", "img", "img/", "img.", "/", "\uDBFF\uDFFF");
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void tileTheKeySpaceAndHoldEveryKeyOnceInOrder(
            @ForAll("keys") Set<String> objects,
            @ForAll("keys") Set<String> records,
            @ForAll("prefixes") String prefix) {
        KeySpace space = new KeySpace(prefix);
        List<Cursor> cursors = plan(space, objects);

        assertThat(space.isTiledBy(cursors.stream().map(Cursor::range).toList()))
                .as(cursors::toString)
                .isTrue();
        assertThat(cursors).hasSize(2 * folders(prefix, objects) + 1);
        assertThat(cursors.stream()
                        .flatMap(cursor -> listed(cursor, objects).stream())
                        .toList())
                .isEqualTo(objects.stream()
                        .filter(key -> key.startsWith(prefix))
                        .sorted(BY_BYTES)
                        .toList());
        for (String key : records) {
            if (key.startsWith(prefix)) {
                // a record is asked for by the range and the prefix of its cursor
                assertThat(cursors)
                        .filteredOn(cursor -> contains(cursor.range(), key))
                        .singleElement()
                        .satisfies(cursor -> assertThat(key).startsWith(cursor.prefix()));
            }
        }
    }

    @Example
    void aFolderEndsBeforeItsNeighboursAndBeginsBehindThem() {
        List<Cursor> cursors = plan(new KeySpace(""), Set.copyOf(NEIGHBOURS));

        assertThat(cursors)
                .filteredOn(cursor -> cursor.prefix().equals("img/"))
                .singleElement()
                .satisfies(cursor -> assertThat(NEIGHBOURS.stream().filter(key -> contains(cursor.range(), key)))
                        .containsExactlyInAnyOrder("img/", "img//", "img/a", "img/\uDBFF\uDFFF"));
    }

    @Example
    void moreThanOneAnswerHoldsIsASingleRange() {
        Set<String> many = Set.copyOf(
                IntStream.range(0, 1001).mapToObj(i -> "f" + i + "/x").toList());

        assertThat(plan(new KeySpace(""), many)).singleElement().satisfies(cursor -> {
            assertThat(cursor.objects()).isEmpty();
            assertThat(cursor.storageFrom()).isNotNull();
        });
        Set<String> justWhole = Set.copyOf(
                IntStream.range(0, 1000).mapToObj(i -> "f" + i + "/x").toList());
        assertThat(plan(new KeySpace(""), justWhole)).hasSize(2001);
    }

    private static List<Cursor> plan(KeySpace space, Set<String> objects) {
        bucket = Listing.ofKeys(objects.toArray(String[]::new));
        StoreTraits tokens = StoreTraits.decide(null, false, true, true, null);
        return OneWorker.takeAll(new RangePlanner(lister::lister, space, new Checkpoints(results), 4, Duration.ZERO)
                .plan(running, tokens, null, null, Duration.ZERO, Landmarks.NONE));
    }

    /** What the comparison would see of the store, whatever the range. */
    private static List<String> listed(Cursor cursor, Set<String> objects) {
        List<String> keys =
                new ArrayList<>(cursor.objects().stream().map(StoredObject::key).toList());
        if (cursor.storageFrom() != null) {
            objects.stream()
                    .filter(key -> key.startsWith(cursor.prefix()))
                    .sorted(BY_BYTES)
                    .forEach(keys::add);
        }
        return keys;
    }

    private static int folders(String prefix, Set<String> objects) {
        return (int) objects.stream()
                .filter(key -> key.startsWith(prefix) && key.indexOf('/', prefix.length()) >= 0)
                .map(key -> key.substring(0, key.indexOf('/', prefix.length()) + 1))
                .distinct()
                .count();
    }

    private static boolean contains(Range range, String key) {
        return BY_BYTES.compare(range.after(), key) < 0 && BY_BYTES.compare(key, range.upTo()) <= 0;
    }

    /** As much of the key as 1,024 bytes hold. */
    private static String cut(String key) {
        int end = 0;
        int bytes = 0;
        while (end < key.length()) {
            int next = key.offsetByCodePoints(end, 1);
            bytes += key.substring(end, next).getBytes(UTF_8).length;
            if (bytes > KeySpace.LONGEST_KEY) {
                break;
            }
            end = next;
        }
        return key.substring(0, end);
    }
}
