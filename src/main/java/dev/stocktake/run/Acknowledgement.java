package dev.stocktake.run;

import dev.stocktake.text.Visible;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Somebody's word that a suspicious verdict is right. Given once, it is never changed.
 *
 * @param at in UTC
 * @param by who, and from where
 * @param reason in their words
 */
public record Acknowledgement(OffsetDateTime at, String by, String reason) {
    /** In characters. */
    private static final int LONGEST_REASON = 1000;

    /** What is wrong with a reason, to be read behind its name; empty for one that can be stored and read. */
    public static Optional<String> objection(String reason) {
        boolean says = reason.codePoints().anyMatch(Character::isLetterOrDigit);
        boolean isText = reason.codePoints()
                .noneMatch(character -> character == 0 || Character.getType(character) == Character.SURROGATE);
        return says && isText && reason.codePointCount(0, reason.length()) <= LONGEST_REASON
                ? Optional.empty()
                : Optional.of(String.format(
                        "must say why in 1 to %,d characters, without U+0000, was: %s",
                        LONGEST_REASON, says && isText ? "longer" : "\"" + shown(reason) + "\""));
    }

    private static String shown(String reason) {
        return Visible.text(reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…");
    }

    @Override
    public String toString() {
        return "acknowledged by " + Visible.text(by) + " at " + at.toInstant().truncatedTo(ChronoUnit.SECONDS) + ": "
                + Visible.text(reason);
    }
}
