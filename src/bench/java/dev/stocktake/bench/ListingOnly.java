package dev.stocktake.bench;

import dev.stocktake.settings.Settings;
import dev.stocktake.storage.StoreClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Lists the bucket and does nothing else, with Stocktake's client, as many workers and as many ranges; the ranges hold
 * equally many objects, which is the best that there can be.
 */
final class ListingOnly {
    /** Between two ranges: the last key of the one before. */
    private final List<String> cuts;

    private final Settings settings;

    ListingOnly(Settings settings, List<String> cuts) {
        this.settings = settings;
        this.cuts = List.copyOf(cuts);
    }

    Measured list() throws InterruptedException, ExecutionException {
        ExecutorService workers = Executors.newFixedThreadPool(settings.parallelism());
        try (S3Client client = StoreClient.of(settings, settings.parallelism())) {
            List<Callable<Long>> ranges = new ArrayList<>();
            for (int i = 0; i <= cuts.size(); i++) {
                String after = i == 0 ? "" : cuts.get(i - 1);
                String upTo = i == cuts.size() ? null : cuts.get(i);
                ranges.add(() -> count(client, after, upTo));
            }
            long objects = 0;
            for (Future<Long> range : workers.invokeAll(ranges)) {
                objects += range.get();
            }
            return Worker.found(objects, 0, 0, 0, 0, ranges.size(), null);
        } finally {
            workers.shutdownNow();
        }
    }

    private long count(S3Client client, String after, String upTo) {
        long objects = 0;
        String last = after;
        while (last != null) {
            ListObjectsV2Request.Builder request =
                    ListObjectsV2Request.builder().bucket(settings.bucket());
            ListObjectsV2Response page =
                    client.listObjectsV2((last.isEmpty() ? request : request.startAfter(last)).build());
            last = Boolean.TRUE.equals(page.isTruncated()) ? lastKey(page) : null;
            for (S3Object object : page.contents()) {
                if (upTo != null && object.key().compareTo(upTo) > 0) {
                    last = null;
                    break;
                }
                objects++;
            }
            if (upTo != null && last != null && last.compareTo(upTo) >= 0) {
                last = null;
            }
        }
        return objects;
    }

    private static String lastKey(ListObjectsV2Response page) {
        return page.contents().get(page.contents().size() - 1).key();
    }
}
