package dev.stocktake.progress;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.Tally;
import dev.stocktake.run.RunInProgress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.nativ.CLibrary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows how far a run has come: a bar on a terminal's standard error, else a log line every ten seconds. */
public final class Progress {
    private static final Duration LOG_EVERY = Duration.ofSeconds(10);
    private static final Duration DRAW_EVERY = Duration.ofMillis(200);
    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

    private final ScheduledExecutorService clockwork;
    private final boolean onTerminal;

    /**
     * Shows runs in one of the two ways.
     *
     * @param onTerminal whether a person watches standard error
     */
    public Progress(ScheduledExecutorService clockwork, boolean onTerminal) {
        this.clockwork = clockwork;
        this.onTerminal = onTerminal;
    }

    /** Whether a person watches standard error; false where the system does not tell. */
    public static boolean isStandardErrorATerminal() {
        try {
            return CLibrary.isatty(2) == 1;
        } catch (LinkageError unknownSystem) {
            return false;
        }
    }

    /** Shows the run until it is hidden. */
    public Shown show(RunInProgress running) {
        return onTerminal ? new Bar(running) : new LogLines(running);
    }

    public void hide(Shown shown) {
        shown.close();
    }

    /** Tells how far one range of the run has come. */
    public void turned(RunInProgress running, Cursor cursor) {
        running.turned(cursor);
    }

    /** The display of one run. */
    public interface Shown extends AutoCloseable {
        @Override
        void close();
    }

    private static long keysPerSecond(Tally tally, long startNanos) {
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        return (tally.objects() + tally.records()) * 1000 / millis;
    }

    private final class LogLines implements Shown {
        private final RunInProgress running;
        private final long start = System.nanoTime();
        private final ScheduledFuture<?> lines;

        LogLines(RunInProgress running) {
            this.running = running;
            this.lines = clockwork.scheduleAtFixedRate(
                    this::log, LOG_EVERY.toMillis(), LOG_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void log() {
            Tally tally = running.soFar();
            LOG.info(
                    "Run {}: {} objects and {} records compared, {} of {} ranges done, {} keys/s",
                    running.id(),
                    tally.objects(),
                    tally.records(),
                    running.rangesClosed(),
                    running.ranges(),
                    keysPerSecond(tally, start));
        }

        @Override
        public void close() {
            lines.cancel(false);
        }
    }

    private final class Bar implements Shown {
        private final RunInProgress running;
        private final long start = System.nanoTime();
        private final ProgressBar bar;
        private final ScheduledFuture<?> drawings;

        Bar(RunInProgress running) {
            this.running = running;
            this.bar = new ProgressBarBuilder()
                    .setTaskName("Comparing")
                    .setUnit(" ranges", 1)
                    .setInitialMax(-1)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis((int) DRAW_EVERY.toMillis())
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .clearDisplayOnFinish()
                    .build();
            this.drawings = clockwork.scheduleAtFixedRate(this::draw, 0, DRAW_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void draw() {
            Tally tally = running.soFar();
            bar.maxHint(running.ranges() == 0 ? -1 : running.ranges());
            bar.stepTo(running.rangesClosed());
            bar.setExtraMessage(String.format(
                    Locale.ROOT,
                    "%,d objects, %,d records, %,d keys/s",
                    tally.objects(),
                    tally.records(),
                    keysPerSecond(tally, start)));
        }

        @Override
        public void close() {
            drawings.cancel(false);
            bar.close();
        }
    }
}
