package dev.stocktake.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.storage.RequestWindow.Change;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestWindowTest {
    private static final int WORKERS = 16;
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1000 * MILLISECOND;

    @Test
    void asManyAsThereAreConnectionsAreUnderWayAtOnce() {
        RequestWindow window = new RequestWindow(2);

        assertThat(window.enter(0)).isZero();
        assertThat(window.enter(0)).isZero();
        assertThat(window.enter(0)).isEqualTo(RequestWindow.FULL);
        window.leave();
        assertThat(window.enter(0)).isZero();
    }

    @Test
    void oneThatMetSilenceByChanceIsSoonMadeUpFor() {
        RequestWindow window = new RequestWindow(WORKERS);
        assertThat(window.timedOut(0, SECOND)).isEqualTo(Change.NARROWED);
        assertThat(window.enter(SECOND)).as("begins at once").isZero();
        assertThat(window.enter(SECOND)).isEqualTo(RequestWindow.FULL);

        int answers = 0;
        while (window.answered(2 * SECOND, 2 * SECOND + MILLISECOND) != Change.WIDENED) {
            answers++;
        }

        assertThat(answers).isLessThan(WORKERS * WORKERS);
        for (int request = 1; request < WORKERS; request++) {
            assertThat(window.enter(2 * SECOND)).isZero();
        }
    }

    @Test
    void requestsThatWereUnderWayTogetherNarrowItOnce() {
        RequestWindow window = new RequestWindow(WORKERS);
        window.timedOut(0, SECOND);

        assertThat(window.timedOut(MILLISECOND, SECOND + MILLISECOND)).isEqualTo(Change.NONE);

        assertThat(window.enter(SECOND + MILLISECOND)).as("no pause").isZero();
    }

    @Test
    void aSilentStoreIsLeftAloneForLongerEachTime() {
        RequestWindow window = new RequestWindow(WORKERS);
        long now = 0;
        long[] pauses = new long[5];
        for (int time = 0; time < pauses.length; time++) {
            window.timedOut(now, now + SECOND);
            now += SECOND;
            pauses[time] = window.enter(now);
            now += pauses[time];
            if (pauses[time] > 0) {
                assertThat(window.enter(now)).isZero();
            }
            window.leave();
        }

        assertThat(pauses).containsExactly(0, SECOND, 2 * SECOND, 4 * SECOND, 4 * SECOND);
    }

    @Test
    void nobodyWaitsForAStoreThatHasLongBeenSilent() {
        RequestWindow window = new RequestWindow(WORKERS);
        assertThat(window.patience(0)).isEqualTo(Long.MAX_VALUE);

        window.timedOut(0, SECOND);
        assertThat(window.patience(SECOND)).isEqualTo(7 * SECOND);
        assertThat(window.patience(9 * SECOND)).isZero();

        window.answered(9 * SECOND, 9 * SECOND + MILLISECOND);
        assertThat(window.patience(9 * SECOND)).isEqualTo(Long.MAX_VALUE);
    }

    /** Each worker asks one request after the other, in turn, and would give one up when it fails for the eighth time. */
    @ParameterizedTest
    @CsvSource({"50, 1000", "100, 1000", "250, 1000", "700, 60000", "15000, 60000"})
    void findsHowManyAStoreThatServesOneAtATimeCanTake(long eachMillis, long silenceMillis) {
        Simulation simulation = new Simulation(eachMillis * MILLISECOND, silenceMillis * MILLISECOND);

        simulation.run();

        assertThat(simulation.mostFailures)
                .as("times that a request failed")
                .isLessThan(RequestWindow.TIMES_IN_VAIN / 2);
        assertThat(simulation.now)
                .as("nearly as fast as the store")
                .isLessThan(Simulation.REQUESTS * simulation.each + 12 * simulation.silence);
    }

    /** A store that serves requests in the order in which they come, also those that nobody waits for any more. */
    private static final class Simulation {
        private static final int REQUESTS = 1000;

        private final RequestWindow window = new RequestWindow(WORKERS);
        private final Queue<Integer> waiting = new ArrayDeque<>();
        private final PriorityQueue<Request> underWay = new PriorityQueue<>(Comparator.comparingLong(Request::endsAt));
        private final int[] failures = new int[WORKERS];
        private final long each;
        private final long silence;
        private long now;
        private long storeFreeAt;
        private int mostFailures;

        private record Request(int worker, long sentAt, long endsAt) {}

        private Simulation(long each, long silence) {
            this.each = each;
            this.silence = silence;
            IntStream.range(0, WORKERS).forEach(waiting::add);
        }

        private void run() {
            int answered = 0;
            while (answered < REQUESTS) {
                long wait = begin();
                if (underWay.isEmpty() || underWay.peek().endsAt() - now > wait) {
                    assertThat(window.patience(now)).isGreaterThan(wait);
                    now += wait;
                    continue;
                }
                Request request = underWay.remove();
                now = request.endsAt();
                window.leave();
                if (now - request.sentAt() >= silence) {
                    window.timedOut(request.sentAt(), now);
                    mostFailures = Math.max(mostFailures, ++failures[request.worker()]);
                } else {
                    window.answered(request.sentAt(), now);
                    failures[request.worker()] = 0;
                    answered++;
                }
                waiting.add(request.worker());
            }
        }

        /** Lets begin who may; returns how long the next must wait. */
        private long begin() {
            while (!waiting.isEmpty()) {
                long wait = window.enter(now);
                if (wait > 0) {
                    return wait;
                }
                storeFreeAt = Math.max(storeFreeAt, now) + each;
                underWay.add(new Request(waiting.remove(), now, Math.min(storeFreeAt, now + silence)));
            }
            return RequestWindow.FULL;
        }
    }
}
