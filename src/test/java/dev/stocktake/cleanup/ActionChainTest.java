package dev.stocktake.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.TestServers;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The text that is hashed, compared with what PostgreSQL makes of the same row. {@code -Dchain.seed=N} for the same rows. */
class ActionChainTest {
    private static final long SEED = Long.getLong("chain.seed", System.nanoTime());
    private static final int BATCHES = 40;
    private static final int BATCH = 250;
    private static final UUID PLAN = UUID.fromString("00000000-0000-4000-8000-00000000000A");

    /** Of what strings are made, beside any characters at all. */
    private static final List<String> PIECES = List.of(
            "\"",
            "\\",
            "\\u0041",
            "/",
            "\b",
            "\f",
            "\n",
            "\r",
            "\t",
            "\u0001",
            "\u000B",
            "\u001F",
            "\u007F",
            "\u0080",
            "\u2028",
            "\u2029",
            "\uFEFF",
            "\uFFFD",
            "\uFFFF",
            "\uD83E\uDD81",
            "e\u0301",
            "<",
            ">",
            "&",
            "'",
            "%41",
            " ",
            "a",
            "ß");

    private final Database database = TestServers.databases().create();

    @Test
    void isTheTextThatPostgresqlMakesOfTheRow() {
        Random random = new Random(SEED);
        for (int i = 0; i < BATCHES; i++) {
            for (Compared row : compare(random)) {
                assertThat(ActionChain.text(row.previousHash, row.row))
                        .as("seed %d", SEED)
                        .isEqualTo(row.text);
                assertThat(ActionChain.hash(row.previousHash, row.row)).isEqualTo(row.hash);
                assertThat(ActionChain.isHash(row.hash, row.previousHash, row.row))
                        .isTrue();
            }
        }
        System.out.printf(
                "Action chain (seed %d): %,d random rows have the text and the hash that PostgreSQL makes of them%n",
                SEED, BATCHES * BATCH);
    }

    private record Compared(String previousHash, ActionRow row, String text, String hash) {}

    private List<Compared> compare(Random random) {
        List<Object[]> columns = new ArrayList<>();
        columns.add(texts(random, false));
        columns.add(numbers(random, false));
        columns.add(IntStream.range(0, BATCH).mapToObj(i -> seconds(random)).toArray(Double[]::new));
        columns.add(texts(random, true));
        columns.add(IntStream.range(0, BATCH)
                .mapToObj(i -> new UUID(random.nextLong(), random.nextLong()).toString())
                .toArray(String[]::new));
        columns.add(texts(random, true));
        columns.add(texts(random, true));
        columns.add(numbers(random, true));
        columns.add(texts(random, true));
        columns.add(IntStream.range(0, BATCH).mapToObj(i -> json(random)).toArray(String[]::new));
        columns.add(texts(random, true));
        columns.add(texts(random, true));
        columns.add(numbers(random, true));
        return database.sql()
                .sql("""
                        SELECT line.*, encode(sha256(convert_to(line.text, 'UTF8')), 'hex') AS hash FROM (
                          SELECT row.*, json_build_array(previous_hash, number, extract(epoch FROM at)::text, made_by, plan_id,
                            plan_hash, what, item, storage_key, seen::text, outcome, reason, millis)::text AS text
                          FROM (SELECT previous_hash, number, to_timestamp(seconds) AS at, made_by, plan_id::uuid, plan_hash,
                              what, item, storage_key, seen::json, outcome, reason, millis
                            FROM unnest(?::text[], ?::bigint[], ?::float8[], ?::text[], ?::text[], ?::text[], ?::text[],
                              ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
                              AS given (previous_hash, number, seconds, made_by, plan_id, plan_hash, what, item, storage_key,
                                seen, outcome, reason, millis)) AS row) AS line""")
                .params(columns)
                .query((row, number) -> new Compared(
                        row.getString("previous_hash"),
                        ChainCheck.actionRow(row),
                        row.getString("text"),
                        row.getString("hash")))
                .list();
    }

