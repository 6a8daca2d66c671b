package dev.stocktake.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A bucket read to the end through the SDK, page after page. */
record Listed(List<ListObjectsV2Response> pages) {
    private static final int MAX_PAGES = 1000;

    static Listed all(S3Client client, String bucket) {
        return all(client, bucket, request -> {});
    }

    static Listed all(S3Client client, String bucket, Consumer<ListObjectsV2Request.Builder> how) {
        // the SDK decodes what is encoded, but does not ask for it
        ListObjectsV2Request.Builder request =
                ListObjectsV2Request.builder().bucket(bucket).encodingType(EncodingType.URL);
        how.accept(request);
        List<ListObjectsV2Response> pages = new ArrayList<>();
        for (ListObjectsV2Response page : client.listObjectsV2Paginator(request.build())) {
            pages.add(page);
            assertThat(pages).as("a listing that does not end").hasSizeLessThan(MAX_PAGES);
        }
        return new Listed(pages);
    }

    List<String> keys() {
        return objects().stream().map(S3Object::key).toList();
    }

    List<S3Object> objects() {
        return pages.stream().flatMap(page -> page.contents().stream()).toList();
    }

    List<String> commonPrefixes() {
        return pages.stream()
                .flatMap(page -> page.commonPrefixes().stream())
                .map(CommonPrefix::prefix)
                .toList();
    }

    List<Integer> pageSizes() {
        return pages.stream().map(ListObjectsV2Response::keyCount).toList();
    }
}
