package dev.stocktake.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTimeTest {
    /** The year 1 to the year 9999, but for a day at either end, which an offset may pass. */
    private static final long FIRST_SECOND = -62_135_510_400L;

    private static final long LAST_SECOND = 253_402_214_399L;

    @ParameterizedTest
    @CsvSource({
        "2024-01-14 09:20:30,                 2024-01-14T09:20:30Z",
        "2024-01-14 09:20:30Z,                2024-01-14T09:20:30Z",
        "2024-01-14 10:20:30+01,              2024-01-14T09:20:30Z",
        "2024-01-14 10:20:30.123456+01,       2024-01-14T09:20:30.123456Z",
        "2024-01-14 10:20:30.1+05:30,         2024-01-14T04:50:30.1Z",
        "2024-01-13 20:50:30-03:30,           2024-01-14T00:20:30Z",
        "2024-02-29 23:59:59.999999999,       2024-02-29T23:59:59.999999999Z",
    })
    void readsWhatPostgresWrites(String text, Instant time) {
        assertThat(PlainTime.of(text, ' ')).isEqualTo(time);
    }

    @Property
    void readsWhatS3Writes(@ForAll @LongRange(min = FIRST_SECOND, max = LAST_SECOND) long second, @ForAll int nanos) {
        Instant time = Instant.ofEpochSecond(second, Math.floorMod(nanos, 1_000_000_000));

        assertThat(PlainTime.of(time.toString(), 'T')).isEqualTo(time);
    }

    @Property
    void readsEveryOffset(
            @ForAll @LongRange(min = FIRST_SECOND, max = LAST_SECOND) long second,
            @ForAll @IntRange(min = -15 * 60, max = 15 * 60) int offsetMinutes) {
        OffsetDateTime time = Instant.ofEpochSecond(second).atOffset(ZoneOffset.ofTotalSeconds(offsetMinutes * 60));

        assertThat(PlainTime.of(
                        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxxx").format(time), 'T'))
                .isEqualTo(time.toInstant());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "infinity",
                "-infinity",
                "2024-01-14",
                "2024-01-14T09:20:30",
                "2024-01-14 09:20",
                "2024-01-14 09:20:30.",
                "2024-01-14 09:20:30.+01",
                "2024-01-14 09:20:30.1234567890",
                "2024-01-14 09:20:30 ",
                "2024-01-14 09:20:30 BC",
                "2024-01-14 09:20:30+1",
                "2024-01-14 09:20:30+01:0",
                "2024-01-14 09:20:30+01:60",
                "2024-01-14 09:20:30+16",
                "2024-01-14 09:20:30+01:30:15",
                "2024-01-14 09:20:60",
                "2024-01-14 24:00:00",
                "2024-02-30 09:20:30",
                "2024-00-14 09:20:30",
                "2024-1-14 09:20:30.00",
                "12024-01-14 09:20:30",
                "-024-01-14 09:20:30",
                "2024-01-14 09:20:3x",
                "\u0662024-01-14 09:20:30",
            })
    void leavesAnythingElseAlone(String text) {
        assertThat(PlainTime.of(text, ' ')).isNull();
    }
}
