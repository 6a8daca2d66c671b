package dev.stocktake.failure;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log that a page is read or a statement made again, and why, and counts it. */
public final class LogReadAgain implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(LogReadAgain.class);

    private final Explanation explanation;
    private final Retries retries;

    public LogReadAgain(Explanation explanation, Retries retries) {
        this.explanation = explanation;
        this.retries = retries;
    }

    @Override
    public void process(Exchange failed) {
        Exception failure = failed.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        retries.count(failure);
        LOG.warn(
                "Trying again ({} of {}): {}",
                failed.getIn().getHeader(Exchange.REDELIVERY_COUNTER),
                failed.getIn().getHeader(Exchange.REDELIVERY_MAX_COUNTER),
                explanation.of(failure));
    }
}
