package dev.stocktake.schedule;

import com.cronutils.model.Cron;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.field.CronFieldName;
import com.cronutils.model.field.expression.Always;
import com.cronutils.model.field.expression.And;
import com.cronutils.model.field.expression.Between;
import com.cronutils.model.field.expression.Every;
import com.cronutils.model.field.expression.FieldExpression;
import com.cronutils.model.field.expression.On;
import com.cronutils.model.field.value.FieldValue;
import com.cronutils.parser.CronParser;
import java.text.ParseException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.quartz.CronExpression;

/**
 * When to start: a five-field Unix cron ({@code minute hour day-of-month month day-of-week}) or one of the nicknames
 * {@code @hourly @daily @midnight @weekly @monthly @yearly @annually}, and the Quartz expression that fires at the
 * same minutes. Immutable; equal when written alike.
 */
public final class CronSchedule {
    private static final List<String> FIELDS = List.of("minute", "hour", "day-of-month", "month", "day-of-week");
    private static final Map<String, String> NICKNAMES = Map.of(
            "@hourly", "0 * * * *",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@weekly", "0 0 * * 0",
            "@monthly", "0 0 1 * *",
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *");

    private static final Pattern SPACE = Pattern.compile("\\s+");

    // stricter than cron-utils, which reads "/5", "+5", "1|2" and "1-5/2/2" too
    private static final Pattern FIELD = Pattern.compile("PART(,PART)*"
            .replace("PART", "(\\*(/[0-9]{1,2})?|VALUE(-VALUE(/[0-9]{1,2})?)?)")
            .replace("VALUE", "([0-9]{1,2}|[A-Z]{3})"));
    private static final Pattern STEP_WITHOUT_RANGE = Pattern.compile("(.*,)?[0-9A-Z]+/.*");

    /** As cron-utils' own Unix form, but without its mapping of 7 to 0, which it applies to the step of 1-5/7 too. */
    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.defineCron()
            .withMinutes()
            .withValidRange(0, 59)
            .withStrictRange()
            .and()
            .withHours()
            .withValidRange(0, 23)
            .withStrictRange()
            .and()
            .withDayOfMonth()
            .withValidRange(1, 31)
            .withStrictRange()
            .and()
            .withMonth()
            .withValidRange(1, 12)
            .withStrictRange()
            .and()
            .withDayOfWeek()
            .withValidRange(0, 7)
            .withMondayDoWValue(1)
            .withStrictRange()
            .and()
            .instance());

    // cron-utils takes every SUN for 7 and so refuses SUN-THU
    private static final Pattern FROM_SUNDAY = Pattern.compile("\\bSUN-(?!SUN)");

    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    private final String unix;
    private final String quartz;

    private CronSchedule(String unix, String quartz) {
        this.unix = unix;
        this.quartz = quartz;
    }

    /**
     * Reads a Unix cron. Month and day names are taken in any case; both 0 and 7 are Sunday.
     *
     * @throws IllegalArgumentException when it is not one, when it restricts both day fields (Unix runs on the days of
     *     either, which Quartz cannot), or when no date ever matches. The message is one line that reads on after the
     *     setting's name and ends with the expression.
     */
    public static CronSchedule parse(String unixCron) {
        String unix = SPACE.matcher(unixCron.strip()).replaceAll(" ");
        if (unix.isEmpty()) {
            throw refused("must not be empty", unixCron);
        }
        String expression = unix.startsWith("@") ? expand(unix) : unix;
        String upper = FROM_SUNDAY.matcher(expression.toUpperCase(Locale.ROOT)).replaceAll("0-");
        List<String> fields = List.of(SPACE.split(upper, -1));
        if (fields.size() != FIELDS.size()) {
            throw refused("must have five fields (" + String.join(" ", FIELDS) + ")", unixCron);
        }
        for (int index = 0; index < FIELDS.size(); index++) {
            check(index, fields.get(index), unixCron);
        }
        String quartz = quartz(PARSER.parse(String.join(" ", fields)), unixCron);
        if (nextTime(quartz, Instant.EPOCH, TimeZone.getTimeZone("UTC")) == null) {
            throw refused("never fires: no year has such a date", unixCron);
        }
        return new CronSchedule(unix, quartz);
    }

    /** The cron as it was written, fields separated by single spaces. */
    public String unix() {
        return unix;
    }

    /** The same schedule in Quartz's six fields, seconds first: {@code 0 0 3 * * ?}. */
    public String quartz() {
        return quartz;
    }

