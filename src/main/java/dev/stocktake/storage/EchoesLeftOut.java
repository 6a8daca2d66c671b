package dev.stocktake.storage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
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
    private static final byte[] FIRST_OBJECT = "<Contents>".getBytes(ISO_8859_1);
    private static final byte[] END_OF_OBJECT = "</Contents>".getBytes(ISO_8859_1);

    private static final Pattern ECHO = Pattern.compile(
            "<(StartAfter|ContinuationToken)>[^<]*</\\1>" + "|(?<!<CommonPrefixes>\\s{0,40})<Prefix>[^<]*</Prefix>");

    /** As it is, or by its number: neither is XML. */
    private static final String CONTROL_CHARACTER = "(?:[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]"
            + "|&#0*(?:[0-8]|1[124-9]|2[0-9]|3[01]);|&#[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]);)";

    private static final Pattern UNREADABLE_TOKEN = Pattern.compile(
            "(?<=<NextContinuationToken>)[^<]*" + CONTROL_CHARACTER + "[^<]*(?=</NextContinuationToken>)");

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
            return without(answer.readAllBytes());
        } catch (IOException broken) {
            throw SdkClientException.create("Its answer broke off", broken);
        }
    }

    /** Looks before the first object and behind the last, which is little, and leaves what is between where it is. */
    static InputStream without(byte[] listing) {
        int first = indexOf(FIRST_OBJECT, listing, 0, 1);
        if (first < 0) {
            return withoutEchoes(listing, 0, listing.length);
        }
        int last = Math.max(first, indexOf(END_OF_OBJECT, listing, listing.length - END_OF_OBJECT.length, -1));
        return new SequenceInputStream(
                withoutEchoes(listing, 0, first),
                new SequenceInputStream(
                        new ByteArrayInputStream(listing, first, last - first),
                        withoutEchoes(listing, last, listing.length)));
    }

    private static InputStream withoutEchoes(byte[] listing, int from, int to) {
        String part = new String(listing, from, to - from, ISO_8859_1);
        return new ByteArrayInputStream(UNREADABLE_TOKEN
                .matcher(ECHO.matcher(part).replaceAll(""))
                .replaceAll(NextToken.UNREADABLE)
                .getBytes(ISO_8859_1));
    }

    /** The first place from there on, in steps of so many bytes; -1 where there is none. */
    private static int indexOf(byte[] sought, byte[] in, int from, int step) {
        for (int at = from; at >= 0 && at + sought.length <= in.length; at += step) {
            if (Arrays.equals(in, at, at + sought.length, sought, 0, sought.length)) {
                return at;
            }
        }
        return -1;
    }
}
