package dev.stocktake.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.Checkpoint;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.StorageMarker;
import dev.stocktake.compare.StoragePage;
import dev.stocktake.compare.StoredObject;
import dev.stocktake.compare.Tally;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import software.amazon.awssdk.services.s3.S3Client;

/** A lister on a Camel context of its own, with the client that the application gives to the routes. */
public final class StartedLister implements AutoCloseable {
    private static final int MOST_PAGES = 1000;

    private final CamelContext camel = new DefaultCamelContext();
    private final StorageLister lister = new StorageLister();
    private final S3Client client;

    public StartedLister(URI store, String bucket, String accessKey, String secretKey) {
        client = StoreClient.of(
                Settings.from(
                        Map.of(
                                "DATABASE_URL", "postgres://127.0.0.1/unused",
                                "S3_BUCKET", bucket,
                                "S3_ENDPOINT", store.toString(),
                                "S3_ACCESS_KEY_ID", accessKey,
                                "S3_SECRET_ACCESS_KEY", secretKey),
                        Purpose.CLEANUP_ASSETS),
                2);
        camel.getRegistry().bind("storeClient", S3Client.class, client);
        camel.start();
        lister.setCamelContext(camel);
        lister.setEndpoint("aws2-s3://" + bucket);
    }

    public StorageLister lister() {
        return lister;
    }

    StoragePage page(String prefix, StorageMarker from) {
        return page(prefix, from, null);
    }

    StoragePage page(String prefix, StorageMarker from, StoreTraits store) {
        KeySpace space = new KeySpace(prefix);
        return lister.page(
                Cursor.at(
                        new Checkpoint(new Range(0, "", space.end()), prefix, from, null, null, Tally.ZERO),
                        null,
                        Duration.ZERO,
                        0),
                store);
    }

    /** Page by page until one says that it is the last. */
    List<StoragePage> pages(String prefix, int pageSize) {
        return pages(prefix, pageSize, null);
    }

    List<StoragePage> pages(String prefix, int pageSize, StoreTraits store) {
        lister.setPageSize(pageSize);
        List<StoragePage> pages = new ArrayList<>();
        StorageMarker from = StorageMarker.after("");
        while (from != null) {
            assertThat(pages).as("pages of a listing that does not end").hasSizeLessThan(MOST_PAGES);
            pages.add(page(prefix, from, store));
            from = pages.get(pages.size() - 1).next();
        }
        return pages;
    }

    static List<String> keys(List<StoragePage> pages) {
        return pages.stream()
                .flatMap(page -> page.objects().stream())
                .map(StoredObject::key)
                .toList();
    }

    @Override
    public void close() {
        camel.stop();
        client.close();
    }
}
