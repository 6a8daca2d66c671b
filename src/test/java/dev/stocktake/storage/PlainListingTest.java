package dev.stocktake.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.compare.StoredObject;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;

/** Whatever the answer, what is read of it is what the SDK reads. */
class PlainListingTest {
    private static final String ANSWER = """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix/>\
            <StartAfter>a</StartAfter><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType>\
            <IsTruncated>true</IsTruncated><NextContinuationToken>1x&amp;+/=</NextContinuationToken>\
            <Contents><Key>a/%F0%9F%A6%81+b%2Bc</Key><LastModified>2024-01-14T01:02:03.000Z</LastModified>\
            <ETag>&quot;5d41402abc4b2a76b9719d911017c592-12&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm>\
            <ChecksumType>FULL_OBJECT</ChecksumType><Size>1234567890123</Size>\
            <StorageClass>STANDARD</StorageClass></Contents>\
            <Contents><Key>b</Key><LastModified>2024-02-29T23:59:59.999Z</LastModified><ETag>&quot;e&quot;</ETag>\
            <Size>0</Size></Contents></ListBucketResult>""";

    private static final StubbedStore STORE = new StubbedStore();

    @Test
    void theObjectsAreTakenFromWhatS3Writes() {
        assertThat(plainly(ANSWER).objects())
                .containsExactly(
                        new StoredObject(
                                "a/\uD83E\uDD81 b+c",
                                1234567890123L,
                                "5d41402abc4b2a76b9719d911017c592-12",
                                Instant.parse("2024-01-14T01:02:03Z")),
                        new StoredObject("b", 0, "e", Instant.parse("2024-02-29T23:59:59.999Z")));
    }

    static Stream<String> whatStoresWrite() {
        String notEncoded = without("<EncodingType>url</EncodingType>");
        return Stream.of(
                ANSWER,
                // MinIO, Ceph, Google
                ANSWER.replace("&quot;", "&#34;")
                        .replace("</Size>", "</Size><Owner><ID>x</ID><DisplayName></DisplayName></Owner>"),
                ANSWER.replace("</Size>", "</Size><Type>Normal</Type>").replace("<Prefix/>", "<Prefix></Prefix>"),
                ANSWER.replace("version=\"1.0\" encoding=\"UTF-8\"", "version='1.0' encoding='UTF-8'"),
                ANSWER.replace("><", ">\r\n  <").replace(".000Z", "Z"),
                notEncoded,
                notEncoded.replace("<Key>b<", "<Key> b&amp;&lt;&gt;&apos;&#38;&#60;&#62;&#39;\"\n\t <"),
                notEncoded.replace("</ListBucketResult>", "<EncodingType>url</EncodingType></ListBucketResult>\n"),
                ANSWER.replaceFirst(" xmlns=\"[^\"]*\"", ""),
                ANSWER.substring(ANSWER.indexOf("<List")),
                lastModified("2024-02-28T23:59:59.123456Z"),
                lastModified("2024-02-28T23:59:59.12Z"),
                ANSWER.replaceAll("<ETag>[^<]*</ETag>", ""),
                ANSWER.replaceAll("<Contents>.*</Contents>", ""),
                ANSWER.replace(
                        "</ListBucketResult>",
                        "<CommonPrefixes><Prefix>a%2F/</Prefix></CommonPrefixes>" + "</ListBucketResult>"));
    }

    @ParameterizedTest
    @MethodSource("whatStoresWrite")
    void whatStoresWriteIsPlain(String answer) {
        assertThat(plainly(answer).taken()).isTrue();
        assertThat(plainly(answer)).isEqualTo(byTheSdk(answer));
        assertThat(plainly(answer).failure()).isNull();
    }

