package dev.stocktake.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.stocktake.failure.StoreFaults;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.Settings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;

class BrokenAnswersTest {
    private static final String LISTING = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

    @ParameterizedTest(name = "after {0} characters of the body, {1}")
    @CsvSource({"0, reset", "1, reset", "40, reset", "0, closed", "1, closed", "40, closed"})
    void aConnectionThatBreaksWhileABodyIsReadIsAFaultThatMayPass(int characters, String how) {
        for (boolean taken : new boolean[] {false, true}) {
            Throwable broken = catchThrowable(() -> list(LISTING.substring(0, characters), how.equals("reset"), taken));

            assertThat(broken).isInstanceOf(SdkException.class);
            assertThat(new StoreFaults().has(broken)).isTrue();
        }
    }

    @Test
    void anAnswerThatIsWholeIsReadAsItIs() {
        assertThat(catchThrowable(() -> list(LISTING, false, false))).isNull();
        assertThat(catchThrowable(() -> list(LISTING, false, true))).isNull();
    }

    /** @param taken whether the objects are taken out of the body before the SDK reads it */
    private static void list(String body, boolean reset, boolean taken) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> answer(server, body, reset));
            answering.start();
            URI store = URI.create("http://127.0.0.1:" + server.getLocalPort());
            Settings settings = Settings.from(
                    Map.of(
                            "DATABASE_URL", "postgres://127.0.0.1/unused",
                            "S3_BUCKET", "bucket",
                            "S3_ENDPOINT", store.toString(),
                            "S3_ACCESS_KEY_ID", "key",
                            "S3_SECRET_ACCESS_KEY", "secret"),
                    Purpose.CLEANUP_ASSETS);
            ListObjectsV2Request.Builder request = ListObjectsV2Request.builder();
            try (S3Client client = StoreClient.of(settings, 1)) {
                client.listObjectsV2((taken ? new PlainListings.Taken().from(request) : request)
                        .bucket("bucket")
                        .build());
            }
        }
    }

    private static void answer(ServerSocket server, String body, boolean reset) {
        try (Socket connection = server.accept()) {
            BufferedReader request = new BufferedReader(new InputStreamReader(connection.getInputStream(), US_ASCII));
            String line = request.readLine();
            while (line != null && !line.isEmpty()) {
                line = request.readLine();
            }
            String head = "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: " + LISTING.length()
                    + "\r\n\r\n";
            connection.getOutputStream().write((head + body).getBytes(US_ASCII));
            if (reset) {
                connection.setSoLinger(true, 0);
            }
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
