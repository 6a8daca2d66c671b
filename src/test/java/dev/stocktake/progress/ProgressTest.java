package dev.stocktake.progress;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.stocktake.compare.Checkpoint;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.RecordsMarker;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.Tally;
import dev.stocktake.database.Databases;
import dev.stocktake.fixture.Assets;
import dev.stocktake.run.OpenRanges;
import dev.stocktake.run.RunInProgress;
import dev.stocktake.run.Runs;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class ProgressTest {
    private final HandTurned clockwork = new HandTurned();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Progress.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private RunInProgress running;

    @BeforeEach
    void openARun() {
        SingleConnectionDataSource results =
                new SingleConnectionDataSource(Assets.empty().database().connect(), true);
        Databases.migrate(results);
        running = new Runs(results, "bucket", "", () -> "", () -> "", Duration.ZERO, Clock.systemUTC()).open("cli");
        running.planned(new OpenRanges(List.of(), 2, Duration.ZERO), 2);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        clockwork.shutdownNow();
    }

    @Test
    void withoutATerminalALineTellsEveryTenSecondsHowFarItHasCome() {
        Progress progress = new Progress(clockwork, false);
        Progress.Shown shown = progress.show(running);
        progress.turned(running, cursor(0, 30, 20, false));
        progress.turned(running, cursor(1, 5, 5, true));

        clockwork.turn();

        assertThat(clockwork.periods).containsExactly(10_000L);
        assertThat(log.list)
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage())
                        .contains(running.id().toString(), "35 objects and 25 records", "1 of 2 ranges", "keys/s"));
        progress.hide(shown);
        assertThat(clockwork.getQueue()).allMatch(task -> ((ScheduledFuture<?>) task).isCancelled());
    }

    @Test
    void aRangeThatTellsItsNewsAgainCountsOnce() {
        Progress progress = new Progress(clockwork, false);
        progress.turned(running, cursor(0, 30, 20, false));
        progress.turned(running, cursor(0, 40, 30, false));

        assertThat(running.soFar().objects()).isEqualTo(40);
    }

    @Test
    void onATerminalABarIsDrawnOnStandardErrorAndTakenAway() {
        PrintStream standardError = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            Progress progress = new Progress(clockwork, true);
            Progress.Shown shown = progress.show(running);
            progress.turned(running, cursor(0, 30, 20, true));
            clockwork.turn();
            progress.hide(shown);
        } finally {
            System.setErr(standardError);
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("Comparing", "1/2 ranges");
        assertThat(log.list).isEmpty();
    }

    private static Cursor cursor(int range, long objects, long records, boolean closed) {
        return Cursor.at(
                new Checkpoint(
                        new Range(range, "", "z"),
                        "",
                        closed ? null : StorageMarker.after(""),
                        closed ? null : new RecordsMarker("", null),
                        null,
                        new Tally(objects, records, 0, 0, 0, 0, 0, 0, 0)),
                null,
                Duration.ZERO,
                0);
    }

    /** Runs what is scheduled when the test says so. */
    private static final class HandTurned extends ScheduledThreadPoolExecutor {
        private final List<Runnable> tasks = new ArrayList<>();
        private final List<Long> periods = new ArrayList<>();

        HandTurned() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long delay, long period, TimeUnit unit) {
            tasks.add(task);
            periods.add(unit.toMillis(period));
            return super.scheduleAtFixedRate(task, 1, 1, TimeUnit.DAYS);
        }

        void turn() {
            tasks.forEach(Runnable::run);
        }
    }
}
