package dev.stocktake.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronScheduleTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 3 * * *         | 0 0 3 * * ?
            */5 * * * *       | 0 */5 * * * ?
            5,10-20/5 1-5 1 * * | 0 5,10-20/5 1-5 1 * ?
            0 0 1 jan-mar *   | 0 0 0 1 1-3 ?
            0 0 1 JAN,Dec *   | 0 0 0 1 1,12 ?
            0 3 * * 1-5       | 0 0 3 ? * MON,TUE,WED,THU,FRI
            0 3 * * MON-FRI   | 0 0 3 ? * MON,TUE,WED,THU,FRI
            0 3 * * 0-6       | 0 0 3 ? * SUN,MON,TUE,WED,THU,FRI,SAT
            0 3 * * 0-7       | 0 0 3 ? * SUN,MON,TUE,WED,THU,FRI,SAT
            0 3 * * 1-7       | 0 0 3 ? * SUN,MON,TUE,WED,THU,FRI,SAT
            0 3 * * */2       | 0 0 3 ? * SUN,TUE,THU,SAT
            0 3 * * 1-7/2     | 0 0 3 ? * SUN,MON,WED,FRI
            0 3 * * 1-5/2     | 0 0 3 ? * MON,WED,FRI
            0 3 * * */7       | 0 0 3 ? * SUN
            0 3 * * 0-7/7     | 0 0 3 ? * SUN
            0 3 * * 3-5/7     | 0 0 3 ? * WED
            0 3 * * SUN-THU   | 0 0 3 ? * SUN,MON,TUE,WED,THU
            0 3 * * SAT,SUN-MON | 0 0 3 ? * SUN,MON,SAT
            0 3 * * SUN-SUN   | 0 0 3 ? * SUN
            0 3 * * 5-7       | 0 0 3 ? * SUN,FRI,SAT
            0 3 * * 6-7       | 0 0 3 ? * SUN,SAT
            0 3 * * sat-sun   | 0 0 3 ? * SUN,SAT
            0 3 * * 0         | 0 0 3 ? * SUN
            0 3 * * 7         | 0 0 3 ? * SUN
            0 3 * * SUN       | 0 0 3 ? * SUN
            0 3 * * 0,7       | 0 0 3 ? * SUN
            0 3 * * 1,3,5     | 0 0 3 ? * MON,WED,FRI
            0 3 * * MON,3-5   | 0 0 3 ? * MON,WED,THU,FRI
            0 3 */1 * 1       | 0 0 3 ? * MON
            0 3 1-31 * *      | 0 0 3 1-31 * ?
            0 0 29 2 *        | 0 0 0 29 2 ?
            @hourly           | 0 0 * * * ?
            @daily            | 0 0 0 * * ?
            @midnight         | 0 0 0 * * ?
            @weekly           | 0 0 0 ? * SUN
            @monthly          | 0 0 0 1 * ?
            @yearly           | 0 0 0 1 1 ?
            @Annually         | 0 0 0 1 1 ?
            """)
    void isWrittenForQuartz(String unix, String quartz) {
        assertThat(CronSchedule.parse(unix).quartz()).isEqualTo(quartz);
    }

    @Test
    void keepsTheUnixCronAsItWasWrittenWithSingleSpaces() {
        CronSchedule schedule = CronSchedule.parse("  0\t3  * *   mon ");

        assertThat(schedule.unix()).isEqualTo("0 3 * * mon");
        assertThat(schedule).hasToString("0 3 * * mon").isEqualTo(CronSchedule.parse("0 3 * * mon"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''              | must not be empty, was: ""
            ' '             | must not be empty, was: " "
            0 3 * *         | must have five fields (minute hour day-of-month month day-of-week), was: "0 3 * *"
            0 0 3 * * *     | must have five fields (minute hour day-of-month month day-of-week), was: "0 0 3 * * *"
            0 0 3 * * ? *   | must have five fields (minute hour day-of-month month day-of-week), was: "0 0 3 * * ? *"
            every night     | must have five fields (minute hour day-of-month month day-of-week), was: "every night"
            @reboot         | must name a time of day; @reboot names none, and a restart is no reason to run, was: "@reboot"
            @nightly        | must be five fields or one of @hourly @daily @weekly @monthly @yearly, was: "@nightly"
            0 3 1 * 1       | restricts both day-of-month and day-of-week; use one of them, was: "0 3 1 * 1"
            0 3 */2 * MON   | restricts both day-of-month and day-of-week; use one of them, was: "0 3 */2 * MON"
            0 3 1-31 * 1    | restricts both day-of-month and day-of-week; use one of them, was: "0 3 1-31 * 1"
            60 3 * * *      | has a wrong minute "60" (Value 60 not in range [0, 59]), was: "60 3 * * *"
            0 24 * * *      | has a wrong hour "24" (Value 24 not in range [0, 23]), was: "0 24 * * *"
            0 3 0 * *       | has a wrong day-of-month "0" (Value 0 not in range [1, 31]), was: "0 3 0 * *"
            0 3 * 13 *      | has a wrong month "13" (Value 13 not in range [1, 12]), was: "0 3 * 13 *"
            0 3 * * 8       | has a wrong day-of-week "8" (Value 8 not in range [0, 7]), was: "0 3 * * 8"
            30-10 3 * * *   | has a wrong minute "30-10" (Invalid range! [30,10]), was: "30-10 3 * * *"
            0/15 * * * *    | has a minute with a step but no range: write */15 or 5-59/15, was: "0/15 * * * *"
            1,5/15 * * * *  | has a minute with a step but no range: write */15 or 5-59/15, was: "1,5/15 * * * *"
            0 3 ? * 1       | has a day-of-month that cannot be read: "?", was: "0 3 ? * 1"
            0 3 * * 1#2     | has a day-of-week that cannot be read: "1#2", was: "0 3 * * 1#2"
            0 3 31 2 *      | never fires: no year has such a date, was: "0 3 31 2 *"
            0 3 30 2 *      | never fires: no year has such a date, was: "0 3 30 2 *"
            0 3 31 4,6,9,11 * | never fires: no year has such a date, was: "0 3 31 4,6,9,11 *"
            """)
    void refusesWithAReason(String unix, String message) {
        assertThatThrownBy(() -> CronSchedule.parse(unix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*/0", "*/60", "*/99", "*/100", "1-", "-1", ",1", "1,", "1,,2", "/5", "+5", "٣", "1|2", "1||2", "a",
                "L", "5L", "3W", "LW", "L-3", "1-2-3", "1/2/3", "1-5/2/2", "*-5", "**", "MON", "1.5", "0x5", "5-3", "*5"
            })
    void refusesAMinuteThatIsNone(String minute) {
        assertThatThrownBy(() -> CronSchedule.parse(minute + " * * * *"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("has a ")
                .hasMessageEndingWith(", was: \"" + minute.replace('٣', '?') + " * * * *\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"MONDAY", "FRI-MON", "6-1", "JAN", "L", "5L", "1W", "8", "*/8", "MON-", "MO"})
    void refusesADayOfWeekThatIsNone(String dayOfWeek) {
        assertThatThrownBy(() -> CronSchedule.parse("0 3 * * " + dayOfWeek))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("day-of-week");
    }

    @Test
    void aMessageIsOneLineWhateverTheValueHolds() {
        assertThatThrownBy(() -> CronSchedule.parse("0 3\n* \u001b[31m *\u2028"))
                .hasMessage("has a month that cannot be read: \"?[31M\", was: \"0 3?* ?[31m *?\"");
    }

    @Test
    void readsNamesInALocaleWithOtherCapitals() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr"));
        try {
            assertThat(CronSchedule.parse("0 3 * * fri").quartz()).isEqualTo("0 0 3 ? * FRI");
            assertThat(CronSchedule.parse("@MIDNIGHT").quartz()).isEqualTo("0 0 0 * * ?");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void theNextTimeIsStrictlyLaterAndInTheZoneThatWasAsked() {
        CronSchedule schedule = CronSchedule.parse("0 3 * * *");
        ZonedDateTime fire = LocalDateTime.of(2026, 1, 15, 3, 0).atZone(ZoneId.of("Asia/Kolkata"));

        assertThat(schedule.next(fire.minusNanos(1_000_000))).isEqualTo(fire);
        assertThat(schedule.next(fire)).isEqualTo(fire.plusDays(1));
        assertThat(schedule.next(fire).getZone()).isEqualTo(fire.getZone());
    }

    @Test
    void theZoneOfThisProcessDoesNotMatter() {
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
        try {
            assertThat(fires("0 3 * * *", "Europe/Berlin", "2026-06-01", 1)).containsExactly("2026-06-01T03:00+02:00");
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin,    2026-03-28, +01:00, +02:00, +02:00",
        "Europe/Berlin,    2026-10-24, +02:00, +01:00, +01:00",
        "America/New_York, 2026-03-07, -05:00, -04:00, -04:00",
        "America/New_York, 2026-10-31, -04:00, -05:00, -05:00",
    })
    void firesOnceAtThreeOnTheDaysBeforeAtAndAfterAChangeOfClocks(
            String zone, LocalDate before, String offsetBefore, String offsetAt, String offsetAfter) {
        assertThat(fires("0 3 * * *", zone, before.toString(), 3))
                .containsExactly(
                        before + "T03:00" + offsetBefore,
                        before.plusDays(1) + "T03:00" + offsetAt,
                        before.plusDays(2) + "T03:00" + offsetAfter);
    }

    @Test
    void aTimeThatTheChangeSkipsDoesNotFireThatDay() {
        assertThat(fires("30 2 * * *", "Europe/Berlin", "2026-03-28", 3))
                .containsExactly("2026-03-28T02:30+01:00", "2026-03-30T02:30+02:00", "2026-03-31T02:30+02:00");
    }

    @Test
    void theDefaultTimeIsTheSkippedOneInEasternEurope() {
        assertThat(fires("0 3 * * *", "Europe/Helsinki", "2026-03-28", 2))
                .containsExactly("2026-03-28T03:00+02:00", "2026-03-30T03:00+03:00");
    }

    @Test
    void aTimeThatTheChangeRepeatsFiresOnce() {
        assertThat(fires("30 2 * * *", "Europe/Berlin", "2026-10-24", 3))
                .containsExactly("2026-10-24T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-26T02:30+01:00");
    }

    private static List<String> fires(String unix, String zone, String from, int count) {
        CronSchedule schedule = CronSchedule.parse(unix);
        ZonedDateTime time = LocalDate.parse(from).atTime(LocalTime.MIDNIGHT).atZone(ZoneId.of(zone));
        List<String> fires = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            time = schedule.next(time);
            fires.add(time.toOffsetDateTime().toString());
        }
        return fires;
    }
}
