package dev.stocktake.failure;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log that a page is read or a statement made again, and why. */
public final class LogReadAgain implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(LogReadAgain.class);

    private final Explanation explanation;

    public LogReadAgain(Explanation explanation) {
        this.explanation = explanation;
    }

    @Override
    public void process(Exchange failed) {
        LOG.warn(
                "Trying again ({} of {}): {}",
                failed.getIn().getHeader(Exchange.REDELIVERY_COUNTER),
                failed.getIn().getHeader(Exchange.REDELIVERY_MAX_COUNTER),
                explanation.of(failed.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class)));
    }
}
