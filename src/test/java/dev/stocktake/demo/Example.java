package dev.stocktake.demo;

import dev.stocktake.embedded.EmbeddedDatabase;
import dev.stocktake.embedded.EmbeddedStore;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The example of the report: 150 records, 153 files, three of them orphaned. */
public final class Example {
    public static final String BUCKET = "assets";

    private static final Instant CREATED = Instant.parse("2024-01-10T12:00:00Z");
    private static final byte[] PICTURE = "not really a picture".getBytes(StandardCharsets.UTF_8);

    /** Keys that tools of this kind are known to stumble over. */
    private static final List<String> AWKWARD_KEYS = List.of(
            "awkward/a b.png",
            "awkward/a+b.png",
            "awkward/a%20b.png",
            "awkward/100%.png",
            "awkward/line\nbreak.png",
            "awkward/tab\there.png",
            "awkward/\"quoted\", and comma.png",
            "awkward/back\\slash.png",
            "awkward/\uD83E\uDD81.png",
            "awkward/\uFFFD.png",
            "awkward/e\u0301.png",
            "awkward/\u00E9.png",
            "awkward/./dots/../here.png",
            "awkward/=1+1.csv");

    private Example() {}

    /** Fills an empty database and a store with the example. */
    public static void fill(EmbeddedDatabase.Database database, EmbeddedStore store, boolean awkwardKeys) {
        store.createBucket(BUCKET);
        database.execute("CREATE TABLE assets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                + " storage_key text NOT NULL, created_at timestamptz NOT NULL)");
        database.execute("CREATE UNIQUE INDEX assets_storage_key ON assets (storage_key COLLATE \"C\")");

        Map<String, Instant> recorded = new LinkedHashMap<>();
        IntStream.rangeClosed(1, 50).forEach(animal -> {
            for (String file : List.of("preview.png", "card.png", "sound.mp3")) {
                recorded.put(String.format("assets/animal-%02d/pl_%s", animal, file), CREATED);
            }
        });
        Map<String, Instant> orphaned = new LinkedHashMap<>();
        orphaned.put("assets/lion/pl_preview.png", Instant.parse("2024-01-14T16:20:00Z"));
        orphaned.put("assets/cat/pl_preview.png", Instant.parse("2024-01-14T09:45:00Z"));
        orphaned.put("assets/dog/pl_preview.png", Instant.parse("2024-01-13T11:05:00Z"));
        if (awkwardKeys) {
            // of each pair of neighbours one has a record, so that any mix-up shows
            for (int i = 0; i < AWKWARD_KEYS.size(); i++) {
                (i % 2 == 0 ? recorded : orphaned).put(AWKWARD_KEYS.get(i), CREATED);
            }
        }
        recorded.forEach((key, time) -> store.put(BUCKET, key, PICTURE, time));
        orphaned.forEach((key, time) -> store.put(BUCKET, key, PICTURE, time));
        insert(database, recorded);
    }

    private static void insert(EmbeddedDatabase.Database database, Map<String, Instant> records) {
        try (Connection connection = database.connect();
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO assets (storage_key, created_at) VALUES (?, ?)")) {
            for (Map.Entry<String, Instant> each : records.entrySet()) {
                insert.setString(1, each.getKey());
                insert.setTimestamp(2, Timestamp.from(each.getValue()));
                insert.addBatch();
            }
            insert.executeBatch();
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
