package dev.stocktake.storage;

import dev.stocktake.compare.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;

/**
 * Takes the objects out of an answer in the plain form before the SDK reads it, for requests that want it so; everything
 * else of the answer goes its usual way.
 */
final class PlainListings implements ExecutionInterceptor {
    private static final ExecutionAttribute<Taken> TAKEN = new ExecutionAttribute<>("StocktakeTakenObjects");

    /** The objects that were taken out of one answer. */
    static final class Taken {
        private PlainListing listing;
        private List<StoredObject> objects;

        /** Makes the request want it so. */
        ListObjectsV2Request.Builder from(ListObjectsV2Request.Builder request) {
            return request.overrideConfiguration(override -> override.putExecutionAttribute(TAKEN, this));
        }

        /** Empty when the answer was not in the plain form, so that the SDK's response has them. */
        Optional<List<StoredObject>> objects() {
            return Optional.ofNullable(objects);
        }
    }

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse answer, ExecutionAttributes attributes) {
        Taken taken = attributes.getAttribute(TAKEN);
        if (taken == null || !answer.httpResponse().isSuccessful()) {
            return answer.responseBody();
        }
        return answer.responseBody().map(body -> without(taken, body));
    }

    private static InputStream without(Taken taken, InputStream answer) {
        byte[] bytes;
        try (answer) {
            bytes = answer.readAllBytes();
        } catch (IOException broken) {
            throw SdkClientException.create("Its answer broke off", broken);
        }
        Optional<PlainListing> listing = PlainListing.of(bytes);
        taken.listing = listing.orElse(null);
        return listing.map(PlainListing::rest).orElseGet(() -> new ByteArrayInputStream(bytes));
    }

    @Override
    public void afterUnmarshalling(Context.AfterUnmarshalling answer, ExecutionAttributes attributes) {
        Taken taken = attributes.getAttribute(TAKEN);
        if (taken != null && taken.listing != null && answer.response() instanceof ListObjectsV2Response response) {
            taken.objects =
                    response.encodingType() == EncodingType.URL ? taken.listing.urlDecoded() : taken.listing.objects();
        }
    }
}
