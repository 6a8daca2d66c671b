package dev.stocktake.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program from its start to its end. Where the system is not Linux, only the wall clock is read. */
final class WholeProcess {
    private static final double NANOS = 1e9;
    private static final double TICKS_A_SECOND = 100;
    private static final int LOOK_EVERY_MILLIS = 20;

    /** In {@code /proc/self/stat}, counted behind the name of the program: what children took that have ended. */
    private static final int CHILDREN_USER = 13;

    private static final int CHILDREN_SYSTEM = 14;

    private WholeProcess() {}

    /**
     * What it took.
     *
     * @param cpuSeconds of it and of its own children
     * @param peakKilobytes the most that the process itself had resident
     */
    record Usage(int exitStatus, double wallSeconds, OptionalDouble cpuSeconds, OptionalLong peakKilobytes) {}

    /**
     * Runs a program; one at a time, else the CPU seconds are mixed up.
     *
     * @param environment besides PATH, all that it gets
     * @param output where its standard output goes
     * @param errors where its standard error goes
     */
    static Usage run(
            List<String> command,
            Map<String, String> environment,
            ProcessBuilder.Redirect output,
            ProcessBuilder.Redirect errors)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(output).redirectError(errors);
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        builder.environment().putAll(environment);
        OptionalDouble before = childrenSeconds();
        long start = System.nanoTime();
        Process process = builder.start();
        OptionalLong peak = OptionalLong.empty();
        while (!process.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
            OptionalLong now = peakKilobytes(process.pid());
            peak = now.isPresent() ? now : peak;
        }
        double wall = (System.nanoTime() - start) / NANOS;
        OptionalDouble after = childrenSeconds();
        OptionalDouble cpu = before.isPresent() && after.isPresent()
                ? OptionalDouble.of(after.getAsDouble() - before.getAsDouble())
                : OptionalDouble.empty();
        return new Usage(process.exitValue(), wall, cpu, peak);
    }

    private static OptionalDouble childrenSeconds() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return OptionalDouble.of(
                    (Long.parseLong(fields[CHILDREN_USER]) + Long.parseLong(fields[CHILDREN_SYSTEM])) / TICKS_A_SECOND);
        } catch (IOException elsewhere) {
            return OptionalDouble.empty();
        }
    }

    /** It only grows, so that the last look is the one that counts. */
    private static OptionalLong peakKilobytes(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException | java.io.UncheckedIOException endedOrElsewhere) {
            return OptionalLong.empty();
        }
    }
}
