package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both sides around the size of a page, in every mix, through the real routes, store and database. */
class PageBoundariesTest {
    private static final List<Integer> SIZES = List.of(0, 1, 999, 1000, 1001, 2000, 2001);
    private static final int KEYS = 4002;

    private static Assets assets;
    private static StartedStocktake stocktake;

    @BeforeAll
    static void start() {
        assets = Assets.empty();
        stocktake = StartedStocktake.forOneRun(assets.environment());
    }

    @AfterAll
    static void stop() {
        stocktake.close();
    }

    /** Where in the key space the entries of a side lie. */
    enum Place {
        START {
            @Override
            int key(int entry, int size) {
                return entry;
            }
        },
        MIDDLE {
            @Override
            int key(int entry, int size) {
                return (KEYS - size) / 2 + entry;
            }
        },
        END {
            @Override
            int key(int entry, int size) {
                return KEYS - size + entry;
            }
        },
        EVERY_OTHER {
            @Override
            int key(int entry, int size) {
                return 2 * entry;
            }
        };

        abstract int key(int entry, int size);

        List<String> keys(int size) {
            return IntStream.range(0, size)
                    .mapToObj(entry -> String.format("key-%05d", key(entry, size)))
                    .toList();
        }
    }

    static Stream<Arguments> mixes() {
        List<Arguments> mixes = new ArrayList<>();
        for (int objects : SIZES) {
            for (int records : SIZES) {
                mixes.add(Arguments.of(objects, Place.START, records, Place.START));
                // each of the two at every size of either side, if not at every pair
                mixes.add(
                        mixes.size() % 4 == 1
                                ? Arguments.of(objects, Place.MIDDLE, records, Place.EVERY_OTHER)
                                : Arguments.of(objects, Place.END, records, Place.START));
            }
        }
        return mixes.stream();
    }

    @ParameterizedTest(name = "{0} objects at {1}, {2} records at {3}")
    @MethodSource("mixes")
    void theFindingsAreTheDifference(int objects, Place objectsAt, int records, Place recordsAt) {
        List<String> objectKeys = objectsAt.keys(objects);
        List<String> recordKeys = recordsAt.keys(records);
        assets.hold(objectKeys, recordKeys);

        Run run = stocktake.run();

        assertThat(run.failure()).isNull();
        assertThat(assets.orphanedFiles(run)).isEqualTo(minus(objectKeys, recordKeys));
        assertThat(assets.orphanedRecords(run)).isEqualTo(minus(recordKeys, objectKeys));
        assertThat(run.counts().objects()).isEqualTo(objects);
        assertThat(run.counts().records()).isEqualTo(records);
        assertThat(run.counts().matched())
                .isEqualTo(objects - minus(objectKeys, recordKeys).size());
        assertThat(run.counts().orphanedBytes())
                .isEqualTo(3L * minus(objectKeys, recordKeys).size());
    }

    private static List<String> minus(List<String> keys, List<String> others) {
        TreeSet<String> rest = new TreeSet<>(keys);
        rest.removeAll(new TreeSet<>(others));
        return List.copyOf(rest);
    }
}
