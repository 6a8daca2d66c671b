package dev.stocktake.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EchoesLeftOutTest {
    private static final String OBJECT = "<Contents><Key>a</Key></Contents>";

    private static String without(String listing) {
        try {
            return new String(EchoesLeftOut.without(listing.getBytes(UTF_8)).readAllBytes(), UTF_8);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "<Prefix>100%</Prefix>",
                "<Prefix></Prefix>",
                "<StartAfter>100%\u0007</StartAfter>",
                "<ContinuationToken>t\u0007</ContinuationToken>",
            })
    void whatTheStoreRepeatsIsTakenOutWhereverItStands(String echo) {
        assertThat(without("<L>" + echo + OBJECT + OBJECT + "</L>")).isEqualTo("<L>" + OBJECT + OBJECT + "</L>");
        assertThat(without("<L>" + OBJECT + echo + "</L>")).isEqualTo("<L>" + OBJECT + "</L>");
        assertThat(without("<L>" + echo + "</L>")).isEqualTo("<L></L>");
    }

    @Test
    void foldersAndTokensStay() {
        String listing = "<L><NextContinuationToken>t</NextContinuationToken>" + OBJECT
                + "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes><CommonPrefixes>\n  <Prefix>b/</Prefix></CommonPrefixes></L>";

        assertThat(without(listing)).isEqualTo(listing);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bell\u0007", "bell&#x07;", "bell&#7;", "\u0001", "a&#31;b", "a&#X1F;b", "&#x0;"})
    void aTokenThatIsNoXmlIsReplacedByOneThatIsNeverSent(String token) {
        assertThat(without("<L>" + OBJECT + "<NextContinuationToken>" + token + "</NextContinuationToken></L>"))
                .isEqualTo("<L>" + OBJECT + "<NextContinuationToken>" + NextToken.UNREADABLE
                        + "</NextContinuationToken></L>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tab\t", "tab&#9;", "&#x0A;", "&#13;", "&#32;", "&#38;#7;", "&#70;"})
    void aTokenThatIsXmlStays(String token) {
        String listing = "<L>" + OBJECT + "<NextContinuationToken>" + token + "</NextContinuationToken></L>";

        assertThat(without(listing)).isEqualTo(listing);
    }

    @Test
    void whatIsNoListingStaysAsItIs() {
        assertThat(without("")).isEmpty();
        assertThat(without("</Contents><Contents>")).isEqualTo("</Contents><Contents>");
    }
}
