package dev.stocktake.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.run.Acknowledgement;
import dev.stocktake.run.Run;
import dev.stocktake.run.Trigger;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What nobody confirms. */
class AutomaticTest {
    private static final OffsetDateTime STARTED = OffsetDateTime.parse("2024-01-15T03:00:00Z");

    /** Whatever it planned or purged would need what is not there. */
    private final Automatic automatic = new Automatic(true, Duration.ofDays(30), null, null);

    private static Run scheduled(Acknowledgement acknowledgement) {
        return new Run(
                UUID.randomUUID(),
                Trigger.SCHEDULE,
                Run.Status.COMPLETE,
                STARTED,
                STARTED.plusSeconds(4),
                "assets",
                "",
                new Run.Counts(1000, 960, 960, 960, 40, 0, 0, 0, 0, 0, 0, 800),
                null,
                "Nothing in the folder \"users/\" matches",
                null,
                null,
                null,
                acknowledgement,
                List.of(),
                null);
    }

    @Test
    void followsNoSuspiciousRunAlsoWhereSomebodyAcknowledgesItMeanwhile() {
        Acknowledgement acknowledgement = new Acknowledgement(STARTED.plusSeconds(5), "somebody", "looked at it");
        assertThat(scheduled(acknowledgement).isTrusted()).isTrue();

        for (Run run : List.of(scheduled(null), scheduled(acknowledgement))) {
            assertThat(automatic.mayFollow(run)).isFalse();
            assertThatThrownBy(() -> automatic.order(run, null)).isInstanceOf(RefusedException.class);
            assertThat(automatic.due(run, null).files()).isEmpty();
        }
    }
}
