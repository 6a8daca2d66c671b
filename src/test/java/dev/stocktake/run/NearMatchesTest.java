package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.Finding;
import dev.stocktake.fixture.RouteAlone;
import dev.stocktake.report.StoredRun;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The route find-near-matches on findings in a real database; the bucket of all runs is called assets. */
class NearMatchesTest {
    private static RouteAlone routes;

    private final StoredRun stored = StoredRun.empty();

    @BeforeAll
    static void start() {
        routes = RouteAlone.of("near-matches.camel.yaml", StoredRun.empty().database(), Map.of());
    }

    @AfterAll
    static void stop() {
        routes.close();
    }

    /** The step, and two keys that agree after it. */
    static Stream<List<String>> pairs() {
        return Stream.of(
                List.of("percent_decoding", "a%20b", "a b"),
                List.of("percent_decoding", "caf%C3%A9.png", "caf\u00E9.png"),
                List.of("percent_decoding", "caf%c3%a9.png", "caf\u00E9.png"),
                List.of("percent_decoding", "%F0%9F%A6%81", "\uD83E\uDD81"),
                List.of("percent_decoding", "100%25", "100%"),
                // of what is decoded wholly, half or not at all
                List.of("percent_decoding", "%41b", "A%62"),
                List.of("percent_decoding", "a%2Fb", "a%2fb"),
                List.of("percent_decoding", "a%2520b", "a%20b"),
                // a percent sign that escapes nothing stays
                List.of("percent_decoding", "50%%20off", "50% off"),
                List.of("percent_decoding", "%zz%20", "%zz "),
                List.of("percent_decoding", "%%%25", "%%%"),
                List.of("percent_decoding", "a%0Ab", "a\nb"),
                List.of("percent_decoding", "%EF%BF%BF", "\uFFFF"),
                List.of("percent_decoding", "back\\slash%20", "back\\slash "),
                List.of("percent_decoding", "%5Cx41", "\\x41"),
                List.of("plus_as_space", "a+b", "a b"),
                List.of("plus_as_space", "a+b+c", "a b c"),
                List.of("plus_as_space", "a+b c", "a b+c"),
                List.of("plus_as_space", "+", " "),
                List.of("unicode_normalization", "caf\u00E9", "cafe\u0301"),
                List.of("unicode_normalization", "caf\u00E9/cafe\u0301", "cafe\u0301/caf\u00E9"),
                List.of("unicode_normalization", "\uD83E\uDD81\u00E9", "\uD83E\uDD81e\u0301"),
                List.of("unicode_normalization", "\uAC00", "\u1100\u1161"),
                List.of("unicode_normalization", "\u00E9\uFFFF", "e\u0301\uFFFF"),
                List.of("unicode_normalization", "q\u0307\u0323", "q\u0323\u0307"),
                List.of("case", "Lion.PNG", "lion.png"),
                List.of("case", "LION.png", "lion.PNG"),
                List.of("case", "\u00C4/\u0416/\u03A9", "\u00E4/\u0436/\u03C9"),
                List.of("case", "a%2Fb%zz", "A%2fb%zz".replace("2f", "2F")),
                List.of("leading_slash", "/a", "a"),
                List.of("leading_slash", "//a", "/a"),
                List.of("leading_slash", "/", "//"),
                List.of("bucket_or_host_prefix", "assets/a/b.png", "a/b.png"),
                List.of("bucket_or_host_prefix", "assets/assets/a", "assets/a"),
                List.of("bucket_or_host_prefix", "https://cdn.example.org/a/b.png", "a/b.png"),
                List.of("bucket_or_host_prefix", "http://localhost:9000/assets/a.png", "a.png"),
                List.of("bucket_or_host_prefix", "https://s3.example.org/assets/a.png", "assets/a.png"),
                List.of("bucket_or_host_prefix", "s3://assets/a.png", "a.png"),
                List.of("bucket_or_host_prefix", "svn+ssh://files.example.org/a.png", "a.png"),
                List.of("bucket_or_host_prefix", "https://old.example.org/a", "https://new.example.org/a"),
                List.of("bucket_or_host_prefix", "https://cdn.example.org/new\nline", "new\nline"),
                List.of("bucket_or_host_prefix", "https://cdn.example.org//a", "/a"),
                List.of("doubled_slash", "a//b", "a/b"),
                List.of("doubled_slash", "a///b//c", "a/b/c"),
                List.of("doubled_slash", "a//b/c", "a/b//c"),
                List.of("doubled_slash", "a//", "a/"));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void keysThatAgreeAfterOneStepPointAtEachOtherWhicheverSideHasWhich(List<String> pair) {
        String by = pair.get(0);
        for (List<String> keys : List.of(pair.subList(1, 3), List.of(pair.get(2), pair.get(1)))) {
            StoredRun each = StoredRun.empty().with(file(keys.get(0)), record(keys.get(1), "1"));

            Run run = find(each);

            assertThat(all(each))
                    .as("%s", keys)
                    .containsExactlyInAnyOrder(
                            "file " + keys.get(0) + " -> " + keys.get(1) + " by " + by,
                            "record " + keys.get(1) + " -> " + keys.get(0) + " by " + by);
            assertThat(run.counts().nearMatches()).isEqualTo(1);
            assertThat(each.findings().nearMatches(each.id(), 10))
                    .containsExactly(new NearMatch(keys.get(0), keys.get(1), "1", by));
        }
    }

    /** Keys that look alike, and yet take two steps or more. */
    static Stream<List<String>> falseFriends() {
        return Stream.of(
                List.of("a%2520b", "a b"),
                List.of("A%20b", "a b"),
                List.of("a+b%2Fc", "a b/c"),
                List.of("/A", "a"),
                List.of("//a", "a"),
                List.of("/a//b", "a/b"),
                List.of("/assets/a", "a"),
                List.of("assets/A", "a"),
                List.of("assets//a", "a"),
                List.of("Caf\u00E9", "cafe\u0301"),
                List.of("https://cdn.example.org/a%20b", "a b"),
                List.of("https://cdn.example.org/a//b", "a/b"),
                // not what the steps undo
                List.of("%00", "\u0001"),
                List.of("a%00b", "ab"),
                List.of("a%C3b", "a\u00C3b"),
                List.of("a%FFb", "a\uFFFDb"),
                List.of("a%ED%A0%80b", "a\uFFFDb"),
                List.of("%", "%25%25"),
                List.of("%zz", "zz"),
                List.of("%4", "4"),
                List.of("%u0041", "A"),
                List.of("\uFB01", "fi"),
                List.of("\u212B", "A"),
                List.of("a ", "a"),
                List.of("a_b", "a b"),
                List.of("a/b", "b"),
                List.of("a/", "a"),
                List.of("asset/a", "a"),
                List.of("assetsa", "a"),
                List.of("assets", "assets/"),
                List.of("other/a", "a"),
                List.of("https:/cdn.example.org/a", "a"),
                List.of("cdn.example.org/a", "a"),
                List.of("https:///a", "a"),
                List.of("1://a/b", "b"),
                List.of("https://a", "a"),
                List.of("https://cdn.example.org/a", "other/a"),
                List.of("a\\b", "a/b"),
                List.of("lion.png", "lion.jpg"),
                List.of("lion1.png", "lion.png"),
                List.of("\uFFFF", "\uFFFE"),
                List.of("\uD83E\uDD81", "\uD83E\uDD82"));
    }

    @ParameterizedTest
    @MethodSource("falseFriends")
    void falseFriendsStayApartWhicheverSideHasWhich(List<String> keys) {
        stored.with(file(keys.get(0)), record(keys.get(1), "1"));
        StoredRun mirrored = StoredRun.empty().with(file(keys.get(1)), record(keys.get(0), "1"));

        assertThat(find(stored).counts().nearMatches()).isZero();
        assertThat(find(mirrored).counts().nearMatches()).isZero();
        assertThat(explained(stored)).isEmpty();
        assertThat(explained(mirrored)).isEmpty();
    }

    @Test
    void twoFilesOrTwoRecordsAreNoPair() {
        stored.with(file("a b"), file("a+b"), file("A b"), record("/c", "1"), record("c", "2"), record("c", "3"));

        assertThat(find(stored).counts().nearMatches()).isZero();
        assertThat(explained(stored)).isEmpty();
    }

    @Test
    void aRunWithoutFindingsHasNoPair() {
        assertThat(find(stored).counts().nearMatches()).isZero();
        assertThat(stored.findings().nearMatches(stored.id(), 10)).isEmpty();
    }

    @Test
    void severalRecordsOfOneKeyAllPointAtTheFile() {
        stored.with(file("Lion.png"), record("lion.png", "2"), record("lion.png", "1"), record("lion.png", "1"));

        assertThat(find(stored).counts().nearMatches()).isEqualTo(3);
        assertThat(all(stored))
                .containsExactlyInAnyOrder(
                        "file Lion.png -> lion.png by case",
                        "record lion.png -> Lion.png by case",
                        "record lion.png -> Lion.png by case",
                        "record lion.png -> Lion.png by case");
        assertThat(stored.findings().nearMatches(stored.id(), 2))
                .containsExactly(
                        new NearMatch("Lion.png", "lion.png", "1", "case"),
                        new NearMatch("Lion.png", "lion.png", "1", "case"));
    }

    @Test
    void ofSeveralCandidatesTheLikeliestStepThenTheFirstKeyIsTaken() {
        stored.with(file("A b"), file("a%20b"), file("a+b"), record("a b", "1"));

        find(stored);

        assertThat(all(stored))
                .contains("record a b -> a%20b by percent_decoding", "file a%20b -> a b by percent_decoding");
    }

    @Test
    void aCandidateThatWasNotTakenIsStillNoOrphanToCleanUp() {
        stored.with(file("A"), file("/a"), record("a", "1"), record("a", "2"));

        // two records, and the file that neither points at
        assertThat(find(stored).counts().nearMatches()).isEqualTo(3);
        assertThat(all(stored))
                .containsExactlyInAnyOrder(
                        "file A -> a by case",
                        "file /a -> a by leading_slash",
                        "record a -> A by case",
                        "record a -> A by case");
        assertThat(stored.findings().nearMatches(stored.id(), 10))
                .containsExactly(
                        new NearMatch("/a", "a", "1", "leading_slash"),
                        new NearMatch("A", "a", "1", "case"),
                        new NearMatch("A", "a", "2", "case"));
    }

    @Test
    void asManyFilesAsRecordsOfOneFormPairOffOneToOne() {
        stored.with(file("AB"), file("ab"), record("Ab", "1"), record("aB", "2"));

        assertThat(find(stored).counts().nearMatches()).isEqualTo(2);
        assertThat(all(stored))
                .containsExactlyInAnyOrder(
                        "file AB -> Ab by case",
                        "record Ab -> AB by case",
                        "file ab -> aB by case",
                        "record aB -> ab by case");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theOrderInWhichFindingsWereStoredMakesNoDifference(long seed) {
        List<Finding> findings = new ArrayList<>();
        for (String key : List.of("A b", "a%20b", "a+b", "/a b", "A%20B", "AB", "ab", "caf\u00E9")) {
            findings.add(file(key));
        }
        for (String key : List.of("a b", "A B", "a B", "Ab", "aB", "cafe\u0301", "//a b")) {
            findings.add(record(key, key));
        }
        StoredRun inOrder = StoredRun.empty().with(findings);
        Collections.shuffle(findings, new Random(seed));
        stored.with(findings);

        assertThat(find(stored).counts()).isEqualTo(find(inOrder).counts());
        assertThat(all(stored))
                .containsExactlyInAnyOrderElementsOf(all(inOrder))
                .hasSize(15);
    }

    @Test
    void lookingAgainChangesNothing() {
        stored.with(file("A"), file("/a"), record("a", "1"), file("alone"));
        Run first = find(stored);
        List<String> once = all(stored);

        assertThat(find(stored).counts()).isEqualTo(first.counts());
        assertThat(all(stored)).isEqualTo(once);
    }

    @Test
    void anotherRunsFindingsAreNoCandidates() {
        StoredRun other = StoredRun.empty().with(record("lion.png", "1"));
        stored.with(file("Lion.png"));

        assertThat(find(stored).counts().nearMatches()).isZero();
        find(other);

        assertThat(explained(stored)).isEmpty();
        assertThat(explained(other)).isEmpty();
    }

    @Test
    void theLongestKeysPairLikeAnyOther() {
        String key = IntStream.range(0, 341).mapToObj(n -> "%4" + n % 8).reduce("", String::concat);
        String decoded = IntStream.range(0, 341)
                .mapToObj(n -> String.valueOf((char) (0x40 + n % 8)))
                .reduce("", String::concat);
        stored.with(file(key), record(decoded, "1"));

        assertThat(find(stored).counts().nearMatches()).isEqualTo(1);
    }

    private static Run find(StoredRun stored) {
        Run run = stored.complete(0, 0);
        return routes.send("direct:find-near-matches", Map.of("run", run)).getVariable("run", Run.class);
    }

    private static List<String> explained(StoredRun stored) {
        return all(stored).stream().filter(line -> !line.endsWith(" by null")).toList();
    }

    private static List<String> all(StoredRun stored) {
        return stored.findings().page(stored.id(), null, null, null, 1000).stream()
                .map(finding -> finding.kind().replace("orphaned_", "") + " " + finding.storageKey() + " -> "
                        + finding.nearMatch() + " by " + finding.nearMatchBy())
                .toList();
    }

    private static Finding file(String key) {
        return StoredRun.file(key, "2024-01-14T00:00:00Z");
    }

    private static Finding record(String key, String id) {
        return StoredRun.record(key, id, null);
    }
}
