package dev.stocktake.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SecretTest {
    private final Secret secret = Secret.of("correct horse ß");

    @Test
    void printsAsThreeStars() {
        assertThat(secret).hasToString("***");
        assertThat("secret: " + secret).doesNotContain("horse");
    }

    @Test
    void isRevealedOnlyOnRequest() {
        assertThat(secret.reveal()).isEqualTo("correct horse ß");
    }

    @Test
    void matchesItselfAndNothingElse() {
        assertThat(secret.matches("correct horse ß")).isTrue();
        assertThat(secret.matches("correct horse ß".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(secret.matches("correct horse ß".getBytes(StandardCharsets.ISO_8859_1)))
                .isFalse();
        assertThat(secret.matches("correct horse")).isFalse();
        assertThat(secret.matches("correct horse ß ")).isFalse();
        assertThat(secret.matches("")).isFalse();
        assertThat(secret.matches("***")).isFalse();
    }

    @Test
    void equalsByValue() {
        assertThat(secret).isEqualTo(Secret.of("correct horse ß")).hasSameHashCodeAs(Secret.of("correct horse ß"));
        assertThat(secret).isNotEqualTo(Secret.of("wrong horse"));
    }

    @Test
    void isNeverEmpty() {
        assertThatThrownBy(() -> Secret.of("")).isInstanceOf(IllegalArgumentException.class);
    }
}
