package dev.stocktake.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Comparator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Storage keys for properties, and their order by its definition rather than by {@link KeyOrder}. */
final class Keys {
    static final Comparator<String> BY_UTF_8_BYTES =
            (left, right) -> sign(Arrays.compareUnsigned(bytes(left), bytes(right)));

    private Keys() {}

    /** Few and short pieces, so that two keys of one draw are often equal, or one begins with the other. */
    static Arbitrary<String> piece() {
        return Arbitraries.of(
                "a",
                "b",
                "/",
                "%",
                "%2F",
                "a%20b",
                "a b",
                "+",
                ".",
                "\n",
                "\u0001",
                "~",
                "é",
                "e\u0301",
                "\uD7FF",
                "\uE000",
                "\uFFFD",
                "\uFFFF",
                "\uD83D\uDE00",
                "\uD83E\uDD81",
                "\uDBFF\uDFFF");
    }

    /** Keys that can name an object. */
    static Arbitrary<String> possible() {
        return joined(1);
    }

    /** Prefixes of such keys, empty ones too. */
    static Arbitrary<String> prefix() {
        return Arbitraries.oneOf(Arbitraries.just(""), piece(), joined(0));
    }

    private static Arbitrary<String> joined(int least) {
        return piece().list().ofMinSize(least).ofMaxSize(3).map(pieces -> String.join("", pieces));
    }

    static byte[] bytes(String key) {
        return key.getBytes(UTF_8);
    }

    static int sign(int order) {
        return Integer.signum(order);
    }
}
