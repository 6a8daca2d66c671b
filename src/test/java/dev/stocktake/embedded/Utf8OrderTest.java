package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Utf8OrderTest {
    @Test
    void comparesAnyTwoKeysAsTheirBytesCompare() {
        for (String left : AwkwardKeys.ADDRESSABLE) {
            for (String right : AwkwardKeys.ADDRESSABLE) {
                assertThat(Integer.signum(Utf8Order.INSTANCE.compare(left, right)))
                        .as("%s with %s", left, right)
                        .isEqualTo(Integer.signum(Arrays.compareUnsigned(left.getBytes(UTF_8), right.getBytes(UTF_8))));
            }
        }
    }

    @Test
    void knowsTheStringThatFollowsAllWithAPrefix() {
        assertThat(Utf8Order.afterAllWith("a/")).contains("a0");
        assertThat(Utf8Order.afterAllWith("\ud7ff")).contains("\ue000");
        assertThat(Utf8Order.afterAllWith("\uffff")).contains("\ud800\udc00");
        assertThat(Utf8Order.afterAllWith("a\udbff\udfff\udbff\udfff")).contains("b");
        assertThat(Utf8Order.afterAllWith("\udbff\udfff")).isEmpty();
        assertThat(Utf8Order.afterAllWith("")).isEmpty();
    }
}
