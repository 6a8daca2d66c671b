package dev.stocktake.storage;

import dev.stocktake.settings.Settings;
import java.time.Duration;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes the S3 client that every {@code aws2-s3} endpoint of the routes uses. */
public final class StoreClient {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private StoreClient() {}

    /** The client of the store in the settings, which waits for nobody else's requests. */
    public static S3Client of(Settings settings, int connections) {
        return of(
                settings,
                connections,
                new PacedRequests(connections, settings.maxRequestsPerSecond()),
                new SentRequests(),
                http -> {});
    }

    /**
     * The client of the store in the settings.
     *
     * @param connections that it may hold at once
     * @param paced what its requests wait for
     * @param sent counts them, after they waited
     * @param connecting changes how it connects
     * @throws software.amazon.awssdk.core.exception.SdkClientException when no region is set and none can be found
     */
    public static S3Client of(
            Settings settings,
            int connections,
            PacedRequests paced,
            SentRequests sent,
            Consumer<Apache5HttpClient.Builder> connecting) {
        Apache5HttpClient.Builder http = Apache5HttpClient.builder()
                .maxConnections(connections)
                .connectionTimeout(CONNECT)
                .socketTimeout(SILENCE);
        connecting.accept(http);
        S3ClientBuilder client = S3Client.builder()
                .httpClientBuilder(http)
                .forcePathStyle(settings.forcePathStyle())
                // some stores and proxies refuse bodies in chunks of the SDK's own
                .serviceConfiguration(service -> service.chunkedEncodingEnabled(false))
                // some stores refuse the checksums that newer SDKs send unasked
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                // the routes say what is tried again, and how often
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .addExecutionInterceptor(paced)
                        .addExecutionInterceptor(new FencedRequests())
                        .addExecutionInterceptor(sent)
                        .addExecutionInterceptor(new OnlyListings())
                        .addExecutionInterceptor(new PlainListings())
                        .addExecutionInterceptor(new EchoesLeftOut())
                        .addExecutionInterceptor(new BrokenAnswers()));
        settings.endpoint().ifPresent(client::endpointOverride);
        settings.region().map(Region::of).ifPresent(client::region);
        settings.accessKeyId()
                .ifPresent(
                        id -> client.credentialsProvider(StaticCredentialsProvider.create(credentials(id, settings))));
        return client.build();
    }

    private static AwsCredentials credentials(String id, Settings settings) {
        String secret = settings.secretAccessKey().orElseThrow().reveal();
        return settings.sessionToken()
                .<AwsCredentials>map(token -> AwsSessionCredentials.create(id, secret, token.reveal()))
                .orElseGet(() -> AwsBasicCredentials.create(id, secret));
    }
}