    static Stream<String> whatElseThereIs() {
        String object = ANSWER.substring(ANSWER.indexOf("<Contents>"), ANSWER.indexOf("</Contents>") + 11);
        return Stream.of(
                "",
                " ",
                "<html><body>Not here</body></html>",
                "<Error><Code>SlowDown</Code></Error>",
                ANSWER.substring(0, ANSWER.length() - 1),
                ANSWER.substring(0, ANSWER.indexOf("</Contents>")),
                ANSWER + "x",
                "\uFEFF" + ANSWER,
                " " + ANSWER,
                ANSWER.replace("UTF-8", "ISO-8859-1"),
                ANSWER.replace("version=\"1.0\"", "version=\"1.1\""),
                ANSWER.replace("?>", "?><!DOCTYPE ListBucketResult [<!ENTITY b \"c\">]>")
                        .replace("<Key>b<", "<Key>&b;<"),
                ANSWER.replace("xmlns=", "a=\"b\" xmlns="),
                ANSWER.replace(" xmlns=", " xmlns:s3=").replaceAll("<(/?)(Contents)>", "<$1s3:$2>"),
                ANSWER.replace(object, "<!--" + object + "-->"),
                ANSWER.replace(object, "<![CDATA[" + object + "]]>"),
                ANSWER.replace(object, "<More>" + object + "</More>"),
                ANSWER.replace(object, "x" + object),
                ANSWER.replace(object, object + "<Contents/>"),
                ANSWER.replace(object, object.replace("<Contents>", "<Contents >")),
                ANSWER.replace(object, object.replace("<Contents>", "<Contents a='b'>")),
                ANSWER.replace("<Key>b</Key>", ""),
                ANSWER.replace("<Key>b</Key>", "<Key/>"),
                ANSWER.replace("<Key>b</Key>", "<Key></Key>"),
                ANSWER.replace("<Key>b</Key>", "<Key>b</Key><Key>c</Key>"),
                ANSWER.replace("<Key>b</Key>", "<Key>b<x/>c</Key>"),
                ANSWER.replace("<Key>b</Key>", "<key>b</key>"),
                ANSWER.replace("<Key>b</Key>", "<Key>b</Kez>"),
                ANSWER.replace("<Key>b<", "<Key>\u00E9<"),
                ANSWER.replace("<Key>b<", "<Key>a\rb<"),
                ANSWER.replace("<Key>b<", "<Key>a\u0001b<"),
                ANSWER.replace("<Key>b<", "<Key>a&#x1;b<"),
                ANSWER.replace("<Key>b<", "<Key>a&#1;b<"),
                ANSWER.replace("<Key>b<", "<Key>a&b<"),
                ANSWER.replace("<Key>b<", "<Key>a&;b<"),
                ANSWER.replace("<Key>b<", "<Key>a&nbsp;b<"),
                ANSWER.replace("<Key>b<", "<Key>a]]>b<"),
                ANSWER.replace("<Key>b<", "<Key><![CDATA[b]]><"),
                ANSWER.replace("<Key>b<", "<Key>b<!-- c --><"),
                ANSWER.replace("<Size>0</Size>", ""),
                ANSWER.replace("<Size>0<", "<Size><"),
                ANSWER.replace("<Size>0<", "<Size> 0 <"),
                ANSWER.replace("<Size>0<", "<Size>+1<"),
                ANSWER.replace("<Size>0<", "<Size>-1<"),
                ANSWER.replace("<Size>0<", "<Size>1e3<"),
                ANSWER.replace("<Size>0<", "<Size>9223372036854775807<"),
                ANSWER.replace("<Size>0<", "<Size>9223372036854775808<"),
                ANSWER.replaceAll("<LastModified>[^<]*</LastModified>", ""),
                lastModified(""),
                lastModified("2024-02-30T00:00:00.000Z"),
                lastModified("2024-02-28T24:00:00.000Z"),
                lastModified("2024-02-28T23:59:60.000Z"),
                lastModified("2024-02-28 23:59:59.000Z"),
                lastModified("2024-02-28T23:59:59.1234567890Z"),
                lastModified("2024-02-28T23:59:59+01:00"),
                lastModified("2024-02-28T23:59:59.000+01:00"),
                lastModified("2024-02-28T23:59:59"),
                lastModified("Wed, 28 Feb 2024 23:59:59 GMT"),
                lastModified("1709164799"),
                ANSWER.replace("<ETag>&quot;e&quot;<", "<ETag><"),
                ANSWER.replace(
                        "<Size>0",
                        "<RestoreStatus><IsRestoreInProgress>maybe</IsRestoreInProgress>" + "</RestoreStatus><Size>0"),
                ANSWER.replace("<Size>0", "<Owner>" + "<a>".repeat(10000) + "</Owner><Size>0"),
                ANSWER.replace("<Size>0", "<a><Key>c</Key></b><Size>0"));
    }

    @ParameterizedTest
    @MethodSource("whatElseThereIs")
    void whateverElseThereIsIsLeftToTheSdk(String answer) {
        assertThat(plainly(answer).taken()).isFalse();
        assertThat(plainly(answer)).isEqualTo(byTheSdk(answer));
    }

    static Stream<String> keysThatCannotBeDecoded() {
        return Stream.of("%", "100%", "%zz", "%2", "a%b", "%-1");
    }

    @ParameterizedTest
    @MethodSource("keysThatCannotBeDecoded")
    void whatCannotBeDecodedIsRefusedAsTheSdkRefusesIt(String key) {
        String answer = ANSWER.replace("<Key>b<", "<Key>" + key + "<");

        assertThat(plainly(answer).failure()).isNotNull();
        assertThat(plainly(answer)).isEqualTo(byTheSdk(answer));
    }

    @Property(tries = 500)
    void objectsAreTheSameWhateverTheyAre(@ForAll("answers") String answer) {
        assertThat(plainly(answer).taken()).isTrue();
        assertThat(plainly(answer)).isEqualTo(byTheSdk(answer));
    }

    @Property(tries = 2000)
    void answersThatAreChangedAnywhereAreReadOrRefusedAsTheSdkDoes(@ForAll("changes") UnaryOperator<String> change) {
        String answer = change.apply(ANSWER);

        assertThat(plainly(answer)).isEqualTo(byTheSdk(answer));
    }