    /**
     * The first time strictly after {@code after} at which Quartz fires, in the zone of {@code after}. A time of day
     * that does not exist on the day when clocks go forward does not fire on that day; one that exists twice when they
     * go back fires once, at the later.
     */
    public ZonedDateTime next(ZonedDateTime after) {
        Date next = nextTime(quartz, after.toInstant(), TimeZone.getTimeZone(after.getZone()));
        if (next == null) {
            throw new IllegalStateException("no time after " + after + " for " + quartz);
        }
        return next.toInstant().atZone(after.getZone());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CronSchedule schedule && schedule.unix.equals(unix);
    }

    @Override
    public int hashCode() {
        return unix.hashCode();
    }

    @Override
    public String toString() {
        return unix;
    }

    private static String expand(String nickname) {
        String lower = nickname.toLowerCase(Locale.ROOT);
        if (lower.equals("@reboot")) {
            throw refused("must name a time of day; @reboot names none, and a restart is no reason to run", nickname);
        }
        String expression = NICKNAMES.get(lower);
        if (expression == null) {
            throw refused("must be five fields or one of @hourly @daily @weekly @monthly @yearly", nickname);
        }
        return expression;
    }

    /** Checks one field alone, as the library does not say in which field it found a fault. */
    private static void check(int index, String field, String unixCron) {
        String name = FIELDS.get(index);
        if (STEP_WITHOUT_RANGE.matcher(field).matches()) {
            // crons disagree on what 5/15 means
            throw refused("has a " + name + " with a step but no range: write */15 or 5-59/15", unixCron);
        }
        if (!FIELD.matcher(field).matches()) {
            throw refused("has a " + name + " that cannot be read: " + printable(field), unixCron);
        }
        List<String> alone = new ArrayList<>(List.of("*", "*", "*", "*", "*"));
        alone.set(index, field);
        try {
            PARSER.parse(String.join(" ", alone));
        } catch (IllegalArgumentException e) {
            String reason = e.getMessage().replace("Failed to parse cron expression. ", "");
            throw refused("has a wrong " + name + " " + printable(field) + " (" + reason + ")", unixCron);
        }
    }

    private static String quartz(Cron cron, String unixCron) {
        FieldExpression dayOfMonth = cron.retrieve(CronFieldName.DAY_OF_MONTH).getExpression();
        FieldExpression dayOfWeek = cron.retrieve(CronFieldName.DAY_OF_WEEK).getExpression();
        boolean everyDayOfWeek = dayOfWeek instanceof Always;
        if (!everyDayOfWeek && !(dayOfMonth instanceof Always)) {
            throw refused("restricts both day-of-month and day-of-week; use one of them", unixCron);
        }
        return String.join(
                " ",
                "0",
                text(cron, CronFieldName.MINUTE),
                text(cron, CronFieldName.HOUR),
                everyDayOfWeek ? dayOfMonth.asString() : "?",
                text(cron, CronFieldName.MONTH),
                everyDayOfWeek ? "?" : names(dayOfWeek));
    }

    private static String text(Cron cron, CronFieldName field) {
        return cron.retrieve(field).getExpression().asString();
    }

    /** The days by name, because cron-utils' own mapping to Quartz turns 0-7 into Sunday alone and shifts 1-7/2. */
    private static String names(FieldExpression dayOfWeek) {
        return days(dayOfWeek)
                .map(day -> day % 7)
                .distinct()
                .sorted()
                .mapToObj(DAYS::get)
                .collect(Collectors.joining(","));
    }

    private static IntStream days(FieldExpression expression) {
        if (expression instanceof Always) {
            return IntStream.rangeClosed(0, 6);
        }
        if (expression instanceof On on) {
            return IntStream.of(number(on.getTime()));
        }
        if (expression instanceof Between range) {
            return IntStream.rangeClosed(number(range.getFrom()), number(range.getTo()));
        }
        if (expression instanceof And list) {
            return list.getExpressions().stream().flatMapToInt(CronSchedule::days);
        }
        if (expression instanceof Every every) {
            int step = every.getPeriod().getValue();
            int[] range = days(every.getExpression()).toArray();
            return IntStream.range(0, range.length)
                    .filter(index -> index % step == 0)
                    .map(index -> range[index]);
        }
        throw new IllegalStateException("a day-of-week of an unknown kind: " + expression.asString());
    }

    private static int number(FieldValue<?> value) {
        return (Integer) value.getValue();
    }

    private static Date nextTime(String quartz, Instant after, TimeZone zone) {
        try {
            CronExpression expression = new CronExpression(quartz);
            expression.setTimeZone(zone);
            return expression.getNextValidTimeAfter(Date.from(after));
        } catch (ParseException e) {
            throw new IllegalStateException("Quartz cannot read " + quartz, e);
        }
    }

    private static IllegalArgumentException refused(String reason, String unixCron) {
        return new IllegalArgumentException(reason + ", was: " + printable(unixCron));
    }

    private static String printable(String text) {
        return "\"" + text.replaceAll("[^ -~]", "?") + "\"";
    }
}
