package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Keys that stores and clients get wrong. */
public final class AwkwardKeys {
    /** All of these can be named in an address. */
    public static final List<String> ADDRESSABLE = List.of(
            "a",
            "a/b",
            "a/",
            "a/b/../c",
            "./x",
            "x/./y",
            "x/../y",
            "..",
            ".",
            "a b",
            "a%20b",
            "a+b",
            "%",
            "100%",
            "%2F",
            "%zz",
            " leading and trailing ",
            "\"double\" and 'single'",
            "back\\slash",
            "<tag> & ;=?#~*",
            "new\nline",
            "carriage\rreturn",
            "tab\there",
            "\u0001",
            "\u007f\u0085\u2028",
            "caf\u00e9",
            "cafe\u0301",
            "\ud7ff",
            "\ue000",
            "\ufffd",
            "\uffff",
            "\ud83d\ude00",
            "k".repeat(1024),
            "\u00e9".repeat(512));

    /**
     * The SDK signs these with {@code //} and sends them with {@code /%2F}, which S3 takes for the same and S3Proxy for
     * a wrong signature.
     */
    public static final List<String> WITH_EMPTY_SEGMENTS = List.of("/leading", "//", "a//b");

    private AwkwardKeys() {}

    public static List<String> sorted(Collection<String> keys) {
        return keys.stream()
                .sorted(Comparator.comparing(key -> key.getBytes(UTF_8), Arrays::compareUnsigned))
                .toList();
    }
}
