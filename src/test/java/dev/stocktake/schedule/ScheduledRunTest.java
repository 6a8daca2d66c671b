package dev.stocktake.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.BlockedListing;
import dev.stocktake.run.LogLines;
import dev.stocktake.run.Run;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quartz.CronTrigger;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.SchedulerRepository;

class ScheduledRunTest {
    private static final TriggerKey MAINTENANCE = TriggerKey.triggerKey("maintenance", "stocktake");

    private final Assets assets = Assets.empty().objects("a", "orphan").records("a");

    @Test
    void theScheduleStartsRuns() throws SchedulerException {
        try (StartedStocktake stocktake = StartedStocktake.serving(environment("0 3 * * *", "UTC"))) {
            assertThat(stocktake.port()).isPositive();
            assertThat(runs()).isEmpty();

            fireNow();

            await().atMost(Duration.ofSeconds(30)).until(() -> runs().contains("schedule COMPLETE"));
            assertThat(runs()).hasSize(1);
            assertThat(assets.database()
                            .sql()
                            .sql("SELECT storage_key FROM stocktake.finding")
                            .query(String.class)
                            .list())
                    .containsExactly("orphan");
        }
    }

    @Test
    void aScheduledRunWithoutAVerdictIsToldAndTheNextOneRuns() throws SchedulerException {
        try (StartedStocktake stocktake = StartedStocktake.serving(environment("0 3 * * *", "UTC"));
                LogLines logs = LogLines.recorded()) {
            assertThat(stocktake.port()).isPositive();
            assets.database().execute("ALTER TABLE assets RENAME TO hidden");
            fireNow();
            await().atMost(Duration.ofSeconds(30)).until(() -> runs().contains("schedule INCOMPLETE"));
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> !logs.with(" is INCOMPLETE: ").isEmpty());
            assertThat(logs.everything()).doesNotContain("\tat ");

            assets.database().execute("ALTER TABLE hidden RENAME TO assets");
            fireNow();
            await().atMost(Duration.ofSeconds(30)).until(() -> runs().contains("schedule COMPLETE"));
        }
    }

    @Test
    void aScheduledRunIsSkippedInOneLineWhileAnotherIsActive() throws Exception {
        try (StartedStocktake stocktake = StartedStocktake.serving(environment("0 3 * * *", "UTC"));
                BlockedListing blocked = BlockedListing.of(assets.store());
                LogLines logs = LogLines.recorded()) {
            CompletableFuture<Run> active = CompletableFuture.supplyAsync(stocktake::run);
            blocked.awaitRun();
            String id = assets.database()
                    .sql()
                    .sql("SELECT run_id::text FROM stocktake.lease")
                    .query(String.class)
                    .single();

            fireNow();

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !logs.with("Skipped").isEmpty());
            blocked.open();
            assertThat(active.get(60, TimeUnit.SECONDS).status()).isEqualTo(Run.Status.COMPLETE);
            assertThat(logs.with("Skipped"))
                    .singleElement()
                    .asString()
                    .startsWith("Skipped a scheduled run: Run " + id + " is comparing the bucket \"" + assets.bucket()
                            + "\" now; try again when it has ended.");
            assertThat(logs.events())
                    .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                    .filteredOn(event -> !event.getFormattedMessage().startsWith("File exists but"))
                    .filteredOn(event -> !event.getFormattedMessage().contains(" is SUSPICIOUS: "))
                    .hasSize(1)
                    .allSatisfy(event -> assertThat(event.getThrowableProxy()).isNull());
            assertThat(runs()).containsExactly("cli COMPLETE");
        }
    }

    @ParameterizedTest
    @CsvSource({
        // the night in March has no 02:00 to 03:00, the one in October has it twice
        "2026-03-27T12:00+01:00, 2026-03-28T03:00+01:00, 2026-03-29T03:00+02:00, 2026-03-30T03:00+02:00",
        "2026-10-23T12:00+02:00, 2026-10-24T03:00+02:00, 2026-10-25T03:00+01:00, 2026-10-26T03:00+01:00",
    })
    void threeInTheMorningStaysThreeInTheMorning(String after, String first, String second, String third)
            throws SchedulerException {
        try (StartedStocktake stocktake = StartedStocktake.serving(environment("0 3 * * *", "Europe/Berlin"))) {
            assertThat(stocktake.port()).isPositive();
            Trigger trigger = scheduler().getTrigger(MAINTENANCE);

            assertThat(((CronTrigger) trigger).getTimeZone().getID()).isEqualTo("Europe/Berlin");
            assertThat(fireTimes(trigger, after)).containsExactly(date(first), date(second), date(third));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/15 * * * * | 2026-11-24T10:00Z | 2026-11-24T10:15Z | 2026-11-24T10:30Z | 2026-11-24T10:45Z",
                "30 4 * * 1   | 2026-11-24T10:00Z | 2026-11-30T04:30Z | 2026-12-07T04:30Z | 2026-12-14T04:30Z",
                "0 0 1 * *    | 2026-11-24T10:00Z | 2026-12-01T00:00Z | 2027-01-01T00:00Z | 2027-02-01T00:00Z",
                "@daily       | 2026-11-24T10:00Z | 2026-11-25T00:00Z | 2026-11-26T00:00Z | 2026-11-27T00:00Z",
            })
    void theSettingIsWhatTheSchedulerFollows(String schedule, String after, String first, String second, String third)
            throws SchedulerException {
        try (StartedStocktake stocktake = StartedStocktake.serving(environment(schedule, "UTC"))) {
            assertThat(stocktake.port()).isPositive();

            assertThat(fireTimes(scheduler().getTrigger(MAINTENANCE), after))
                    .containsExactly(date(first), date(second), date(third));
        }
    }

    @Test
    void withoutSettingsARunStartsAtThreeInUtc() throws SchedulerException {
        try (StartedStocktake stocktake = StartedStocktake.serving(assets.environment())) {
            assertThat(stocktake.port()).isPositive();

            assertThat(fireTimes(scheduler().getTrigger(MAINTENANCE), "2026-11-24T10:00Z"))
                    .startsWith(date("2026-11-25T03:00Z"));
        }
    }

    @Test
    void aSingleRunHasNoScheduler() {
        try (StartedStocktake stocktake = StartedStocktake.forOneRun(environment("* * * * *", "UTC"))) {
            assertThat(stocktake.run().status()).isEqualTo(Run.Status.COMPLETE);

            assertThat(schedulers()).isEmpty();
        }
    }

    private Map<String, String> environment(String schedule, String zone) {
        Map<String, String> environment = assets.environment();
        environment.put("CRON_MAINTENANCE_SCHEDULE", schedule);
        environment.put("CRON_TIME_ZONE", zone);
        return environment;
    }

    /** Trigger and status of every run. */
    private List<String> runs() {
        return assets.database()
                .sql()
                .sql("SELECT trigger || ' ' || status FROM stocktake.run ORDER BY started_at")
                .query(String.class)
                .list();
    }

    /** Fires the schedule's own job, once and at once. */
    private static void fireNow() throws SchedulerException {
        scheduler()
                .scheduleJob(TriggerBuilder.newTrigger()
                        .forJob(scheduler().getTrigger(MAINTENANCE).getJobKey())
                        .startNow()
                        .build());
    }

    private static Scheduler scheduler() {
        assertThat(schedulers()).hasSize(1);
        return schedulers().iterator().next();
    }

    private static Collection<Scheduler> schedulers() {
        return SchedulerRepository.getInstance().lookupAll();
    }

    /** The first three, as if Stocktake had been started then. */
    private static List<Date> fireTimes(Trigger scheduled, String after) {
        List<Date> times = new ArrayList<>();
        Date time = date(after);
        Trigger trigger = scheduled.getTriggerBuilder().startAt(time).build();
        while (times.size() < 3) {
            time = trigger.getFireTimeAfter(time);
            times.add(time);
        }
        return times;
    }

    private static Date date(String time) {
        return Date.from(ZonedDateTime.parse(time).toInstant());
    }
}
