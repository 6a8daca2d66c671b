package dev.stocktake.bench;

import dev.stocktake.compare.AssetRecord;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.GracePeriod;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Merge;
import dev.stocktake.compare.RecordsPage;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.compare.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A turn of the merge by itself: a full page of either side. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class MergeBenchmark {
    private static final Instant NOW = Instant.parse("2024-01-15T03:00:00Z");
    private static final int PAGE = 1000;

    private final Layout layout = Layout.spread(1_000_000);
    private final Merge merge = new Merge(new GracePeriod(Duration.ofHours(1)));
    private final Cursor start =
            Cursor.atStartOf(new KeySpace("").cutAt(List.of()).get(0), "", NOW, Duration.ZERO);
    private final StoragePage objects = objects();
    private final RecordsPage records = records(1);
    private final RecordsPage everyOtherRecord = records(2);

    /** Every object has its record. */
    @Benchmark
    public Cursor matched() {
        return merge.turn(start, objects, records);
    }

    /** Every other object is a suspect. */
    @Benchmark
    public Cursor halfOrphaned() {
        return merge.turn(start, objects, everyOtherRecord);
    }

    private StoragePage objects() {
        List<StoredObject> page = LongStream.range(0, PAGE)
                .mapToObj(number -> new StoredObject(
                        layout.key(number), PageXml.SIZE, "9b2cf535f27731c974343d", layout.lastModified()))
                .toList();
        return new StoragePage(
                start.storageFrom(),
                page,
                StorageMarker.after(page.get(PAGE - 1).key()),
                NOW);
    }

    private RecordsPage records(int step) {
        List<AssetRecord> page = LongStream.range(0, PAGE)
                .mapToObj(number ->
                        new AssetRecord(layout.key(number * step), "" + number, layout.lastModified(), null, null))
                .toList();
        return new RecordsPage(start.recordsFrom(), page);
    }
}
