package dev.stocktake.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;

/**
 * Logs on standard error, unless the system property {@code logback.configurationFile} names a file that says otherwise.
 * In code, because reading the same from XML takes a fourteenth of a whole start.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class StandardErrorLog extends ContextAwareBase implements Configurator {
    @Override
    public ExecutionStatus configure(LoggerContext log) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        LineLayout lines = new LineLayout();
        lines.setContext(log);
        lines.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(log);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(lines);
        encoder.start();
        ConsoleAppender<ILoggingEvent> standardError = new ConsoleAppender<>();
        standardError.setContext(log);
        standardError.setName("STANDARD_ERROR");
        standardError.setTarget("System.err");
        standardError.setEncoder(encoder);
        standardError.start();

        ch.qos.logback.classic.Logger root = log.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(standardError);
        // what a run came to, and what is tried again, is told by the routes in one line each
        log.getLogger("org.apache.camel.processor.errorhandler").setLevel(Level.OFF);
        log.getLogger("com.zaxxer.hikari.pool.ProxyConnection").setLevel(Level.OFF);
        log.getLogger("stocktake").setLevel(Level.INFO);
        log.getLogger("dev.stocktake").setLevel(Level.INFO);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
