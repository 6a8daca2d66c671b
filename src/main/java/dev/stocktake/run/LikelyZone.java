package dev.stocktake.run;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The zone whose local time was probably written where UTC is read.
 *
 * @param offset that it had
 * @param name of a zone with that offset, for an example; null where no well-known one has it
 */
record LikelyZone(ZoneOffset offset, String name) {
    /** Clocks of machines that are kept right differ by less. */
    static final Duration TOLERATED = Duration.ofMinutes(1);

    /** From west to east. */
    private static final List<String> WELL_KNOWN = List.of(
            "Europe/London",
            "Europe/Berlin",
            "Europe/Helsinki",
            "Europe/Moscow",
            "Asia/Tehran",
            "Asia/Dubai",
            "Asia/Kabul",
            "Asia/Karachi",
            "Asia/Kolkata",
            "Asia/Kathmandu",
            "Asia/Dhaka",
            "Asia/Yangon",
            "Asia/Bangkok",
            "Asia/Shanghai",
            "Asia/Tokyo",
            "Australia/Adelaide",
            "Australia/Sydney",
            "Pacific/Auckland");

    /**
     * The nearest offset in use that the newest record is no younger than zero by.
     *
     * @param ahead by how much the newest record is beyond the clock; records grow older until the next one is written, so
     *     that the offset is at least that
     * @param at when it was
     * @return empty where it is more than any zone is ahead of UTC
     */
    static Optional<LikelyZone> of(Duration ahead, Instant at) {
        TreeSet<Integer> inUse = ZoneId.getAvailableZoneIds().stream()
                .map(id -> offset(id, at).getTotalSeconds())
                .collect(Collectors.toCollection(TreeSet::new));
        Integer seconds = inUse.ceiling((int) Math.max(1, ahead.minus(TOLERATED).toSeconds()));
        if (seconds == null) {
            return Optional.empty();
        }
        ZoneOffset offset = ZoneOffset.ofTotalSeconds(seconds);
        return Optional.of(new LikelyZone(
                offset,
                WELL_KNOWN.stream()
                        .filter(name -> offset(name, at).equals(offset))
                        .findFirst()
                        .orElse(null)));
    }

    private static ZoneOffset offset(String zone, Instant at) {
        return ZoneId.of(zone).getRules().getOffset(at);
    }

    /** As PostgreSQL takes it behind {@code AT TIME ZONE}; as a mere text its sign would mean the contrary. */
    String sql() {
        return "INTERVAL '" + offset.getId() + "'";
    }
}
