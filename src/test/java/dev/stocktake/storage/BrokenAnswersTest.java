package dev.stocktake.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.failure.StoreFaults;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

class BrokenAnswersTest {
    private final StoreFaults faults = new StoreFaults();

    @Test
    void aConnectionThatBreaksWhileABodyIsReadIsAFaultThatMayPass() {
        UncheckedIOException broken = new UncheckedIOException(new SocketException("Connection reset"));
        assertThat(faults.has(broken)).as("as the SDK lets it through").isFalse();

        Throwable told = told(broken);

        assertThat(told).isInstanceOf(SdkClientException.class).hasCause(broken);
        assertThat(faults.has(told)).isTrue();
    }

    @Test
    void whatTheSdkTellsItselfAndWhatIsNoFailureToReadStaysAsItIs() {
        Throwable refusal = S3Exception.builder().statusCode(403).build();
        Throwable unreachable = SdkClientException.create("no", new SocketException("no"));
        Throwable defect = new IllegalStateException("a defect");

        assertThat(told(refusal)).isSameAs(refusal);
        assertThat(told(unreachable)).isSameAs(unreachable);
        assertThat(told(defect)).isSameAs(defect);
    }

    private static Throwable told(Throwable failure) {
        return new BrokenAnswers().modifyException(new Failed(failure), new ExecutionAttributes());
    }

    private record Failed(Throwable exception) implements Context.FailedExecution {
        @Override
        public SdkRequest request() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<SdkHttpRequest> httpRequest() {
            return Optional.empty();
        }

        @Override
        public Optional<SdkHttpResponse> httpResponse() {
            return Optional.empty();
        }

        @Override
        public Optional<SdkResponse> response() {
            return Optional.empty();
        }
    }
}
