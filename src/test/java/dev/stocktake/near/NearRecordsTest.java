package dev.stocktake.near;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.compare.Finding;
import dev.stocktake.database.Databases;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.records.RecordKeys;
import dev.stocktake.report.StoredRun;
import dev.stocktake.run.StoredFinding;
import dev.stocktake.settings.DatabaseUrl;
import java.net.URLEncoder;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a cleanup asks all records, beside what a run finds; the bucket is called assets. */
class NearRecordsTest {
    private static final String BUCKET = "assets";
    private static final List<Step> STEPS = List.of(Step.values());
    private static final String ALL = "COPY (SELECT storage_key FROM record) TO STDOUT";

    private final Database database = TestServers.databases().create();
    private final HikariDataSource records = Databases.records(DatabaseUrl.parse(database.url()), 1);
    private final NearRecords nearRecords = new NearRecords(new RecordKeys(records));

    @BeforeEach
    void table() {
        database.execute("CREATE TABLE record (storage_key text)");
    }

    @AfterEach
    void close() {
        records.close();
    }

    /**
     * A file and a record.
     *
     * @param by the steps that lead from the odder key to the other one
     * @param leadsBack whether they do, so that the two must be found
     */
    private record Couple(String file, String record, List<Step> by, boolean leadsBack) {}

    @Test
    void aCleanupSeesWhatARunPairsWhicheverSideIsTheOddOne() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Couple> couples = new ArrayList<>();
        while (couples.size() < 3000) {
            Couple couple = couple(random, couples.size());
            if (!couple.file().equals(couple.record())) {
                couples.add(couple);
            }
        }

        Map<String, String> ofRun = ofRun(couples);
        insert(couples.stream().map(Couple::record).toList());
        Map<String, String> ofCleanup = named(couples.stream().map(Couple::file).toList());

