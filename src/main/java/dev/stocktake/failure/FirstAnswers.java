package dev.stocktake.failure;

import dev.stocktake.database.FromRecordsDatabase;
import dev.stocktake.database.SharedConnections;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * Waits for the first answers of the store and the databases in the life of a process. What gives none at all is likely to be
 * a wrong setting, so that it is said at once what is waited for and how long, and not waited for as long as for what
 * answered before. Any answer will do, a refusal too: what it means is for those who ask next.
 */
public final class FirstAnswers implements AutoCloseable {
    /** How long a person at a terminal has to wait. */
    public static final Duration FOR_A_PERSON = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(FirstAnswers.class);

    /** Between two attempts. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Before it is said what is waited for, where nothing has failed yet. */
    private static final Duration UNSAID = Duration.ofSeconds(3);

    private static final Duration GRACE = Duration.ofMillis(500);

    /** Longer than a pool waits for connections that the server refuses. */
    private static final Duration WHILE_IT_TALKS = Duration.ofMinutes(1);

    /** Its answers of any kind are left to those who ask next. */
    private static final StoreFaults NO_STORE = new StoreFaults();

    private static final DatabaseFaults NO_DATABASE = new DatabaseFaults();

    static {
        NO_DATABASE.setStates("08");
    }

    private final Explanation explanation;
    private final Clock clock;
    private final Map<Side, Hearing> hearings = new EnumMap<>(Side.class);
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "first-answer");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Nobody is asked yet.
     *
     * @param clock for what is said
     */
    public FirstAnswers(Explanation explanation, Clock clock) {
        this.explanation = explanation;
        this.clock = clock;
    }

    /** Who is asked. */
    public enum Side {
        STORE("the store"),
        RECORDS("the records database"),
        RESULTS("the results database");

        private final String called;

        Side(String called) {
            this.called = called;
        }
    }

    /** A question that can be asked again, of which only the answer's coming counts. */
    public interface Question {
        /** Asks, and throws what there is instead of an answer. */
        void ask() throws Exception;
    }

    /**
     * Begins to ask, and does so until there is an answer or the time is over; once in a life.
     *
     * @param patience how long
     */
    public void ask(Side side, Duration patience, Question question) {
        ask(side, patience, question, null);
    }

    /**
     * The same with a question that waits for long before it tells why there is no answer.
     *
     * @param why asks the same in a way that tells it at once; only asked when the answer does not come at once; null for none
     */
    public synchronized void ask(Side side, Duration patience, Question question, Question why) {
        hearings.computeIfAbsent(side, unasked -> {
            Hearing hearing = new Hearing(side, patience, question, why);
            threads.execute(hearing::listen);
            if (why != null) {
                threads.execute(hearing::askWhy);
            }
            return hearing;
        });
    }

    /** Whether it was asked and gave no answer in all the time that there was. */
    public boolean isSilent(Side side) {
        Hearing hearing = hearing(side);
        return hearing != null && !hearing.heard && hearing.isTimeOver();
    }

    /** Waits for it; whether it answered something other than a refusal, or was never asked. */
    public boolean isWell(Side side) {
        Hearing hearing = hearing(side);
        return hearing == null || (hearing.isHeard() && hearing.failure == null);
    }

    /**
     * Waits for all that were asked.
     *
     * @throws SilenceException when some did not answer, with a sentence about each
     */
    public void refuseSilence() {
        List<String> sentences = new ArrayList<>();
        List<String> details = new ArrayList<>();
        Duration longest = Duration.ZERO;
        for (Side side : Side.values()) {
            Hearing hearing = hearing(side);
            if (hearing != null && !hearing.isHeard()) {
                String explained = explanation.of(hearing.silence());
                String sentence = Explanation.withoutDetails(explained);
                sentences.add(sentence);
                if (explained.length() > sentence.length()) {
                    details.add(explained.substring(sentence.length() + Explanation.DETAILS.length()));
                }
                longest = longest.compareTo(hearing.patience) < 0 ? hearing.patience : longest;
            }
        }
        if (!sentences.isEmpty()) {
            throw new SilenceException(String.join(" ", sentences) + " Tried for " + longest.toSeconds() + " s."
                    + (details.isEmpty() ? "" : Explanation.DETAILS + String.join("; ", details)));
        }
    }

    /**
     * Waits for one.
     *
     * @throws SilenceException when that or others did not answer, with a sentence about each
     * @throws Exception what it refused the question with
     */
    public void refuseUnlessWell(Side side) throws Exception {
        Hearing hearing = hearing(side);
        if (hearing == null) {
            return;
        }
        if (!hearing.isHeard()) {
            refuseSilence();
        }
        Exception refusal = hearing.failure;
        if (hearing.heard && refusal != null) {
            throw refusal;
        }
    }

    private synchronized Hearing hearing(Side side) {
        return hearings.get(side);
    }

    /** Waits no longer. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    private final class Hearing {
        private final Side side;
        private final Duration patience;
        private final Question question;
        private final Question why;
        private final Instant until;
        private final long start = System.nanoTime();
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile boolean heard;
        private volatile boolean talks;
        private volatile Exception failure;
        private volatile Exception reason;
        private boolean said;
        private boolean saidWhy;

        Hearing(Side side, Duration patience, Question question, Question why) {
            this.side = side;
            this.patience = patience;
            this.question = question;
            this.why = why;
            this.until = clock.instant().plus(patience).truncatedTo(ChronoUnit.SECONDS);
        }

        private void listen() {
            try {
                while (!answers() && left().compareTo(PAUSE) > 0) {
                    say();
                    Thread.sleep(PAUSE.toMillis());
                }
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            } finally {
                over.countDown();
            }
        }

        private boolean answers() {
            try {
                question.ask();
                failure = null;
                heard = true;
            } catch (Exception thrown) {
                failure = thrown;
                heard = talks || !isSilence(thrown);
                if (!heard) {
                    reason = thrown;
                }
            }
            return heard;
        }

        private void askWhy() {
            try {
                if (!isOver(PAUSE)) {
                    why.ask();
                    talks = true;
                }
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            } catch (Exception thrown) {
                if (isSilence(thrown)) {
                    reason = thrown;
                    say();
                } else {
                    talks = true;
                }
            }
        }

        private static boolean isSilence(Exception thrown) {
            return NO_STORE.has(thrown) || (NO_DATABASE.has(thrown) && !isSaidByTheServer(thrown));
        }

        private static boolean isSaidByTheServer(Throwable thrown) {
            for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLException said) {
                    return SharedConnections.isSaidByTheServer(Causes.innermostWithState(said));
                }
            }
            return false;
        }

        /** Waits until it answers or the time is over. */
        private boolean isHeard() {
            try {
                if (!isOver(UNSAID)) {
                    say();
                    // an attempt that still waits then is left to itself; the first may be about to say why it failed
                    boolean ended = isOver(reason == null ? patience.plus(GRACE) : patience);
                    if (!ended && talks) {
                        // it answers: whoever asked has his own patience with that
                        isOver(patience.plus(WHILE_IT_TALKS));
                    }
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            return heard;
        }

        /** Waits for it until so long after the beginning. */
        private boolean isOver(Duration afterStart) throws InterruptedException {
            Duration wait = left().minus(patience).plus(afterStart);
            return over.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        }

        private boolean isTimeOver() {
            return over.getCount() == 0 || left().isNegative();
        }

        private Duration left() {
            return patience.minusNanos(System.nanoTime() - start);
        }

        /** Once as long as no attempt has failed, and once why one has. */
        private synchronized void say() {
            Exception known = reason;
            if (heard || saidWhy || (known == null && (said || talks))) {
                return;
            }
            said = true;
            saidWhy = known != null;
            LOG.warn(
                    "No answer yet from {}, which is tried for {} s, until {}{}",
                    side.called,
                    patience.toSeconds(),
                    until,
                    known == null
                            ? "." + Explanation.DETAILS + explanation.placeOf(side)
                            : ": " + explanation.of(known));
        }

        private Exception silence() {
            Exception known = reason;
            if (known != null) {
                return known;
            }
            String none = "no answer";
            return switch (side) {
                case STORE -> SdkClientException.create(none, new SocketTimeoutException(none));
                case RECORDS -> FromRecordsDatabase.marked(new SQLTransientConnectionException(none));
                case RESULTS -> new SQLTransientConnectionException(none);
            };
        }
    }

    /** Somebody gave no answer in all the time that there was. */
    public static final class SilenceException extends RuntimeException {
        private static final long serialVersionUID = 1;

        SilenceException(String message) {
            super(message);
        }
    }
}
