package dev.stocktake.suspicion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseIdentityTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "7001, 1, 7001, 1, -",
                "7001, 1, 7002, 1, its system identifier was 7001 and is 7002",
                "7001, 1, 7002, 2, its system identifier was 7001 and is 7002",
                "7001, 1, 7001, 2, its timeline was 1 and is 2",
                "7001, 2, 7001, 1, its timeline was 2 and is 1",
                "-,    1, 7001, 1, -",
                "7001, 1, -,    1, -",
                "-,    1, 7001, 2, its timeline was 1 and is 2",
                "7001, -, 7001, 2, -",
                "7001, 1, 7001, -, -",
                "7001, -, 7002, -, its system identifier was 7001 and is 7002",
                "-,    -, 7001, 1, -",
                "7001, 1, -,    -, -",
                "-,    -, -,    -, -",
            })
    void onlyWhatIsKnownOfBothTellsThemApart(
            String earlierIdentifier, Integer earlierTimeline, String identifier, Integer timeline, String change) {
        DatabaseIdentity earlier = new DatabaseIdentity(earlierIdentifier, earlierTimeline);

        assertThat(new DatabaseIdentity(identifier, timeline)
                        .changeSince(earlier)
                        .orElse(null))
                .isEqualTo(change);
    }
}
