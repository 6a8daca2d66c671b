package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** A proxy before a server that closes connections which nobody uses. */
class StoreFaultProxyTest {
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";

    @Test
    void asksAnewWhereTheServerHasClosedTheConnectionSinceTheLastAnswer() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                StoreFaultProxy proxy = StoreFaultProxy.before(server.getLocalPort());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            Thread answering = new Thread(() -> answerOneRequestAConnection(server));
            answering.start();
            BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
            for (int i = 0; i < 3; i++) {
                client.getOutputStream().write(REQUEST.getBytes(US_ASCII));

                assertThat(in.readLine()).isEqualTo("HTTP/1.1 200 OK");
                while (!in.readLine().isEmpty()) {
                    // the rest of the head
                }
                assertThat(in.read()).isEqualTo('x');
            }
        }
    }

    private static void answerOneRequestAConnection(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket connection = server.accept()) {
                BufferedReader in = new BufferedReader(new InputStreamReader(connection.getInputStream(), US_ASCII));
                while (!in.readLine().isEmpty()) {
                    // the rest of the head
                }
                connection.getOutputStream().write(ANSWER.getBytes(US_ASCII));
            } catch (IOException over) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(over);
                }
            }
        }
    }
}
