package dev.stocktake.log;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** {@code 2024-01-15T03:00:00.000Z WARN  Logger - message}, and of an exception where it was thrown. */
final class LineLayout extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final ThrowableProxyConverter exception = new ThrowableProxyConverter();

    @Override
    public void start() {
        exception.setContext(getContext());
        exception.setOptionList(List.of("short"));
        exception.start();
        super.start();
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        String level = event.getLevel().toString();
        String name = event.getLoggerName();
        return TIME.format(Instant.ofEpochMilli(event.getTimeStamp()))
                + ' '
                + level
                + " ".repeat(Math.max(0, 5 - level.length()))
                + ' '
                + name.substring(name.lastIndexOf('.') + 1)
                + " - "
                + event.getFormattedMessage()
                + System.lineSeparator()
                + exception.convert(event);
    }
}
