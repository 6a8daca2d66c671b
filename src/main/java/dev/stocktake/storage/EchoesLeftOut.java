package dev.stocktake.storage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;

/**
 * Takes out of a listing what the store repeats of the request: nobody needs it, and some stores write it as it came, although
 * encoding was asked for, so that a percent sign cannot be decoded and a control character is no XML. A token that holds one
 * cannot be read either, and is replaced by {@link NextToken#UNREADABLE}.
 */
final class EchoesLeftOut implements ExecutionInterceptor {
    private static final String FIRST_OBJECT = "<Contents>";
    private static final String END_OF_OBJECT = "</Contents>";

    private static final Pattern ECHO = Pattern.compile(
            "<(StartAfter|ContinuationToken)>[^<]*</\\1>" + "|(?<!<CommonPrefixes>\\s{0,40})<Prefix>[^<]*</Prefix>");

    private static final Pattern UNREADABLE_TOKEN = Pattern.compile(
            "(?<=<NextContinuationToken>)[^<]*[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F][^<]*(?=</NextContinuationToken>)");

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse answer, ExecutionAttributes attributes) {
        return answer.request() instanceof ListObjectsV2Request
                        && answer.httpResponse().isSuccessful()
                ? answer.responseBody().map(EchoesLeftOut::without)
                : answer.responseBody();
    }

    private static InputStream without(InputStream answer) {
        try (answer) {
            return new ByteArrayInputStream(
                    without(new String(answer.readAllBytes(), ISO_8859_1)).getBytes(ISO_8859_1));
        } catch (IOException broken) {
            throw SdkClientException.create("Its answer broke off", broken);
        }
    }

    /** Only before the first object and behind the last, which is little. */
    static String without(String listing) {
        int first = listing.indexOf(FIRST_OBJECT);
        if (first < 0) {
            return withoutEchoes(listing);
        }
        int end = Math.max(first, listing.lastIndexOf(END_OF_OBJECT));
        return withoutEchoes(listing.substring(0, first))
                + listing.substring(first, end)
                + withoutEchoes(listing.substring(end));
    }

    private static String withoutEchoes(String part) {
        return UNREADABLE_TOKEN.matcher(ECHO.matcher(part).replaceAll("")).replaceAll(NextToken.UNREADABLE);
    }
}
