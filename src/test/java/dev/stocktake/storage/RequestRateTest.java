package dev.stocktake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestRateTest {
    private static final int WORKERS = 20;
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1000 * MILLISECOND;
    private static final long LATENCY = 10 * MILLISECOND;
    /** What a route waits at first before it asks again. */
    private static final long BACK_OFF = SECOND;

    @Test
    void nobodyWaitsForAStoreThatKeepsUp() {
        Simulation simulation = new Simulation(new RequestRate(), second -> Double.POSITIVE_INFINITY);

        simulation.run(10);

        assertThat(simulation.throttled).isZero();
        assertThat(simulation.waited).isZero();
        assertThat(simulation.slowedDown).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 20, 100, 500, 1500})
    void settlesAtWhatTheStoreAllows(int allowed) {
        Simulation simulation = new Simulation(new RequestRate(), second -> allowed);
        simulation.run(60);
        simulation.forget();

        simulation.run(120);

        assertThat(simulation.succeeded / 120.0)
                .as("requests a second that the store granted, of %d", allowed)
                .isBetween(0.6 * allowed, 1.01 * allowed);
        assertThat(simulation.throttled).isLessThan(simulation.succeeded / 8);
    }

    @Test
    void everyWorkerGetsItsShare() {
        Simulation simulation = new Simulation(new RequestRate(), second -> 50);
        simulation.run(30);
        simulation.forget();

        simulation.run(120);

        LongStream shares = Arrays.stream(simulation.byWorker);
        long fair = simulation.succeeded / WORKERS;
        assertThat(shares.boxed()).allSatisfy(share -> assertThat(share).isBetween(fair / 2, 2 * fair));
    }

    @Test
    void comesBackToFullSpeedWithinAMinuteAfterThrottlingEnds() {
        Simulation simulation =
                new Simulation(new RequestRate(), second -> second < 30 ? 10 : Double.POSITIVE_INFINITY);
        simulation.run(30);
        assertThat(simulation.rate.limit()).isBetween(RequestRate.FLOOR, 20.0);
        assertThat(simulation.recovered).isZero();

        simulation.run(60);

        assertThat(simulation.rate.limit()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(simulation.recovered).isOne();
        simulation.forget();
        simulation.run(1);
        assertThat(simulation.waited).isZero();
    }

    @Test
    void oneShortBurstOfThrottlingCostsOneSlowingDown() {
        Simulation simulation = new Simulation(
                new RequestRate(), second -> second >= 5 && second < 5.05 ? 0 : Double.POSITIVE_INFINITY);

        simulation.run(60);

        assertThat(simulation.throttled).isPositive();
        assertThat(simulation.slowedDown).isOne();
        assertThat(simulation.recovered).isOne();
    }

    @Test
    void requestsThatWereUnderWayTogetherHalveTheRateOnce() {
        RequestRate rate = new RequestRate();
        for (int request = 0; request < 100; request++) {
            rate.reserve(10L * request * MILLISECOND);
        }

        for (int answer = 0; answer < 20; answer++) {
            rate.answered(990 * MILLISECOND, SECOND, true);
        }

        assertThat(rate.limit()).isBetween(45.0, 55.0);
    }

    @Test
    void aStoreThatRefusesEverythingIsStillAskedAFewTimesASecond() {
        RequestRate rate = new RequestRate();
        long now = 0;
        for (int request = 0; request < 100; request++) {
            now += rate.reserve(now);
            rate.answered(now, now + LATENCY, true);
            now += LATENCY;
        }

        assertThat(rate.limit()).isEqualTo(RequestRate.FLOOR);
        rate.reserve(now);
        assertThat(rate.reserve(now)).isBetween(SECOND / 5, 2 * SECOND / 5);
    }

    @Test
    void aCapHoldsFromTheFirstRequestAndAfterEveryRecovery() {
        Simulation simulation =
                new Simulation(new RequestRate(40), second -> second >= 20 && second < 25 ? 10 : 1_000_000);
        simulation.run(20);
        assertThat(simulation.succeeded).isBetween(780L, 820L);
        assertThat(simulation.slowedDown).isZero();

        simulation.run(100);
        assertThat(simulation.slowedDown).isOne();
        assertThat(simulation.recovered).isOne();
        simulation.forget();

        simulation.run(10);

        assertThat(simulation.succeeded).isBetween(390L, 410L);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void aCapOfAFewRequestsASecondHolds(int cap) {
        Simulation simulation = new Simulation(new RequestRate(cap), second -> 1_000_000);

        simulation.run(100);

        assertThat(simulation.succeeded).isBetween(99L * cap, 100L * cap + 1);
    }

    @Test
    void aLowCapLeavesRoomToSlowDown() {
        RequestRate rate = new RequestRate(2);
        rate.reserve(0);

        rate.answered(0, SECOND, true);

        assertThat(rate.limit()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN})
    void aCapThatLetsNothingThroughIsRefused(double cap) {
        assertThatThrownBy(() -> new RequestRate(cap))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than 0 requests a second, was: " + cap);
    }

    /** Workers that ask one after the other, and a store that allows so many requests a second, without any real time. */
    private static final class Simulation {
        private final RequestRate rate;
        private final DoubleUnaryOperator allowed;
        private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::at));
        private long now;
        private double tokens = 1;
        private long filledAt;

        private long succeeded;
        private long throttled;
        private long waited;
        private int slowedDown;
        private int recovered;
        private long[] byWorker = new long[WORKERS];

        private enum Step {
            ASKS,
            IS_SENT,
            IS_ANSWERED
        }

        private record Event(long at, Step step, int worker, long reservedAt, boolean throttled) {}

        /** @param allowed requests a second, by the second */
        private Simulation(RequestRate rate, DoubleUnaryOperator allowed) {
            this.rate = rate;
            this.allowed = allowed;
            for (int worker = 0; worker < WORKERS; worker++) {
                events.add(new Event(worker * MILLISECOND, Step.ASKS, worker, 0, false));
            }
        }

        private void forget() {
            succeeded = 0;
            throttled = 0;
            waited = 0;
            byWorker = new long[WORKERS];
        }

        private void run(int seconds) {
            long end = now + seconds * SECOND;
            while (events.peek().at() < end) {
                Event event = events.remove();
                now = event.at();
                switch (event.step()) {
                    case ASKS -> {
                        long wait = rate.reserve(now);
                        waited += wait;
                        events.add(new Event(now + wait, Step.IS_SENT, event.worker(), now, false));
                    }
                    case IS_SENT ->
                        events.add(new Event(
                                now + LATENCY, Step.IS_ANSWERED, event.worker(), event.reservedAt(), !granted()));
                    case IS_ANSWERED -> answer(event);
                }
            }
            now = end;
        }

        private boolean granted() {
            double perSecond = allowed.applyAsDouble((double) now / SECOND);
            if (perSecond == Double.POSITIVE_INFINITY) {
                return true;
            }
            // as much as a tenth of a second at once
            tokens = Math.min(Math.max(1, perSecond / 10), tokens + perSecond * (now - filledAt) / SECOND);
            filledAt = now;
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }

        private void answer(Event event) {
            switch (rate.answered(event.reservedAt(), now, event.throttled())) {
                case SLOWED_DOWN -> slowedDown++;
                case RECOVERED -> recovered++;
                case NONE -> {
                    // nothing to count
                }
            }
            if (event.throttled()) {
                throttled++;
            } else {
                succeeded++;
                byWorker[event.worker()]++;
            }
            events.add(new Event(now + (event.throttled() ? BACK_OFF : 0), Step.ASKS, event.worker(), 0, false));
        }
    }
}
