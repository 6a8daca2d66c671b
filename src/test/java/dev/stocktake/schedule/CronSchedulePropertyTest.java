package dev.stocktake.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class CronSchedulePropertyTest {
    private static final int MOST_FIRES = 300;

    @Property(tries = 400)
    void firesAtTheMinutesThatUnixCronDoes(
            @ForAll("expressions") String expression, @ForAll("startsOfWindows") LocalDateTime start) {
        LocalDateTime end = start.plusDays(400);

        assertThat(fires(CronSchedule.parse(expression), start, end))
                .as(expression)
                .isEqualTo(fires(new UnixCron(expression), start, end));
    }

    @Provide
    Arbitrary<LocalDateTime> startsOfWindows() {
        // over a leap day too
        return Arbitraries.integers()
                .between(0, 3 * 366 * 24 * 60)
                .map(minutes -> LocalDateTime.of(2026, 1, 1, 0, 0).plusMinutes(minutes));
    }

    @Provide
    Arbitrary<String> expressions() {
        Arbitrary<String> oneDayField = Arbitraries.oneOf(
                Arbitraries.of("* *"),
                // not 29 to 31 alone, which some months never have
                field(1, 28).map(days -> days + " *"),
                field(0, 7).map(days -> "* " + days),
                Arbitraries.of("SUN", "MON-FRI", "SAT,SUN", "TUE-SAT/2", "WED,5-7,MON")
                        .map(days -> "* " + days));
        Arbitrary<String> month = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just("*")),
                Tuple.of(1, field(1, 12)),
                Tuple.of(1, Arbitraries.of("JAN", "JUN-AUG", "MAR,OCT-DEC", "JAN-DEC/5")));
        return Combinators.combine(field(0, 59), field(0, 23), oneDayField, month)
                .as((minute, hour, days, months) -> {
                    String[] pair = days.split(" ", -1);
                    return String.join(" ", minute, hour, pair[0], months, pair[1]);
                });
    }

    private static Arbitrary<String> field(int least, int most) {
        Arbitrary<Integer> value = Arbitraries.integers().between(least, most);
        Arbitrary<Integer> step = Arbitraries.integers().between(1, most);
        Arbitrary<String> single = value.map(String::valueOf);
        Arbitrary<String> range =
                Combinators.combine(value, value).as((one, other) -> Math.min(one, other) + "-" + Math.max(one, other));
        Arbitrary<String> stepped = Combinators.combine(Arbitraries.oneOf(Arbitraries.just("*"), range), step)
                .as((part, every) -> part + "/" + every);
        Arbitrary<String> part = Arbitraries.oneOf(single, range, stepped);
        return Arbitraries.oneOf(
                Arbitraries.just("*"),
                part,
                part.list().ofMinSize(2).ofMaxSize(4).map(list -> String.join(",", list)));
    }

    private static List<LocalDateTime> fires(CronSchedule schedule, LocalDateTime start, LocalDateTime end) {
        List<LocalDateTime> fires = new ArrayList<>();
        ZonedDateTime next = schedule.next(start.atZone(ZoneOffset.UTC));
        while (next.toLocalDateTime().isBefore(end) && fires.size() < MOST_FIRES) {
            fires.add(next.toLocalDateTime());
            next = schedule.next(next);
        }
        return fires;
    }

    private static List<LocalDateTime> fires(UnixCron cron, LocalDateTime start, LocalDateTime end) {
        List<LocalDateTime> fires = new ArrayList<>();
        LocalDateTime minute = start.plusMinutes(1);
        while (minute.isBefore(end) && fires.size() < MOST_FIRES) {
            if (cron.firesAt(minute)) {
                fires.add(minute);
            }
            minute = minute.plusMinutes(1);
        }
        return fires;
    }
}
