package dev.stocktake.run;

import dev.stocktake.compare.Tally;
import dev.stocktake.records.RecordsDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the reader of a report should know of times that say no age, or a wrong one. */
final class OddTimes {
    private OddTimes() {}

    /**
     * A sentence or more for each of the two.
     *
     * @param at when the run ended
     */
    static List<String> remarks(Tally tally, RecordsDatabase records, Instant at) {
        List<String> remarks = new ArrayList<>();
        if (tally.implausibleObjects() + tally.implausibleRecords() > 0) {
            remarks.add(implausible(tally));
        }
        Duration ahead = Duration.ofSeconds(tally.secondsAhead());
        if (ahead.compareTo(LikelyZone.TOLERATED) > 0) {
            remarks.add(future(ahead, records == null ? List.of() : records.timesWithoutZone(), at));
        }
        return remarks;
    }

    private static String implausible(Tally tally) {
        List<String> sentences = new ArrayList<>();
        if (tally.implausibleRecords() > 0) {
            sentences.add(count(tally.implausibleRecords(), "record has", "records have")
                    + " a time that is infinite, or more than a day beyond the clock of the records database; it is taken as"
                    + " unknown, and the record judged by its other time, or as one without a time.");
        }
        if (tally.implausibleObjects() > 0) {
            sentences.add(
                    count(tally.implausibleObjects(), "object was", "objects were")
                            + " last modified more than a day beyond the store's clock, or at a time that it does not say; that is taken"
                            + " as unknown, and without a record such an object is too recent until it has been known for GRACE_PERIOD.");
        }
        return String.join(" ", sentences);
    }

    private static String count(long number, String one, String several) {
        return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? one : several);
    }

    private static String future(Duration ahead, List<String> withoutZone, Instant at) {
        String newest = "The newest record is " + spoken(ahead) + " in the future of the records database's clock";
        return LikelyZone.of(ahead, at)
                .map(zone -> newest + ", which looks like local time of UTC"
                        + zone.offset().getId() + " read as UTC, so"
                        + " that records are too recent for so much longer. If it is, write in the records query: "
                        + column(withoutZone, zone)
                        + "; where the zone has summer time, its name in place of the interval"
                        + (zone.name() == null ? "" : ", such as '" + zone.name() + "'")
                        + ". Otherwise set the clock that the times are from.")
                .orElse(newest + ", more than any time zone is ahead of UTC: set the clock that the times are from.");
    }

    private static String column(List<String> withoutZone, LikelyZone zone) {
        return withoutZone.isEmpty()
                ? "created_at AT TIME ZONE 'UTC' AT TIME ZONE " + zone.sql() + " AS created_at"
                : String.join(
                        ", ",
                        withoutZone.stream()
                                .map(name -> name + " AT TIME ZONE " + zone.sql() + " AS " + name)
                                .toList());
    }

    private static String spoken(Duration ahead) {
        long minutes = ahead.toMinutes();
        return minutes < 60
                ? minutes + " min"
                : minutes / 60 + " h" + (minutes % 60 == 0 ? "" : " " + minutes % 60 + " min");
    }
}
