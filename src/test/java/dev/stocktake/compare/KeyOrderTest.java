package dev.stocktake.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyOrderTest {
    @Property(tries = 5000)
    void isTheOrderOfTheUnsignedUtf8Bytes(@ForAll("texts") String left, @ForAll("texts") String right) {
        assertThat(order(left, right)).isEqualTo(Keys.sign(Keys.BY_UTF_8_BYTES.compare(left, right)));
    }

    @Property(tries = 3000)
    void isTheOrderOfTheBytesAlsoBehindACommonBeginning(
            @ForAll("texts") String beginning, @ForAll("characters") String one, @ForAll("characters") String other) {
        String left = beginning + one;
        String right = beginning + other;

        assertThat(order(left, right)).isEqualTo(Keys.sign(Keys.BY_UTF_8_BYTES.compare(left, right)));
    }

    @Test
    void putsAnEmojiBehindTheReplacementCharacterWhereJavaPutsItBefore() {
        String emoji = "\uD83D\uDE00";
        String replacement = "\uFFFD";

        assertThat(order(emoji, replacement)).isEqualTo(1);
        assertThat(emoji.compareTo(replacement)).isNegative();
    }

    @ParameterizedTest
    @CsvSource({
        "'',           a",
        "a,            aa",
        "A,            a",
        "a,            b",
        "a%20b,        a/b",
        "a b,          a%20b",
        "a+b,          a/b",
        "~,            \u00E9",
        "e\u0301,      \u00E9",
        "\uD7FF,       \uE000",
        "\uE000,       \uD83D\uDE00",
        "\uFFFF,       \uD800\uDC00",
        "\uD83D\uDE00, \uD83E\uDD81",
        "\uD83D\uDE00, \uD83D\uDE01",
        "a\uD83D\uDE00, a\uDBFF\uDFFF",
    })
    void putsOneBeforeTheOther(String first, String second) {
        assertThat(order(first, second)).isEqualTo(-1);
        assertThat(order(second, first)).isEqualTo(1);
    }

    @Test
    void tellsTheTwoNormalisationFormsOfOneNameApart() {
        assertThat(order("caf\u00E9", "cafe\u0301")).isNotZero();
    }

    @Test
    void sortsAListAsTheStoreListsIt() {
        List<String> keys = new ArrayList<>(
                List.of("\uD83D\uDE00", "\uFFFF", "\uE000", "\u00E9", "a/b", "a", "%", "\uD7FF", "e\u0301"));

        keys.sort(KeyOrder.UTF_8);

        assertThat(keys)
                .containsExactly("%", "a", "a/b", "e\u0301", "\u00E9", "\uD7FF", "\uE000", "\uFFFF", "\uD83D\uDE00");
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(Keys.piece(), characters()).list().ofMaxSize(6).map(parts -> String.join("", parts));
    }

    /** Every kind of well-formed character, the ends of each kind most of all. */
    @Provide
    Arbitrary<String> characters() {
        return Arbitraries.oneOf(
                        Arbitraries.integers().between(1, 0x7F),
                        Arbitraries.integers().between(0x80, 0x7FF),
                        Arbitraries.integers().between(0x800, 0xD7FF),
                        Arbitraries.integers().between(0xE000, 0xFFFF),
                        Arbitraries.integers().between(0x1_0000, 0x10_FFFF))
                .map(Character::toString);
    }

    private static int order(String left, String right) {
        return Keys.sign(KeyOrder.UTF_8.compare(left, right));
    }
}