    private static String[] texts(Random random, boolean withNulls) {
        return IntStream.range(0, BATCH)
                .mapToObj(i -> withNulls && random.nextInt(6) == 0 ? null : text(random))
                .toArray(String[]::new);
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(30); i > 0; i--) {
            if (random.nextInt(3) > 0) {
                text.append(PIECES.get(random.nextInt(PIECES.size())));
            } else {
                int any = 1 + random.nextInt(Character.MAX_CODE_POINT);
                text.appendCodePoint(Character.getType(any) == Character.SURROGATE ? '?' : any);
            }
        }
        return text.toString();
    }

    /** With white space and numbers as no program would write them. */
    private static String json(Random random) {
        String key = text(random).replaceAll("[\"\\\\\\x00-\\x1F]", "");
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> "{}";
            case 2 -> " {\t\"" + key + "\" :\r\n[1 , 2.50e+1,-0 ,null ] }\n";
            default -> "{\"" + key + "\":\"\\u00e9\\n\\/\",\"" + key + "\":true}";
        };
    }

    private static Long[] numbers(Random random, boolean withNulls) {
        return IntStream.range(0, BATCH)
                .mapToObj(i -> withNulls && random.nextInt(6) == 0 ? null : number(random))
                .toArray(Long[]::new);
    }

    private static Long number(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE;
            default -> (long) random.nextInt(100_000);
        };
    }

    /** From the year 5, as the driver mistakes leap days before Christ, to 294246, most of them in living memory. */
    private static Double seconds(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> -62_000_000_000.0 + random.nextDouble() * 9_200_000_000_000.0;
            case 1 -> (double) random.nextInt();
            case 2 -> (random.nextInt(2_000_001) - 1_000_000) / 1e6;
            default -> random.nextInt() + random.nextInt(1_000_000) / 1e6;
        };
    }

    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00Z,           0.000000",
        "1969-12-31T23:59:59.999999Z,    -0.000001",
        "1969-12-31T23:59:58.5Z,         -1.500000",
        "2024-01-15T04:00:00.120+01:00,  1705287600.120000",
        "-0043-03-15T12:00:00Z,          -63517780800.000000",
        "294276-12-31T23:59:59.999999Z,  9224318015999.999999",
    })
    void timesAreSecondsWithSixDecimals(String at, String seconds) {
        assertThat(ActionChain.text("", row(OffsetDateTime.parse(at.replaceFirst("^294276", "+294276")))))
                .startsWith("[\"\", 1, \"" + seconds + "\", \"somebody\", \"00000000-0000-4000-8000-00000000000a\", ");
    }

    @Test
    void aTimeThatIsInfiniteIsRefused() {
        for (OffsetDateTime at : List.of(OffsetDateTime.MAX, OffsetDateTime.MIN)) {
            assertThatThrownBy(() -> ActionChain.hash("", row(at)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be finite");
            assertThat(ActionChain.isHash("", "", row(at))).isFalse();
        }
    }

    @Test
    void isHashedAsUtf8() {
        assertThat(ActionChain.text("ab", row(OffsetDateTime.parse("2024-01-15T03:00:00Z"))))
                .isEqualTo("[\"ab\", 1, \"1705287600.000000\", \"somebody\", \"00000000-0000-4000-8000-00000000000a\","
                        + " \"hash\", \"quarantine\", 7, \"\u00FC\\\"\u2028\\u0001\", \"{ }\", \"done\", null, 12]");
        assertThat(ActionChain.hash("ab", row(OffsetDateTime.parse("2024-01-15T03:00:00Z"))))
                .isEqualTo(database.sql()
                        .sql("SELECT encode(sha256(convert_to(?, 'UTF8')), 'hex')")
                        .param(ActionChain.text("ab", row(OffsetDateTime.parse("2024-01-15T03:00:00Z"))))
                        .query(String.class)
                        .single());
    }

    private static ActionRow row(OffsetDateTime at) {
        return new ActionRow(
                1L, at, "somebody", PLAN, "hash", "quarantine", 7L, "\u00FC\"\u2028\u0001", "{ }", "done", null, 12L);
    }
}
