package dev.stocktake.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Makes every failure to read an answer one of the SDK's own. Where it looks at the beginning of a body it lets some through
 * as they are, which the routes would not know for what they are and not try again; and it refuses to have them changed
 * afterwards.
 */
final class BrokenAnswers implements ExecutionInterceptor {
    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse answer, ExecutionAttributes attributes) {
        return answer.responseBody().map(Body::new);
    }

    private static final class Body extends FilterInputStream {
        Body(InputStream body) {
            super(body);
        }

        @Override
        public int read() {
            try {
                return super.read();
            } catch (IOException broken) {
                throw brokenOff(broken);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            try {
                return super.read(bytes, offset, length);
            } catch (IOException broken) {
                throw brokenOff(broken);
            }
        }

        private static SdkClientException brokenOff(IOException broken) {
            return SdkClientException.create("Its answer broke off", broken);
        }
    }
}
