package dev.stocktake.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class VisibleTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "assets/lion.png",
                "a b+c%20d",
                "\"quoted\", and 'quoted'",
                "back\\slash",
                "caf\u00E9",
                "cafe\u0301",
                "\u30E9\u30A4\u30AA\u30F3",
                "\u0645\u0644\u0641",
                "\uD83E\uDD81\uFFFD"
            })
    void readableTextStaysAsItIs(String text) {
        assertThat(Visible.text(text)).isEqualTo(text);
    }

    static Stream<Arguments> escapes() {
        return Stream.of(
                arguments("a\nb", "a\\nb"),
                arguments("a\tb", "a\\tb"),
                arguments("a\rb", "a\\rb"),
                arguments("\r\n", "\\r\\n"),
                arguments("\u0000", "\\u0000"),
                arguments("\u0007", "\\u0007"),
                arguments("\u001B[31m", "\\u001B[31m"),
                arguments("\u007F", "\\u007F"),
                arguments("\u0085", "\\u0085"),
                arguments("\u009B31m", "\\u009B31m"),
                arguments("\u00AD", "\\u00AD"),
                arguments("\u061C", "\\u061C"),
                arguments("\u200B\u200E\u200F", "\\u200B\\u200E\\u200F"),
                arguments("\u2028\u2029", "\\u2028\\u2029"),
                arguments("exe.\u202Egnp", "exe.\\u202Egnp"),
                arguments("\u2066\u2069", "\\u2066\\u2069"),
                arguments("\uFEFF", "\\uFEFF"),
                arguments("\uD800", "\\uD800"),
                arguments("\uDC00a", "\\uDC00a"),
                arguments("\uDB40\uDC41", "\\u{E0041}"),
                arguments("caf\u00E9\n\uD83E\uDD81", "caf\u00E9\\n\uD83E\uDD81"));
    }

    @ParameterizedTest
    @MethodSource("escapes")
    void whatBreaksALineOrMovesTheCursorOrTurnsTheTextIsEscaped(String text, String shown) {
        assertThat(Visible.text(text)).isEqualTo(shown);
    }

    @Property(tries = 3000)
    void nothingThatIsShownIsInvisible(@ForAll("texts") String text) {
        assertThat(Visible.text(text)).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
    }

    @Property(tries = 1000)
    void theRestOfTheTextIsKept(@ForAll("texts") String before, @ForAll("texts") String after) {
        assertThat(Visible.text(before + "\u001B/" + after))
                .isEqualTo(Visible.text(before) + "\\u001B/" + Visible.text(after));
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> anyCharacter =
                Arbitraries.integers().between(0, 0x10_FFFF).map(Character::toString);
        Arbitrary<String> oftenAwkward = Arbitraries.of(
                "\n",
                "\t",
                "\r",
                "\u001B",
                "\u007F",
                "\u009B",
                "\u00AD",
                "\u2028",
                "\u202E",
                "\uFEFF",
                "a",
                "\u00E9",
                "\uD83E\uDD81");
        return Arbitraries.oneOf(anyCharacter, oftenAwkward).list().ofMaxSize(8).map(parts -> String.join("", parts));
    }
}
