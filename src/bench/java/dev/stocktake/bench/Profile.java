package dev.stocktake.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Samples of what runs Java code, every ten milliseconds. Each counts for the area of the innermost frame that has one,
 * so that what the JDK does counts for its caller.
 */
final class Profile implements AutoCloseable {
    private static final String SAMPLE = "jdk.ExecutionSample";
    private static final String ELSEWHERE = "anything else";

    /** By the beginning of a class name; the first one that fits counts. */
    private static final List<Map.Entry<String, String>> AREAS = List.of(
            Map.entry("com.sun.org.apache.xerces", "XML parsing"),
            Map.entry("software.amazon.awssdk.protocols", "XML parsing"),
            Map.entry("software.amazon.awssdk.thirdparty", "XML parsing"),
            Map.entry("com.ctc.wstx", "XML parsing"),
            Map.entry("com.fasterxml.aalto", "XML parsing"),
            Map.entry("software.amazon.awssdk.services.s3.model", "XML parsing"),
            Map.entry("software.amazon.awssdk.services.s3.internal.handlers", "URL-decoding of keys"),
            Map.entry("software.amazon.awssdk.http.auth", "signing"),
            Map.entry("software.amazon.awssdk.auth", "signing"),
            Map.entry("software.amazon.awssdk.http.apache5", "HTTP"),
            Map.entry("org.apache.hc", "HTTP"),
            Map.entry("software.amazon.awssdk", "SDK, the rest"),
            Map.entry("org.postgresql", "JDBC driver"),
            Map.entry("com.zaxxer", "JDBC pool"),
            Map.entry("org.springframework", "Spring JDBC"),
            Map.entry("org.apache.camel", "Camel"),
            Map.entry("com.fasterxml.jackson", "JSON"),
            Map.entry("ch.qos.logback", "log"),
            Map.entry("org.slf4j", "log"),
            Map.entry("dev.stocktake.compare", "merge"),
            Map.entry("dev.stocktake.storage", "lister"),
            Map.entry("dev.stocktake.records", "record rows"),
            Map.entry("dev.stocktake.bench", ELSEWHERE),
            Map.entry("dev.stocktake", "Stocktake, the rest"));

    private final Recording recording;

    private Profile(Recording recording) {
        this.recording = recording;
    }

    static Profile start() {
        Recording recording = new Recording();
        recording.enable(SAMPLE).withPeriod(Duration.ofMillis(10));
        recording.start();
        return new Profile(recording);
    }

    /** Ends it; samples by area, most first. */
    Map<String, Long> areas() throws IOException {
        recording.stop();
        Path file = Files.createTempFile("stocktake-", ".jfr");
        try {
            recording.dump(file);
            Map<String, Long> samples = new HashMap<>();
            for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
                if (event.getEventType().getName().equals(SAMPLE) && event.getStackTrace() != null) {
                    samples.merge(areaOf(event.getStackTrace().getFrames()), 1L, Long::sum);
                }
            }
            Map<String, Long> ordered = new LinkedHashMap<>();
            samples.entrySet().stream()
                    .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                    .forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
            return ordered;
        } finally {
            Files.delete(file);
        }
    }

    @Override
    public void close() {
        recording.close();
    }

    private static String areaOf(List<RecordedFrame> frames) {
        for (RecordedFrame frame : frames) {
            String type = frame.getMethod().getType().getName();
            for (Map.Entry<String, String> area : AREAS) {
                if (type.startsWith(area.getKey())) {
                    return area.getValue();
                }
            }
        }
        return ELSEWHERE;
    }
}
