package dev.stocktake.near;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FormTest {
    private static final String BUCKET = "assets";

    @Property(tries = 1000)
    void keysThatAgreeByStepsHaveAFormInCommon(@ForAll("keys") String key) {
        for (Spelled plainer : reached(key)) {
            if (plainer.key().isEmpty()) {
                // no object has that key
                continue;
            }
            Form form = Form.of(key, Form.Bucket.of(BUCKET));
            Form other = Form.of(plainer.key(), Form.Bucket.of(BUCKET));
            if (plainer.isPath()) {
                assertThat(form.paths())
                        .as("%s -> %s", key, plainer)
                        .contains(other.wholes().get(0));
            } else {
                assertThat(form.wholes())
                        .as("%s -> %s", key, plainer)
                        .contains(other.wholes().get(0));
            }
        }
    }

    record Spelled(String key, boolean isPath) {}

    /** All that up to three steps make of a key, its query taken off once at the most. */
    private static Set<Spelled> reached(String key) {
        Set<Spelled> reached = new LinkedHashSet<>(List.of(new Spelled(key, false)));
        Set<Spelled> newest = reached;
        for (int i = 0; i < Step.LONGEST_CHAIN; i++) {
            newest = newest.stream()
                    .flatMap(FormTest::plainer)
                    .filter(each -> !reached.contains(each))
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            reached.addAll(newest);
        }
        return reached;
    }

    private static Stream<Spelled> plainer(Spelled spelled) {
        return Arrays.stream(Step.values())
                .filter(step -> step != Step.QUERY_AND_FRAGMENT || !spelled.isPath())
                .flatMap(step -> step.plainer(spelled.key(), BUCKET).stream()
                        .map(key -> new Spelled(key, spelled.isPath() || step == Step.QUERY_AND_FRAGMENT)));
    }

    @Provide
    static Arbitrary<String> keys() {
        return Arbitraries.of(
                        "a",
                        "A",
                        "b",
                        "/",
                        "//",
                        "%",
                        "%2",
                        "%2F",
                        "%25",
                        "%20",
                        "%3f",
                        "%23",
                        "%41",
                        "%C3%89",
                        "%c3",
                        "%A9",
                        "%FF",
                        "%00",
                        "+",
                        " ",
                        "é",
                        "É",
                        "e\u0301",
                        "\u0301",
                        "\u0307",
                        "\u0345",
                        "ς",
                        "Σ",
                        "İ",
                        "ı",
                        "\u212A",
                        "\uD83E\uDD81",
                        "?",
                        "#",
                        "v=1",
                        "assets/",
                        "Assets/",
                        "https://",
                        "//cdn.",
                        "/assets/",
                        ":1",
                        "\n",
                        "\u3000",
                        "http:",
                        "HTTPS://cdn/",
                        "svn+ssh://",
                        "cdn",
                        ".",
                        "4",
                        "F")
                .list()
                .ofMinSize(1)
                .ofMaxSize(8)
                .map(pieces -> String.join("", pieces));
    }

    @Test
    void everyLetterHasTheFormOfItsOtherCaseAndOfItsParts() {
        IntStream.rangeClosed(1, Character.MAX_CODE_POINT)
                .filter(character -> !(character >= 0xD800 && character < 0xE000))
                .mapToObj(Character::toString)
                .filter(letter -> !letter.equals(letter.toLowerCase(Locale.ROOT))
                        || !letter.equals(letter.toUpperCase(Locale.ROOT))
                        || !Normalizer.isNormalized(letter, Normalizer.Form.NFD))
                .flatMap(letter -> Stream.of(letter, letter + "\u0301", letter + "\u0307", "a" + letter))
                .forEach(key -> {
                    for (Step step : List.of(Step.CASE, Step.UNICODE_NORMALIZATION)) {
                        for (String plainer : step.plainer(key, BUCKET)) {
                            if (!whole(plainer).equals(whole(key))) {
                                assertThat(plainer).as(step.label()).isEqualTo(key);
                            }
                        }
                    }
                });
    }

    private static String whole(String key) {
        return Form.of(key, Form.Bucket.of(BUCKET)).wholes().get(0);
    }
}
