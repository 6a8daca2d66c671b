package dev.stocktake.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineLayoutTest {
    private final LoggerContext context = new LoggerContext();

    @ParameterizedTest
    @CsvSource({"WARN, stocktake.run", "ERROR, dev.stocktake.Application", "INFO, root"})
    void aLineIsWhatLogbackMakesOfThePattern(String level, String logger) {
        LoggingEvent event = event(Level.valueOf(level), logger, null);

        assertThat(line(event)).isEqualTo(byPattern(event));
    }

    @Test
    void anExceptionIsShownWithTheFirstPlaceOnly() {
        LoggingEvent event = event(Level.WARN, "a.B", new IllegalStateException("broken", new Exception("cause")));

        assertThat(line(event))
                .isEqualTo(byPattern(event))
                .startsWith("2024-01-15T03:00:00.007Z WARN  B - a € message")
                .contains("IllegalStateException: broken");
    }

    private LoggingEvent event(Level level, String logger, Throwable thrown) {
        LoggingEvent event =
                new LoggingEvent("", context.getLogger(logger), level, "a {} message", thrown, new Object[] {"€"});
        event.setInstant(Instant.parse("2024-01-15T03:00:00.007Z"));
        return event;
    }

    private String line(LoggingEvent event) {
        LineLayout layout = new LineLayout();
        layout.setContext(context);
        layout.start();
        return layout.doLayout(event);
    }

    private String byPattern(LoggingEvent event) {
        PatternLayout layout = new PatternLayout();
        layout.setContext(context);
        layout.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level %logger{0} - %msg%n%ex{short}");
        layout.start();
        return layout.doLayout(event);
    }
}
