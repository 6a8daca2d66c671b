package dev.stocktake.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The other end of a {@link Worker}. */
final class WarmJvm implements AutoCloseable {
    private final ObjectMapper json = new ObjectMapper();
    private final Path log;
    private final Process process;
    private final BufferedWriter orders;
    private final BufferedReader answers;

    private WarmJvm(Path log, Process process) {
        this.log = log;
        this.process = process;
        orders = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts it.
     *
     * @param log where its standard error goes, as an operator would send it
     */
    static WarmJvm start(Path log) {
        String classpath = String.join(
                java.io.File.pathSeparator,
                BuiltJar.JAR.toString(),
                Path.of("target", "test-classes").toString());
        ProcessBuilder builder = new ProcessBuilder(BuiltJar.java(), "-classpath", classpath, Worker.class.getName())
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            Process process = builder.start();
            // it would wait for orders for ever
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "end of the warm JVM"));
            return new WarmJvm(log, process);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A run of Stocktake; one that ends without a verdict is an exception. */
    Measured run(Map<String, String> settings) {
        return obey(new Order(Order.Task.RUN, settings, List.of()));
    }

    Measured obey(Order order) {
        try {
            // not what an operator keeps; a million findings are 100 MB
            Files.newOutputStream(log).close();
            orders.write(json.writeValueAsString(order));
            orders.newLine();
            orders.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException("The worker ended with status " + process.waitFor() + ", see " + log);
            }
            Measured measured = json.readValue(answer, Measured.class);
            if (measured.failure() != null) {
                throw new IllegalStateException("A run had no verdict: " + measured.failure());
            }
            return measured;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