    @Provide
    Arbitrary<String> answers() {
        Arbitrary<String> keys = Arbitraries.strings()
                .withCharRange(' ', '~')
                .excludeChars('<', '>', '&', '%')
                .ofMinLength(1)
                .ofMaxLength(40);
        Arbitrary<String> encoded = Arbitraries.of("", "%20", "%C3%A9", "%ff", "%F0%9F%A6%81", "+", "&amp;", "&lt;");
        Arbitrary<String> times = Arbitraries.longs()
                .between(-62135596800L, 253402300799L)
                .map(second -> Instant.ofEpochSecond(second).toString());
        Arbitrary<String> objects = Combinators.combine(
                        keys, encoded, times, Arbitraries.longs().between(0, 999_999_999_999_999_999L), keys)
                .as((key, more, time, size, etag) -> "<Contents><Key>" + key + more + "</Key><LastModified>" + time
                        + "</LastModified><ETag>&quot;" + etag + "</ETag><Size>" + size + "</Size></Contents>");
        Arbitrary<String> encodings = Arbitraries.of("", "<EncodingType>url</EncodingType>");
        return Combinators.combine(objects.list().ofMaxSize(5), encodings)
                .as((contents, encoding) -> "<ListBucketResult>" + String.join("\n", contents) + encoding
                        + "<IsTruncated>false</IsTruncated></ListBucketResult>");
    }

    @Provide
    Arbitrary<UnaryOperator<String>> changes() {
        Arbitrary<String> more = Arbitraries.frequencyOf(
                Tuple.of(
                        3,
                        Arbitraries.strings()
                                .withChars("<>/&;#'\"!?[]-=% \r\n\tKeyx01\u0001\u00E9")
                                .ofMaxLength(3)),
                Tuple.of(
                        1,
                        Arbitraries.of(
                                "<Contents>",
                                "</Contents>",
                                "<Key>",
                                "</Key>",
                                "<Size>7</Size>",
                                "<Contents/>",
                                "&#34;",
                                "<!--",
                                "-->",
                                "<![CDATA[",
                                "]]>",
                                "<x/>",
                                "<a>",
                                "</a>",
                                "</ListBucketResult>")));
        return Combinators.combine(
                        Arbitraries.integers().between(0, ANSWER.length()),
                        Arbitraries.integers().between(0, 12),
                        more)
                .as((at, removed, added) -> answer ->
                        answer.substring(0, at) + added + answer.substring(Math.min(answer.length(), at + removed)));
    }

    private static String without(String part) {
        return ANSWER.replace(part, "");
    }

    private static String lastModified(String time) {
        return ANSWER.replace("2024-02-29T23:59:59.999Z", time);
    }

    private static Outcome plainly(String answer) {
        return STORE.list(answer, true);
    }

    private static Outcome byTheSdk(String answer) {
        return STORE.list(answer, false);
    }

    /**
     * What came of an answer.
     *
     * @param failure null when there was none
     * @param taken whether the objects were taken out of it before the SDK read it; makes no difference
     */
    private record Outcome(List<StoredObject> objects, Map<String, Object> rest, Class<?> failure, boolean taken) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Outcome outcome
                    && objects.equals(outcome.objects)
                    && rest.equals(outcome.rest)
                    && failure == outcome.failure;
        }

        @Override
        public int hashCode() {
            return objects.hashCode();
        }
    }

    /** Answers every request with the same body. */
    private static final class StubbedStore implements SdkHttpClient {
        private final S3Client client = S3Client.builder()
                .httpClient(this)
                .region(Region.US_EAST_1)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .overrideConfiguration(override -> override.addExecutionInterceptor(new PlainListings()))
                .build();
        private String body;

        Outcome list(String answer, boolean plainly) {
            body = answer;
            PlainListings.Taken taken = new PlainListings.Taken();
            ListObjectsV2Request.Builder request =
                    ListObjectsV2Request.builder().bucket("bucket");
            try {
                ListObjectsV2Response response =
                        client.listObjectsV2((plainly ? taken.from(request) : request).build());
                return new Outcome(
                        taken.objects().orElseGet(() -> objects(response)),
                        Map.of(
                                "truncated", String.valueOf(response.isTruncated()),
                                "token", String.valueOf(response.nextContinuationToken()),
                                "start", String.valueOf(response.startAfter()),
                                "encoding", String.valueOf(response.encodingType()),
                                "folders", response.commonPrefixes(),
                                "count", String.valueOf(response.keyCount())),
                        null,
                        taken.objects().isPresent());
            } catch (SdkException | IllegalArgumentException failure) {
                return new Outcome(List.of(), Map.of(), failure.getClass(), false);
            }
        }

        private static List<StoredObject> objects(ListObjectsV2Response response) {
            return response.contents().stream()
                    .map(object -> new StoredObject(
                            object.key(),
                            object.size() == null ? -1 : object.size(),
                            Bucket.withoutQuotes(object.eTag()),
                            object.lastModified()))
                    .toList();
        }

        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return new ExecutableHttpRequest() {
                @Override
                public HttpExecuteResponse call() {
                    return HttpExecuteResponse.builder()
                            .response(SdkHttpResponse.builder().statusCode(200).build())
                            .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body.getBytes(UTF_8))))
                            .build();
                }

                @Override
                public void abort() {
                    // nothing is under way
                }
            };
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
