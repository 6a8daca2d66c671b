package dev.stocktake.bench;

import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.Settings;
import dev.stocktake.storage.StorageLister;
import dev.stocktake.storage.StoreClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.camel.impl.DefaultCamelContext;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A page of a thousand objects, asked for and parsed by the lister, and the same bytes only read: the difference is what
 * the SDK and the lister take. The store is in this JVM, on another thread.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class ListerBenchmark {
    private final StorageLister lister = new StorageLister();
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final Cursor start =
            Cursor.atStartOf(new KeySpace("").cutAt(List.of()).get(0), "", Instant.EPOCH, Duration.ZERO);
    private final byte[] buffer = new byte[1 << 16];
    private ListingStore store;
    private S3Client client;
    private URL page;

    @Setup
    public void start() throws IOException {
        store = ListingStore.start();
        store.hold(Layout.spread(1_000_000));
        client = StoreClient.of(
                Settings.from(
                        Map.of(
                                "DATABASE_URL", "postgres://127.0.0.1/unused",
                                "S3_BUCKET", ListingStore.BUCKET,
                                "S3_ENDPOINT", store.endpoint().toString(),
                                "S3_ACCESS_KEY_ID", "any-access-key",
                                "S3_SECRET_ACCESS_KEY", "any-secret-key"),
                        Purpose.CLEANUP_ASSETS),
                1);
        camel.getRegistry().bind("storeClient", S3Client.class, client);
        camel.start();
        lister.setCamelContext(camel);
        lister.setEndpoint("aws2-s3://" + ListingStore.BUCKET);
        page = URI.create(store.endpoint() + "/" + ListingStore.BUCKET + "?list-type=2&encoding-type=url")
                .toURL();
    }

    @TearDown
    public void stop() {
        camel.stop();
        client.close();
        store.close();
    }

    @Benchmark
    public StoragePage listed() {
        return lister.page(start, null);
    }

    /** Gives how many there were. */
    @Benchmark
    public int bytesOnly() throws IOException {
        int length = 0;
        try (InputStream in = page.openStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                length += read;
            }
        }
        return length;
    }
}
