package dev.stocktake.run;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What is logged from its making until it is closed. */
public final class LogLines implements AutoCloseable {
    private final Logger root = logger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger errorHandler = logger("org.apache.camel.processor.errorhandler");
    private final Level rootBefore = root.getLevel();
    private final Level errorHandlerBefore = errorHandler.getLevel();
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    private LogLines(Level rootLevel, Level errorHandlerLevel) {
        // read while other threads still log
        appender.list = new CopyOnWriteArrayList<>();
        appender.start();
        root.addAppender(appender);
        root.setLevel(rootLevel);
        errorHandler.setLevel(errorHandlerLevel);
    }

    /** What {@code StandardErrorLog} lets through. */
    public static LogLines recorded() {
        return new LogLines(Level.WARN, Level.OFF);
    }

    /** What somebody sees who looks for a fault. */
    public static LogLines recordedInFull() {
        return new LogLines(Level.DEBUG, Level.DEBUG);
    }

    public List<ILoggingEvent> events() {
        return List.copyOf(appender.list);
    }

    /** The messages that hold the text. */
    public List<String> with(String text) {
        return events().stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(message -> message.contains(text))
                .toList();
    }

    /** As it would be written, with stack traces and thread names. */
    public String everything() {
        StringBuilder all = new StringBuilder();
        for (ILoggingEvent event : events()) {
            all.append(event.getThreadName()).append(' ').append(event.getLoggerName());
            all.append(' ').append(event.getFormattedMessage());
            all.append(' ').append(event.getMDCPropertyMap()).append('\n');
            if (event.getThrowableProxy() != null) {
                all.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        }
        return all.toString();
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        root.setLevel(rootBefore);
        errorHandler.setLevel(errorHandlerBefore);
        appender.stop();
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