        System.out.printf("Near keys: seed %d, %d of %d couples are near%n", seed, ofRun.size(), couples.size());
        assertThat(ofCleanup).as("seed %d", seed).isEqualTo(ofRun);
        Set<Step> alone = EnumSet.noneOf(Step.class);
        for (Couple couple : couples) {
            if (couple.leadsBack()) {
                assertThat(ofRun).as("seed %d: %s", seed, couple).containsKey(couple.file());
            }
            if (couple.leadsBack() && couple.by().size() == 1) {
                alone.addAll(couple.by());
            }
        }
        assertThat(alone).containsExactlyInAnyOrderElementsOf(STEPS);
    }

    @Test
    void whatAFilesKeyLeadsToIsAskedForByKeyToo() {
        Random random = new Random(1);
        for (int number = 0; number < 1000; number++) {
            Couple couple = couple(random, number);
            // the file is the odd one
            if (couple.leadsBack() && couple.file().length() > couple.record().length()) {
                assertThat(NearKeys.of(couple.file(), BUCKET)).as("%s", couple).contains(couple.record());
            }
        }
    }

    private static Couple couple(Random random, int number) {
        String plain = "k" + number + "-" + pieces(random);
        List<Step> steps = new ArrayList<>();
        String odd = plain;
        boolean leadsBack = true;
        for (int i = 1 + random.nextInt(Step.LONGEST_CHAIN); i > 0; i--) {
            Step step = STEPS.get(random.nextInt(STEPS.size()));
            String odder = undone(step, odd, random);
            leadsBack &= step.plainer(odder, BUCKET).contains(odd);
            steps.add(0, step);
            odd = odder;
        }
        leadsBack &= steps.stream().filter(Step.QUERY_AND_FRAGMENT::equals).count() <= 1;
        return random.nextBoolean()
                ? new Couple(odd, plain, steps, leadsBack)
                : new Couple(plain, odd, steps, leadsBack);
    }

    private static String pieces(Random random) {
        List<String> pieces =
                List.of("a", "b/", "é", " ", ".png", "%41", "A", "Z/", "+", "ж", "?", "\uD83E\uDD81", "ü");
        return random.ints(1 + random.nextInt(5), 0, pieces.size())
                .mapToObj(pieces::get)
                .collect(Collectors.joining());
    }

    /** A key that the step makes this one of, unless there is none. */
    private static String undone(Step step, String key, Random random) {
        return switch (step) {
            case BUCKET_OR_HOST_PREFIX ->
                List.of(
                                        "assets/",
                                        "https://cdn.example.org/",
                                        "s3://assets/",
                                        "//cdn.example.org/",
                                        "https://api.example.org/storage/v1/object/public/assets/")
                                .get(random.nextInt(5))
                        + key;
            case QUERY_AND_FRAGMENT ->
                key + List.of("?v=3", "#top", "?a=%20b#c").get(random.nextInt(3));
            case PERCENT_DECODING -> URLEncoder.encode(key, UTF_8).replace("+", "%20");
            case PLUS_AS_SPACE -> key.replace(' ', '+');
            case UNICODE_NORMALIZATION -> Normalizer.normalize(key, Normalizer.Form.NFD);
            case CASE -> key.toUpperCase(Locale.ROOT);
            case LEADING_SLASH -> "/" + key;
            case DOUBLED_SLASH -> key.replaceFirst("/", "//");
            case SURROUNDING_SPACE -> List.of(key + " ", " " + key, key + "\n").get(random.nextInt(3));
        };
    }

    private Map<String, String> ofRun(List<Couple> couples) {
        StoredRun stored = StoredRun.empty();
        List<Finding> findings = new ArrayList<>();
        couples.forEach(couple -> {
            findings.add(StoredRun.file(couple.file(), "2024-01-14T00:00:00Z"));
            findings.add(StoredRun.record(couple.record(), "1", null));
        });
        stored.with(findings);
        new NearMatches(stored.database(), new RecordKeys(records))
                .find(stored.complete(couples.size(), couples.size()));
        List<StoredFinding> found =
                stored.findings().page(stored.id(), Finding.Kind.ORPHANED_FILE, null, null, 2 * couples.size());
        return found.stream()
                .filter(finding -> finding.nearMatch() != null)
                .collect(Collectors.toMap(
                        StoredFinding::storageKey,
                        finding -> finding.nearMatch() + " by " + finding.nearMatchBy(),
                        (one, other) -> one,
                        TreeMap::new));
    }

    private void insert(List<String> keys) {
        database.sql()
                .sql("INSERT INTO record SELECT unnest(?::text[])")
                .param(keys.toArray(String[]::new))
                .update();
    }

    private Map<String, String> named(List<String> files) {
        return nearRecords.among(new FileKeys(files, BUCKET, () -> false), ALL).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        near -> near.getValue().partner() + " by "
                                + Step.labels(near.getValue().by()),
                        (one, other) -> one,
                        TreeMap::new));
    }

    @Test
    void theLikeliestRecordIsToldOfThoseThatAreNear() {
        insert(List.of("https://cdn.example.org/PHOTO.png?v=3", "/photo.png", "PHOTO.png", "another.png"));

        Map<String, Near> named =
                nearRecords.among(new FileKeys(List.of("photo.png", "alone.png"), BUCKET, () -> false), ALL);

        assertThat(named).containsOnlyKeys("photo.png");
        assertThat(named.get("photo.png").reason()).isEqualTo("the record \"PHOTO.png\" probably names it (case)");
    }

    @Test
    void aRecordOfTheSameKeyComesFirst() {
        insert(List.of("PHOTO.png", "photo\n.png", "photo.png", "Photo\n.png"));

        Map<String, Near> named =
                nearRecords.among(new FileKeys(List.of("photo.png", "photo\n.png"), BUCKET, () -> false), ALL);

        assertThat(named.values())
                .extracting(Near::reason)
                .containsExactlyInAnyOrder("the record \"photo.png\" names it", "the record \"photo\\n.png\" names it");
    }

    @Test
    void manyMoreRecordsThanAreHeldAtOnceHideNoFile() {
        database.execute("INSERT INTO record SELECT 'https://tenant-' || i || '.example.org/%253flogo%2520.png?' || i"
                + " FROM generate_series(1, 25000) AS i");
        insert(List.of("Other.png"));
        List<String> files = List.of("other.png", "%3flogo%20.png");

        assertThat(named(files))
                .containsOnlyKeys("other.png", "%3flogo%20.png")
                .containsEntry("other.png", "Other.png by case");
    }
}
