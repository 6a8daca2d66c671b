package dev.stocktake.embedded;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.slf4j.LoggerFactory;

/** The logs of the servers in this package: a failure they are told to show is no news. */
final class ServerLogs {
    private static final List<String> LOGGERS = List.of("org.gaul", "org.eclipse.jetty");

    private ServerLogs() {}

    static void off() {
        for (String name : LOGGERS) {
            if (LoggerFactory.getLogger(name) instanceof Logger logger) {
                logger.setLevel(Level.OFF);
            }
        }
    }
}
