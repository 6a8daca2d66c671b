package dev.stocktake.schedule;

import java.time.LocalDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Unix cron as its manual page says it, one minute at a time: what {@link CronSchedule} is compared with. */
final class UnixCron {
    private static final List<String> MONTHS =
            List.of("", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");
    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    private final Set<Integer> minutes;
    private final Set<Integer> hours;
    private final Set<Integer> daysOfMonth;
    private final Set<Integer> months;
    private final Set<Integer> daysOfWeek;

    UnixCron(String expression) {
        String[] fields = expression.split(" ", -1);
        minutes = values(fields[0], 0, 59, List.of());
        hours = values(fields[1], 0, 23, List.of());
        daysOfMonth = values(fields[2], 1, 31, List.of());
        months = values(fields[3], 1, 12, MONTHS);
        daysOfWeek = values(fields[4], 0, 7, DAYS);
    }

    /** For expressions that restrict one day field at most. */
    boolean firesAt(LocalDateTime minute) {
        int dayOfWeek = minute.getDayOfWeek().getValue();
        return minutes.contains(minute.getMinute())
                && hours.contains(minute.getHour())
                && daysOfMonth.contains(minute.getDayOfMonth())
                && months.contains(minute.getMonthValue())
                && (daysOfWeek.contains(dayOfWeek) || (dayOfWeek == 7 && daysOfWeek.contains(0)));
    }

    private static Set<Integer> values(String field, int least, int most, List<String> names) {
        Set<Integer> values = new HashSet<>();
        for (String part : field.split(",", -1)) {
            String[] stepped = part.split("/", -1);
            String[] range = stepped[0].equals("*")
                    ? new String[] {Integer.toString(least), Integer.toString(most)}
                    : stepped[0].split("-", -1);
            int step = stepped.length == 1 ? 1 : Integer.parseInt(stepped[1]);
            int last = number(range[range.length - 1], names);
            for (int value = number(range[0], names); value <= last; value += step) {
                values.add(value);
            }
        }
        return values;
    }

    private static int number(String text, List<String> names) {
        return names.contains(text) ? names.indexOf(text) : Integer.parseInt(text);
    }
}
