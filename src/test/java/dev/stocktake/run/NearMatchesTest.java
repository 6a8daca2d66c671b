package dev.stocktake.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.Finding;
import dev.stocktake.fixture.RouteAlone;
import dev.stocktake.near.NearMatches;
import dev.stocktake.report.StoredRun;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The route find-near-matches on findings in a real database; the bucket of all runs is called assets. */
class NearMatchesTest {
    private static RouteAlone routes;

    private final StoredRun stored = StoredRun.empty();

    @BeforeAll
    static void start() {
        DataSource results = StoredRun.empty().database();
        routes = RouteAlone.of(
                "near-matches.camel.yaml", results, Map.of("nearMatches", new NearMatches(results, null)));
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
                List.of("bucket_or_host_prefix", "https://assets.s3.example.org/a.png", "a.png"),
                List.of(
                        "bucket_or_host_prefix",
                        "https://x.example.org/storage/v1/object/public/assets/a.png",
                        "a.png"),
                List.of("bucket_or_host_prefix", "https://x.example.org/public/assets/assets/a.png", "assets/a.png"),
                List.of("bucket_or_host_prefix", "https://x.example.org/assets/public/assets/a.png", "a.png"),
                List.of("bucket_or_host_prefix", "//cdn.example.org/a/b.png", "a/b.png"),
                List.of("bucket_or_host_prefix", "//localhost:9000/assets/a.png", "a.png"),
                List.of("bucket_or_host_prefix", "s3://assets/a.png", "a.png"),
                List.of("bucket_or_host_prefix", "svn+ssh://files.example.org/a.png", "a.png"),
                List.of("bucket_or_host_prefix", "https://old.example.org/a", "https://new.example.org/a"),
                List.of("bucket_or_host_prefix", "https://cdn.example.org/new\nline", "new\nline"),
                List.of("bucket_or_host_prefix", "https://cdn.example.org//a", "/a"),
                List.of("surrounding_space", "a.png ", "a.png"),
                List.of("surrounding_space", " a.png\n", "a.png"),
                List.of("surrounding_space", "\ta.png", "a.png\r\n"),
                List.of("doubled_slash", "a//b", "a/b"),
                List.of("doubled_slash", "a///b//c", "a/b/c"),
                List.of("doubled_slash", "a//b/c", "a/b//c"),
                List.of("doubled_slash", "a//", "a/"),
                List.of("query_and_fragment", "c.png?v=3", "c.png"),
                List.of("query_and_fragment", "c.png#top", "c.png"),
                List.of("query_and_fragment", "c.png#a?b#c", "c.png"),
                List.of("query_and_fragment", "c.png?", "c.png"),
                List.of("case", "\u039F\u03A3", "\u03BF\u03C2"),
                List.of("case", "\u0130.png", "i\u0307.png"));
    }

    /** The steps, and two keys that agree after them but not after fewer. */
    static Stream<List<String>> chains() {
        return Stream.of(
                List.of("percent_decoding,percent_decoding", "a%2520b", "a b"),
                List.of("percent_decoding,case", "A%20b", "a b"),
                List.of("percent_decoding,plus_as_space", "a+b%2Fc", "a b/c"),
                List.of("case,leading_slash", "/A", "a"),
                List.of("leading_slash,leading_slash", "//a", "a"),
                List.of("leading_slash,doubled_slash", "/a//b", "a/b"),
                List.of("leading_slash,bucket_or_host_prefix", "/assets/a", "a"),
                List.of("bucket_or_host_prefix,case", "assets/A", "a"),
                List.of("bucket_or_host_prefix,leading_slash", "assets//a", "a"),
                List.of("unicode_normalization,case", "Caf\u00E9", "cafe\u0301"),
                List.of("bucket_or_host_prefix,percent_decoding", "https://cdn.example.org/a%20b", "a b"),
                List.of("bucket_or_host_prefix,doubled_slash", "https://cdn.example.org/a//b", "a/b"),
                List.of(
                        "bucket_or_host_prefix,query_and_fragment",
                        "https://cdn.example.com/assets/c.png?v=3",
                        "assets/c.png"),
                List.of("bucket_or_host_prefix,query_and_fragment", "s3://assets/c.png#top", "c.png"),
                List.of(
                        "bucket_or_host_prefix,query_and_fragment",
                        "https://a.example.org/c?1",
                        "https://b.example.org/c"),
                List.of(
                        "bucket_or_host_prefix,query_and_fragment,percent_decoding",
                        "https://cdn.example.com/a%20b.png?v=3",
                        "a b.png"),
                // what is taken off is not what was escaped
                List.of(
                        "bucket_or_host_prefix,query_and_fragment,percent_decoding",
                        "https://cdn.example.com/a%23b%3F.png?v=3#top",
                        "a#b?.png"),
                List.of("percent_decoding,query_and_fragment", "c.png%3Fv=3", "c.png"),
                List.of(
                        "bucket_or_host_prefix,query_and_fragment,percent_decoding",
                        "https://x.example.org/storage/v1/object/sign/assets/a%20b.png?token=abc",
                        "a b.png"),
                List.of("bucket_or_host_prefix,query_and_fragment", "//cdn.example.com/c.png?v=3", "c.png"),
                List.of(
                        "bucket_or_host_prefix,query_and_fragment,plus_as_space",
                        "https://cdn.example.com/a+b.png?v=3",
                        "a b.png"),
                List.of("bucket_or_host_prefix,query_and_fragment,case", "https://cdn.example.com/A.PNG?v=3", "a.png"),
                List.of(
                        "bucket_or_host_prefix,query_and_fragment,unicode_normalization",
                        "https://cdn.example.com/cafe\u0301?v=3",
                        "caf\u00e9"),
                List.of(
                        "bucket_or_host_prefix,query_and_fragment,leading_slash",
                        "https://cdn.example.com//a.png?v=3",
                        "a.png"),
                List.of(
                        "bucket_or_host_prefix,query_and_fragment,doubled_slash",
                        "https://cdn.example.com/a//b.png?v=3",
                        "a/b.png"),
                List.of(
                        "bucket_or_host_prefix,query_and_fragment,surrounding_space",
                        "https://cdn.example.com/a.png ?v=3",
                        "a.png"),
                List.of(
                        "bucket_or_host_prefix,percent_decoding,percent_decoding",
                        "https://cdn.example.com/a%2520b.png",
                        "a b.png"),
                // keys that hold what a URL would have escaped
                List.of("bucket_or_host_prefix,percent_decoding", "https://cdn.example.com/a%2520b", "a%20b"),
                List.of("bucket_or_host_prefix,percent_decoding", "https://cdn.example.com/a%3Fb", "a?b"),
                List.of("bucket_or_host_prefix,surrounding_space", "https://cdn.example.com/a?b ", "a?b"),
                List.of("bucket_or_host_prefix,percent_decoding", "https://cdn.example.com/c.png%3Fv=3", "c.png?v=3"),
                List.of(
                        "bucket_or_host_prefix,unicode_normalization,case",
                        "https://cdn.example.com/CAFE\u0301",
                        "caf\u00E9"),
                List.of("percent_decoding,percent_decoding,percent_decoding", "a%252520b", "a b"));
    }

    @ParameterizedTest
    @MethodSource("chains")
    void keysThatAgreeAfterUpToThreeStepsPointAtEachOtherToo(List<String> pair) {
        keysThatAgreeAfterOneStepPointAtEachOtherWhicheverSideHasWhich(pair);
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

    /** Keys that look alike, and yet take more steps or others. */
    static Stream<List<String>> falseFriends() {
        return Stream.of(
                // four steps
                List.of("a%25252520b", "a b"),
                List.of("https://cdn.example.org/A%20b?v=3", "a b"),
                List.of("https://cdn.example.org//a%20b?v=3", "a b"),
                // each with a query of its own
                List.of("c.png?v=3", "c.png?v=2"),
                List.of("https://cdn.example.org/c.png?v=3", "c.png?v=2"),
                List.of("c.png?v=3", "c.png#v"),
                List.of("?v=3", "v=3"),
                List.of("https://cdn.example.org?a/b", "b"),
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
                List.of("a\u00A0", "a"),
                List.of("a b", "ab"),
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
                List.of("//cdn/a", "a"),
                List.of("//cdn.example.org", "cdn.example.org/"),
                List.of("storage/public/assets/a", "a"),
                List.of("https://cdn.example.org/myassets/a", "a"),
                List.of("https://cdn.example.org/public/a", "a"),
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
    void namesThatDifferByTheirQueryAloneArePairedWithTheirOwn() {
        stored.with(file("image.php?id=1"), file("image.php?id=2"), file("image.php?id=3"), file("image.php"))
                .with(record("https://a.example.org/image.php?id=2", "2"))
                .with(record("https://a.example.org/image.php?id=3", "3"));

        find(stored);

        assertThat(explained(stored))
                .containsExactlyInAnyOrder(
                        "file image.php -> https://a.example.org/image.php?id=2 by bucket_or_host_prefix,query_and_fragment",
                        "file image.php?id=2 -> https://a.example.org/image.php?id=2 by bucket_or_host_prefix",
                        "file image.php?id=3 -> https://a.example.org/image.php?id=3 by bucket_or_host_prefix",
                        "record https://a.example.org/image.php?id=2 -> image.php?id=2 by bucket_or_host_prefix",
                        "record https://a.example.org/image.php?id=3 -> image.php?id=3 by bucket_or_host_prefix");
    }

    @Test
    void oneFileIsThePartnerOfThousandsOfRecords() {
        stored.with(file("logo.png"), file("Logo.png"))
                .with(IntStream.range(0, 5000)
                        .mapToObj(n -> record("https://tenant-" + n + ".example.org/logo.png", "" + n))
                        .toList());

        assertThat(find(stored).counts().nearMatches()).isEqualTo(5001);
        assertThat(explained(stored))
                .contains("file logo.png -> https://tenant-0.example.org/logo.png by bucket_or_host_prefix")
                .contains("file Logo.png -> https://tenant-0.example.org/logo.png by bucket_or_host_prefix,case");
    }

    @Test
    void nothingIsLeftBehind() {
        stored.with(file("A"), record("a", "1"));

        find(stored);

        JdbcClient database = JdbcClient.create(stored.database());
        for (String table : List.of("near_form", "near_pair")) {
            assertThat(database.sql("SELECT count(*) FROM stocktake." + table)
                            .query(Long.class)
                            .single())
                    .isZero();
        }
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
        return stored.findings().page(stored.id(), null, null, null, 10_000).stream()
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
