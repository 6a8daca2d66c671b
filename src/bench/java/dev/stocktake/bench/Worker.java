package dev.stocktake.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import dev.stocktake.Application;
import dev.stocktake.Routes;
import dev.stocktake.StartException;
import dev.stocktake.run.Run;
import dev.stocktake.run.Trigger;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.Settings;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JVM that stays warm: takes one order a line from standard input and answers each with one line of JSON. Stocktake is
 * the built jar; the servers are elsewhere.
 */
final class Worker {
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;
    private static final Pattern RANGES = Pattern.compile("(\\d+) ranges");

    private final OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    private Map<String, String> environment = Map.of();
    private Settings settings;
    private Application application;

    private Worker() {}

    public static void main(String[] args) throws Exception {
        ObjectMapper json = new ObjectMapper();
        Worker worker = new Worker();
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = orders.readLine(); line != null; line = orders.readLine()) {
            Order order = json.readValue(line, Order.class);
            if (order.task() == Order.Task.END) {
                break;
            }
            System.out.println(json.writeValueAsString(worker.obey(order)));
        }
        worker.stop();
        System.exit(0);
    }

    private Measured obey(Order order) throws Exception {
        if (!order.settings().equals(environment)) {
            stop();
            environment = order.settings();
            settings = Settings.from(environment, Purpose.CLEANUP_ASSETS);
        }
        return switch (order.task()) {
            case RUN -> {
                start();
                yield measure(this::run);
            }
            case PROFILED_RUN -> {
                start();
                try (Profile profile = Profile.start()) {
                    Measured measured = measure(this::run);
                    yield with(measured, profile.areas());
                }
            }
            case SERIAL_LOOP -> {
                SerialLoop loop = new SerialLoop(settings);
                yield measure(loop::read);
            }
            case LIST -> {
                ListingOnly listing = new ListingOnly(settings, order.cuts());
                yield measure(listing::list);
            }
            case END -> throw new IllegalArgumentException("nothing to measure");
        };
    }

    private Measured run() {
        Run run = application.run(Trigger.CLI).run();
        Run.Counts counts = run.counts();
        if (!run.isComplete()) {
            return found(0, 0, 0, 0, 0, 0, String.valueOf(run.failure()));
        }
        return found(
                counts.objects(),
                counts.records(),
                counts.matched(),
                counts.orphanedFiles() + counts.orphanedRecords(),
                counts.tooRecent(),
                ranges(run),
                null);
    }

    /** The proof says it in words. */
    private static int ranges(Run run) {
        return run.proof().lines().stream()
                .map(line -> RANGES.matcher(line.found()))
                .filter(Matcher::find)
                .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
                .max()
                .orElse(0);
    }

    static Measured found(
            long objects, long records, long matched, long findings, long tooRecent, int ranges, String failure) {
        return new Measured(0, 0, 0, 0, objects, records, matched, findings, tooRecent, ranges, failure, Map.of());
    }

    private Measured measure(Callable<Measured> task) throws Exception {
        System.gc();
        long compiledBefore = ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
        long javaBefore = javaThreadsNanos();
        long cpuBefore = process.getProcessCpuTime();
        long start = System.nanoTime();
        Measured found = task.call();
        double wall = (System.nanoTime() - start) / NANOS;
        double cpu = (process.getProcessCpuTime() - cpuBefore) / NANOS;
        double java = (javaThreadsNanos() - javaBefore) / NANOS;
        double compiled =
                (ManagementFactory.getCompilationMXBean().getTotalCompilationTime() - compiledBefore) / MILLIS;
        return new Measured(
                wall,
                cpu,
                Math.max(0, cpu - java),
                compiled,
                found.objects(),
                found.records(),
                found.matched(),
                found.findings(),
                found.tooRecent(),
                found.ranges(),
                found.failure(),
                Map.of());
    }

    private static Measured with(Measured measured, Map<String, Long> profile) {
        return new Measured(
                measured.wallSeconds(),
                measured.cpuSeconds(),
                measured.collectorSeconds(),
                measured.compilerSeconds(),
                measured.objects(),
                measured.records(),
                measured.matched(),
                measured.findings(),
                measured.tooRecent(),
                measured.ranges(),
                measured.failure(),
                profile);
    }

    /** Of those that live: those of a run's pools stay until Stocktake is stopped. */
    private long javaThreadsNanos() {
        long nanos = 0;
        for (long id : threads.getAllThreadIds()) {
            nanos += Math.max(0, threads.getThreadCpuTime(id));
        }
        return nanos;
    }

    private void start() throws StartException {
        if (application == null) {
            Routes routes = Routes.in(Path.of(""), Map.of());
            application = Application.start(settings, routes, false, false, Clock.systemUTC());
        }
    }

    private void stop() {
        if (application != null) {
            application.close();
            application = null;
        }
    }
}
